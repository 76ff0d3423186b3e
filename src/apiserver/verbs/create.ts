// create: a new object. https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-operations
import { ApiError, isReason } from '../../apimachinery/errors/api-error.js';
import { invalidObject } from '../../apimachinery/errors/field-error.js';
import type { KubeObject, Mutable } from '../../apimachinery/object.js';
import { isKnownLong, isLong } from '../../apimachinery/schema/weigh.js';
import type { AdmissionRequest } from '../admission/chain.js';
import type { ApiRequest, ObjectResult } from '../core/api-request.js';
import { strategyContext, type Core } from '../core/core.js';
import { asObject, decodeDraft, isLongBody, metadataOf } from '../core/decode.js';
import { keepManagedFieldsWork } from '../core/managers.js';
import { generateName, initialMetadata, metadataErrors, settleNamespace, settleOwners, wipeMetadata } from '../core/metadata.js';
import { checkSize } from '../core/object-size.js';
import { apiErrorOf } from '../core/store-errors.js';
import { inVersion, prepared, reusable, storedForm } from '../core/versions.js';
import { rulesOf, turnOf, turnToTheEnd, workOf } from './turns.js';

/** How often a generated name that is taken is made anew. */
const nameTries = 8;

export async function create(core: Core, request: ApiRequest): Promise<ObjectResult> {
  const turn = turnOf(request);
  const decoded = workOf(request, decodeDraft(core, request));
  const draft = decoded instanceof Promise ? await decoded : decoded;
  settleOwners(metadataOf(draft), request.warnings, false);
  const pause = turn.over();
  if (pause !== undefined) await pause;
  return createDraft(core, request, draft, false);
}

/** The rest of a create, for a draft that is decoded and has its defaults. `managed`: its managedFields are kept already (apply). */
export async function createDraft(core: Core, request: ApiRequest, draft: Mutable, managed: boolean): Promise<ObjectResult> {
  const { kind } = request;
  const metadata = metadataOf(draft);
  settleNamespace(kind, metadata, request.namespace);
  wipeMetadata(metadata, request.options.dryRun === true);
  // Mutating admission does not see a generated name, only what it begins with.
  const asked = [metadata['name'], metadata['generateName']].find((name): name is string => typeof name === 'string' && name !== '') ?? '';
  const admission = await admitted(core, request, draft, metadata, managed, asked);
  for (let tries = 1; ; tries++) {
    const generated = generateName(core, metadata);
    initialMetadata(core, kind, metadata);
    try {
      // Validating admission sees it.
      return await store(core, request, generated ? { ...admission, name: metadata['name'] as string } : admission);
    } catch (error) {
      if (!isReason(error, 'AlreadyExists') || isUnset(metadata['generateName'])) throw error;
      if (!generated || tries === nameTries) throw noUniqueName(error);
      delete metadata['name'];
    }
  }
}

function isUnset(value: unknown): boolean {
  return typeof value !== 'string' || value === '';
}

/** What a client hears whose object has a `generateName`: that another try may do, even when it named the object itself. */
function noUniqueName({ status, message }: ApiError): ApiError {
  const why = `${message}, the server was not able to generate a unique name for the object`;
  return new ApiError(409, 'AlreadyExists', why, { ...status.details, retryAfterSeconds: 1 }, { 'Retry-After': '1' });
}

/** The request as admission sees it, after mutating admission. */
async function admitted(
  core: Core,
  request: ApiRequest,
  draft: Mutable,
  metadata: Mutable,
  managed: boolean,
  name: string,
): Promise<AdmissionRequest> {
  const { kind, namespace, options } = request;
  const admission: AdmissionRequest = {
    operation: 'CREATE',
    kind,
    subresource: request.subresource,
    namespace,
    name,
    object: draft,
    old: undefined,
    user: request.user,
    dryRun: options.dryRun === true,
    options,
    warnings: request.warnings,
    audit: request.audit,
  };
  // What admission adds belongs to nobody.
  const turn = turnOf(request);
  if (!managed) {
    const kept = workOf(request, keepManagedFieldsWork(core, request, draft, metadata, undefined, isLongBody(request)));
    if (kept instanceof Promise) await kept;
  }
  const pause = turn.over();
  if (pause !== undefined) await pause;
  const admitting = core.admission.admit(admission);
  if (admitting !== undefined) {
    await admitting;
    // Webhooks may have taken long: who asked may be gone.
    const late = turn.over();
    if (late !== undefined) await late;
    // What they made of it may be long though the body was not: it is remembered.
    isLong(draft);
  }
  settleOwners(metadata, request.warnings, true);
  return admission;
}

async function store(core: Core, request: ApiRequest, admission: AdmissionRequest): Promise<ObjectResult> {
  const { kind, options } = request;
  const draft = admission.object!;
  const { strategy } = kind;
  const context = strategyContext(core, request);
  strategy.prepareForCreate?.(draft, context);
  const object = asObject(draft);
  const long = isKnownLong(object);
  const checked = rulesOf(request, () => metadataErrors(kind, object), long);
  const metadataProblems = checked instanceof Promise ? await checked : checked;
  // What is taken comes before the other rules, so that its errors come alone.
  const takes = metadataProblems.length === 0 && request.subresource === '';
  const taking = takes ? strategy.reserve?.(draft, undefined, context) : undefined;
  const reservation = taking === undefined ? undefined : await taking;
  try {
    if (reservation !== undefined && reservation.errors.length > 0) throw invalidObject(kind, object.metadata.name, reservation.errors);
    const turn = turnOf(request);
    const ahead = strategy.validateAhead?.(object, undefined, '');
    if (ahead !== undefined) await ahead;
    const ofCreate = rulesOf(request, () => strategy.validateCreate?.(object) ?? [], long);
    const broken = ofCreate instanceof Promise ? await ofCreate : ofCreate;
    const pause = turn.over();
    if (pause !== undefined) await pause;
    const ofKind = rulesOf(request, () => strategy.validate?.(object) ?? [], long);
    const errors = [...metadataProblems, ...broken, ...(ofKind instanceof Promise ? await ofKind : ofKind)];
    if (errors.length > 0) throw invalidObject(kind, object.metadata.name ?? '', errors);
    // They are told also to whom admission refuses the object.
    if (strategy.warnings !== undefined) request.warnings.push(...strategy.warnings(object, undefined));
    const validating = core.admission.validate(admission);
    if (validating !== undefined) await validating;
    const late = turn.over();
    if (late !== undefined) await late;
    const result = await put(core, request, object);
    if (reservation === undefined) return result;
    if (options.dryRun === true) await reservation.rollback();
    else await reservation.commit();
    return result;
  } catch (error) {
    await reservation?.rollback();
    throw apiErrorOf(error, kind, object.metadata.name);
  }
}

async function put(core: Core, request: ApiRequest, object: KubeObject): Promise<ObjectResult> {
  const { kind, namespace } = request;
  const storage = core.storages.of(kind);
  const key = storage.key(namespace, object.metadata.name);
  const form = storedForm(kind, object as unknown as Mutable);
  const stored = form instanceof Promise ? await form : form;
  if (request.options.dryRun === true) {
    if ((await storage.store.get(key)) !== undefined) await storage.store.create(key, stored);
    return { type: 'object', code: 201, kind, object };
  }
  const turn = turnOf(request);
  const checked = workOf(request, checkSize(request, stored));
  if (checked instanceof Promise) await checked;
  const pause = turn.over();
  if (pause !== undefined) await pause;
  // From here on it is there, whoever is gone: what was taken for it stays taken.
  const answering = turnToTheEnd(request);
  const entry = await storage.store.create(key, stored);
  const late = answering.over();
  if (late !== undefined) await late;
  const preparing = prepared(kind, [entry.value]);
  if (preparing !== undefined) await preparing;
  return { type: 'object', code: 201, kind, object: inVersion(kind, entry.value), entry: reusable(kind, entry) };
}
