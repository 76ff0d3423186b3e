// The common part of update and patch: read, change, check, write; again when another writer came between.
import { conflict, modified, notFound } from '../../apimachinery/errors/api-error.js';
import { invalidObject, type FieldError } from '../../apimachinery/errors/field-error.js';
import { deepEqual } from '../../apimachinery/equality.js';
import { isSameButForTimesWork } from '../../apimachinery/managedfields/update.js';
import type { KubeObject, Mutable } from '../../apimachinery/object.js';
import type { Turn, Work } from '../../clock/slices.js';
import { StoreError, type Entry } from '../../storage/store.js';
import type { AdmissionRequest, ObjectForm } from '../admission/chain.js';
import type { ApiRequest, ObjectResult } from '../core/api-request.js';
import { strategyContext, type Core } from '../core/core.js';
import { longText } from '../../apimachinery/codec/json.js';
import { asObject, isLongBody, metadataOf } from '../core/decode.js';
import { keepManagedFieldsWork } from '../core/managers.js';
import {
  metadataErrors,
  metadataUpdateErrors,
  requireVersion,
  settleNamespace,
  settleOwners,
  settleReplacement,
} from '../core/metadata.js';
import { checkSize } from '../core/object-size.js';
import { apiErrorOf } from '../core/store-errors.js';
import { inVersion, prepared, reusable, storedForm } from '../core/versions.js';
import { subresourceUpdates } from '../subresources/updates.js';
import { contentChanged } from './content-changed.js';
import { isReadyToGo } from './deletion.js';
import { draftAsItWas, isRightStill } from './repetition.js';
import { rulesOf, turnOf, workOf } from './turns.js';

export interface Change {
  /** The draft to write, decoded and with defaults; the old object itself when nothing changes. Called again for each try. */
  draft(old: KubeObject, long: boolean): Work<Mutable | KubeObject>;
  /** What to do when there is no such object; absent: 404. */
  missing?(): Promise<ObjectResult>;
  /** The draft's managedFields are kept already (apply). */
  readonly managed?: boolean;
  /** A replacement (PUT), which some kinds take only with a resourceVersion. */
  readonly replacement?: boolean;
  /** Admission sees the object in this form. */
  readonly form?: ChangeForm;
}

/** Another form of the object, in which it is asked for and answered: its Scale. */
export interface ChangeForm extends ObjectForm {
  /** Of the draft or of the old object; fresh each time. */
  shown(object: KubeObject): Mutable;
  /** Takes over into the draft what admission has made of what was shown. */
  taken(draft: Mutable, shown: Mutable): void;
}

export async function write(core: Core, request: ApiRequest, change: Change): Promise<ObjectResult> {
  const { kind, namespace, name } = request;
  const storage = core.storages.of(kind);
  // Tried until it is done: whoever was faster has got on, so somebody always does.
  for (;;) {
    const existing = await storage.get(namespace, name).catch((error: unknown) => {
      throw apiErrorOf(error, kind, name);
    });
    if (existing === undefined) {
      if (change.missing !== undefined) return change.missing();
      throw notFound(kind, name);
    }
    const preparing = prepared(kind, [existing.value]);
    if (preparing !== undefined) await preparing;
    const old = inVersion(kind, existing.value);
    const turn = turnOf(request);
    const long = isLongBody(request) || (request.body !== undefined && 'bytes' in request.body && existing.bytes().byteLength >= longText);
    const made = workOf(request, change.draft(old, long), long);
    const wanted = made instanceof Promise ? await made : made;
    const pause = turn.over();
    if (pause !== undefined) await pause;
    const draft = wanted === old ? draftAsItWas(old) : (wanted as Mutable);
    const repeats = wanted === old && isRightStill(kind);
    const metadata = metadataOf(draft);
    const asked = metadata['resourceVersion'];
    const conditional = typeof asked === 'string' && asked !== '' && asked !== '0' && change.replacement === true;
    try {
      return await attemptWrite(core, request, change, { existing, old, draft, metadata, long, repeats });
    } catch (error) {
      if (!(error instanceof StoreError) || (error.code !== 'conflict' && error.code !== 'missing')) throw apiErrorOf(error, kind, name);
      if (conditional) throw conflict(kind, name, modified);
    }
  }
}

function unchanged(request: ApiRequest, existing: Entry<KubeObject>, old: KubeObject): ObjectResult {
  return { type: 'object', code: 200, kind: request.kind, object: old, entry: reusable(request.kind, existing) };
}

/** What one try to write begins with. */
interface Attempt {
  readonly existing: Entry<KubeObject>;
  readonly old: KubeObject;
  readonly draft: Mutable;
  /** The draft's. */
  readonly metadata: Mutable;
  readonly long: boolean;
  /** Whether the draft is as the old object is, which need not be looked at again: {@link isRightStill}. */
  readonly repeats: boolean;
}

async function attemptWrite(core: Core, request: ApiRequest, change: Change, attempt: Attempt): Promise<ObjectResult> {
  const { existing, old, draft, metadata, long, repeats } = attempt;
  const { kind, namespace, name, subresource, options } = request;
  const { strategy } = kind;
  const storage = core.storages.of(kind);
  const context = strategyContext(core, request);
  settleNamespace(kind, metadata, namespace);
  if (change.replacement === true) requireVersion(kind, name, metadata['resourceVersion']);
  const sent = metadata['deletionTimestamp'];
  settleReplacement(kind, metadata, old, name, existing.key, change.replacement === true || subresource === 'scale');

  const dryRun = options.dryRun === true;
  const admission: AdmissionRequest = {
    operation: 'UPDATE',
    kind,
    subresource,
    namespace,
    name,
    object: change.form === undefined ? draft : change.form.shown(asObject(draft)),
    old: change.form === undefined ? old : (change.form.shown(old) as unknown as KubeObject),
    form: change.form,
    user: request.user,
    dryRun,
    options,
    warnings: request.warnings,
    audit: request.audit,
  };
  const turn = turnOf(request);
  if (change.managed !== true && !repeats) {
    const kept = workOf(request, keepBooks(core, request, draft, metadata, old, sent, long), long);
    if (kept instanceof Promise) await kept;
  }
  const pause = turn.over();
  if (pause !== undefined) await pause;
  const admitting = core.admission.admit(admission);
  if (admitting !== undefined) await admitting;
  change.form?.taken(draft, admission.object!);
  if (repeats && deepEqual(draft, old)) {
    if (strategy.warnings !== undefined && !subresourceUpdates.has(subresource)) request.warnings.push(...strategy.warnings(old, old));
    await core.admission.validate(admission);
    return unchanged(request, existing, old);
  }
  settleOwners(metadata, request.warnings, true);
  const special = subresourceUpdates.get(subresource);
  if (special !== undefined) special.prepare(kind, draft, old, context);
  else strategy.prepareForUpdate?.(draft, old, context);
  if (kind.generation && (special === undefined || special.raisesGeneration === true)) {
    const compared = workOf(request, contentChanged(kind, draft, old, long), long);
    if (compared instanceof Promise ? await compared : compared) metadata['generation'] = (old.metadata.generation ?? 0) + 1;
  }

  // What is taken comes before the rules, so that its errors come alone.
  const taking = special === undefined ? strategy.reserve?.(draft, old, context) : undefined;
  const reservation = taking === undefined ? undefined : await taking;
  try {
    if (reservation !== undefined && reservation.errors.length > 0) throw invalidObject(kind, name, reservation.errors);
    await checkChange(core, request, admission, draft, old, turn, long);
    await turn.over();
    const object = asObject(draft);
    // The last finalizer is gone from an object that was to be deleted.
    const goes = old.metadata.deletionTimestamp !== undefined && isReadyToGo(kind, object);
    if (goes && !dryRun) {
      await storage.store.delete(existing.key, existing.modRevision);
      await (await strategy.reserve?.(undefined, old, context))?.commit();
    }
    const compared = workOf(request, isSameButForTimesWork(old, object, long), long);
    const same = compared instanceof Promise ? await compared : compared;
    if (goes || dryRun || same) {
      await reservation?.rollback();
      return goes || !same ? { type: 'object', code: 200, kind, object } : unchanged(request, existing, old);
    }
    const form = storedForm(kind, draft);
    const stored = form instanceof Promise ? await form : form;
    const checked = workOf(request, checkSize(request, stored, existing), long);
    if (checked instanceof Promise) await checked;
    await turn.over();
    const entry = await storage.store.update(existing.key, stored, existing.modRevision);
    await reservation?.commit();
    await prepared(kind, [entry.value]);
    return { type: 'object', code: 200, kind, object: inVersion(kind, entry.value), entry: reusable(kind, entry) };
  } catch (error) {
    await reservation?.rollback();
    throw error;
  }
}

/** The books are kept of what was sent: whoever sends another time of deletion comes to own it, although it is put back. */
function* keepBooks(
  core: Core,
  request: ApiRequest,
  draft: Mutable,
  metadata: Mutable,
  old: KubeObject,
  sent: unknown,
  long: boolean,
): Work<void> {
  const kept = metadata['deletionTimestamp'];
  if (kept === undefined || sent === kept) {
    yield* keepManagedFieldsWork(core, request, draft, metadata, old, long);
    return;
  }
  if (sent === undefined) delete metadata['deletionTimestamp'];
  else metadata['deletionTimestamp'] = sent;
  yield* keepManagedFieldsWork(core, request, draft, metadata, old, long);
  metadata['deletionTimestamp'] = kept;
}

/** The rules and the last word of admission on a draft that is about to be written; throws 422 or what admission throws. */
async function checkChange(
  core: Core,
  request: ApiRequest,
  admission: AdmissionRequest,
  draft: Mutable,
  old: KubeObject,
  turn: Turn,
  long: boolean,
): Promise<void> {
  const { kind, subresource, warnings } = request;
  const { strategy } = kind;
  const object = asObject(draft);
  const special = subresourceUpdates.get(subresource);
  // The real server checks a replacement's metadata twice, for all kinds and for each: clients see each cause as often.
  await strategy.validateAhead?.(object, old, subresource);
  const metadataProblems = metadataUpdateErrors(object, old);
  let errors: readonly FieldError[] = [...metadataProblems, ...metadataProblems];
  const rules =
    special !== undefined
      ? [() => special.validate(kind, object, old)]
      : [
          () => metadataErrors(kind, object),
          () => strategy.validate?.(object, old) ?? [],
          () => strategy.validateUpdate?.(object, old) ?? [],
        ];
  for (const rule of rules) {
    const pause = turn.over();
    if (pause !== undefined) await pause;
    const told = rulesOf(request, rule, long);
    const found = told instanceof Promise ? await told : told;
    if (found.length > 0) errors = [...errors, ...found];
  }
  if (errors.length > 0) throw invalidObject(kind, object.metadata.name, errors);
  await special?.check?.(core, kind, object, old);
  if (strategy.warnings !== undefined && (special === undefined || kind.customSchema !== undefined))
    warnings.push(...strategy.warnings(object, old));
  await core.admission.validate(admission);
}
