// delete: at once, or a mark that finalizers and a grace period act on.
import { conflict, notFound } from '../../apimachinery/errors/api-error.js';
import { type KubeObject, type Mutable, type Status } from '../../apimachinery/object.js';
import type { Kind } from '../../registry/kind.js';
import { StoreError, type Entry } from '../../storage/store.js';
import type { AdmissionRequest } from '../admission/chain.js';
import type { ApiRequest, ObjectResult, RequestOptions, StatusResult } from '../core/api-request.js';
import { strategyContext, type Core } from '../core/core.js';
import { apiErrorOf } from '../core/store-errors.js';
import { inVersion, prepared, reusable, storedForm } from '../core/versions.js';
import { deleteOptionsOf } from './delete-options.js';
import { isReadyToGo, markDeleted } from './deletion.js';

export async function deleteObject(core: Core, request: ApiRequest): Promise<ObjectResult | StatusResult> {
  const options = deleteOptionsOf(core, request);
  warnOfOrphans(request, options);
  return deleteOne(core, request, options);
}

/** Some kinds leave their dependents when nobody says what becomes of them, and say so. */
export function warnOfOrphans({ kind, warnings }: ApiRequest, { propagationPolicy, orphanDependents }: RequestOptions): void {
  const { deletionWarning } = kind.strategy;
  if (deletionWarning !== undefined && propagationPolicy === undefined && orphanDependents === undefined) warnings.push(deletionWarning);
}

/** Deletes one object; the name is the request's. */
export async function deleteOne(core: Core, request: ApiRequest, options: RequestOptions): Promise<ObjectResult | StatusResult> {
  const { kind, namespace, name } = request;
  const storage = core.storages.of(kind);
  for (;;) {
    let existing: Entry<KubeObject> | undefined;
    try {
      existing = await storage.get(namespace, name);
      if (existing === undefined) throw notFound(kind, name);
      return await attempt(core, request, options, existing);
    } catch (error) {
      // Another writer came between: look again, the preconditions are checked anew.
      if (error instanceof StoreError && (error.code === 'conflict' || error.code === 'missing')) continue;
      throw apiErrorOf(error, kind, name);
    }
  }
}

async function attempt(
  core: Core,
  request: ApiRequest,
  options: RequestOptions,
  existing: Entry<KubeObject>,
): Promise<ObjectResult | StatusResult> {
  const { kind, namespace, name } = request;
  const { store } = core.storages.of(kind);
  await prepared(kind, [existing.value]);
  const object = inVersion(kind, existing.value);
  const dryRun = options.dryRun === true;
  checkPreconditions(kind, object, options);
  const admission: AdmissionRequest = {
    operation: 'DELETE',
    kind,
    subresource: '',
    namespace,
    // One of a collection was not named.
    name: request.verb === 'deletecollection' ? '' : name,
    object: undefined,
    old: object,
    user: request.user,
    dryRun,
    options,
    warnings: request.warnings,
    audit: request.audit,
  };
  // An eviction was admitted as such.
  if (request.verb !== 'create') {
    await core.admission.admit(admission);
    await core.admission.validate(admission);
  }

  const marked = markDeleted(kind, object, options, core.clock.now());
  if (isReadyToGo(kind, marked)) {
    if (dryRun) return answerGone(kind, object, marked);
    // Who goes gracefully is seen to be going, even at once.
    const last = kind.gracefulDeletion === undefined || marked === object ? existing : await put(core, kind, existing, marked);
    const { value } = await store.delete(last.key, last.modRevision);
    await (await kind.strategy.reserve?.(undefined, object, strategyContext(core, request)))?.commit();
    return answerGone(kind, object, marked, value.metadata.resourceVersion);
  }
  // A client that has dependents deleted is told that this goes on.
  const code = options.orphanDependents === false ? 202 : 200;
  if (marked === object) return { type: 'object', code, kind, object, entry: reusable(kind, existing) };
  if (dryRun) return { type: 'object', code, kind, object: marked };
  const entry = await put(core, kind, existing, marked);
  return { type: 'object', code, kind, object: inVersion(kind, entry.value), entry: reusable(kind, entry) };
}

async function put(core: Core, kind: Kind, existing: Entry<KubeObject>, marked: KubeObject): Promise<Entry<KubeObject>> {
  const { store } = core.storages.of(kind);
  const entry = await store.update(existing.key, await storedForm(kind, marked as unknown as Mutable), existing.modRevision);
  await prepared(kind, [entry.value]);
  return entry;
}

/**
 * What is said of an object that went: a Status, or the object, with its deletion if that was ever seen, and the revision at which it went
 * (none when nothing was done).
 */
function answerGone(kind: Kind, object: KubeObject, marked: KubeObject, resourceVersion?: string): ObjectResult | StatusResult {
  if (!kind.deleteReturnsObject) return { type: 'status', code: 200, status: deleted(kind, object) };
  const last = kind.gracefulDeletion === undefined && object.metadata.deletionTimestamp === undefined ? object : marked;
  if (resourceVersion === undefined) return { type: 'object', code: 200, kind, object: last };
  return { type: 'object', code: 200, kind, object: { ...last, metadata: { ...last.metadata, resourceVersion } } };
}

function checkPreconditions(kind: Kind, object: KubeObject, { preconditions }: RequestOptions): void {
  if (preconditions === undefined) return;
  const { metadata } = object;
  for (const [field, shown, what] of [
    ['uid', 'UID', 'deleted and then recreated'],
    ['resourceVersion', 'ResourceVersion', 'modified'],
  ] as const) {
    const asked = preconditions[field];
    const there = metadata[field];
    if (asked === undefined || asked === there) continue;
    // A kind with a hold of its own is compared by a part of the real server that words it otherwise.
    if (kind.deletionHold !== undefined)
      throw conflict(kind, metadata.name, `Precondition failed: ${shown} in precondition: ${asked}, ${shown} in object meta: ${there}`);
    throw conflict(
      { group: (kind.conversion?.storedAs ?? kind).group, resource: kind.kind },
      metadata.name,
      `the ${shown} in the precondition (${asked}) does not match the ${shown} in record (${there}). The object might have been ${what}`,
    );
  }
}

function deleted(kind: Kind, object: KubeObject): Status {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: {
      name: object.metadata.name,
      ...(kind.group === '' ? {} : { group: kind.group }),
      kind: kind.resource,
      uid: object.metadata.uid,
    },
  };
}
