// create: a new object. https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-operations
import { isReason } from '../../apimachinery/errors/api-error.js';
import { invalidObject } from '../../apimachinery/errors/field-error.js';
import type { KubeObject, Mutable } from '../../apimachinery/object.js';
import type { AdmissionRequest } from '../admission/chain.js';
import type { ApiRequest, ObjectResult } from '../core/api-request.js';
import { strategyContext, type Core } from '../core/core.js';
import { asObject, decodeDraft, metadataOf } from '../core/decode.js';
import { keepManagedFields } from '../core/managers.js';
import { generateName, initialMetadata, metadataErrors, settleNamespace } from '../core/metadata.js';
import { apiErrorOf } from '../core/store-errors.js';
import { asStored, inVersion, reusable } from '../core/versions.js';

/** How often a generated name that is taken is made anew. */
const nameTries = 8;

export async function create(core: Core, request: ApiRequest): Promise<ObjectResult> {
  const draft = decodeDraft(core, request);
  return createDraft(core, request, draft, false);
}

/** The rest of a create, for a draft that is decoded and has its defaults. `managed`: its managedFields are kept already (apply). */
export async function createDraft(core: Core, request: ApiRequest, draft: Mutable, managed: boolean): Promise<ObjectResult> {
  const { kind } = request;
  const metadata = metadataOf(draft);
  settleNamespace(kind, metadata, request.namespace);
  initialMetadata(core, kind, metadata);
  for (let tries = 1; ; tries++) {
    const generated = generateName(core, metadata);
    try {
      return await store(core, request, draft, metadata, managed);
    } catch (error) {
      if (!generated || tries === nameTries || !isReason(error, 'AlreadyExists')) throw error;
      delete metadata['name'];
    }
  }
}

async function store(core: Core, request: ApiRequest, draft: Mutable, metadata: Mutable, managed: boolean): Promise<ObjectResult> {
  const { kind, namespace, options } = request;
  const { strategy } = kind;
  const context = strategyContext(core, request);
  const admission: AdmissionRequest = {
    operation: 'CREATE',
    kind,
    subresource: request.subresource,
    namespace,
    name: typeof metadata['name'] === 'string' ? metadata['name'] : '',
    object: draft,
    old: undefined,
    user: request.user,
    dryRun: options.dryRun === true,
    warnings: request.warnings,
  };
  // What admission adds belongs to nobody.
  if (!managed) keepManagedFields(core, request, draft, metadata, undefined);
  await core.admission.admit(admission);
  strategy.prepareForCreate?.(draft, context);
  const object = asObject(draft);
  const errors = [...metadataErrors(kind, object), ...(strategy.validateCreate?.(object) ?? []), ...(strategy.validate?.(object) ?? [])];
  if (errors.length > 0) throw invalidObject(kind, object.metadata.name ?? '', errors);
  await core.admission.validate(admission);
  if (strategy.warnings !== undefined) request.warnings.push(...strategy.warnings(object, undefined));

  const reservation = strategy.reserve?.(draft, undefined, context);
  if (reservation !== undefined && reservation.errors.length > 0) {
    reservation.rollback();
    throw invalidObject(kind, object.metadata.name, reservation.errors);
  }
  try {
    const result = await put(core, request, object);
    if (options.dryRun === true) reservation?.rollback();
    else reservation?.commit();
    return result;
  } catch (error) {
    reservation?.rollback();
    throw apiErrorOf(error, kind, object.metadata.name);
  }
}

async function put(core: Core, request: ApiRequest, object: KubeObject): Promise<ObjectResult> {
  const { kind, namespace } = request;
  const storage = core.storages.of(kind);
  const key = storage.key(namespace, object.metadata.name);
  const stored = asStored(kind, object as unknown as Mutable);
  if (request.options.dryRun === true) {
    if ((await storage.store.get(key)) !== undefined) await storage.store.create(key, stored);
    return { type: 'object', code: 201, kind, object };
  }
  const entry = await storage.store.create(key, stored);
  return { type: 'object', code: 201, kind, object: inVersion(kind, entry.value), entry: reusable(kind, entry) };
}
