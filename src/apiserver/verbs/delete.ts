// delete: at once, or a mark that finalizers and a grace period act on.
import { conflict, notFound, type GroupResource } from '../../apimachinery/errors/api-error.js';
import { type KubeObject, type Mutable, type Status } from '../../apimachinery/object.js';
import { formatTime } from '../../clock/clock.js';
import type { Kind } from '../../registry/kind.js';
import { StoreError, type Entry } from '../../storage/store.js';
import type { AdmissionRequest } from '../admission/chain.js';
import type { ApiRequest, ObjectResult, RequestOptions, StatusResult } from '../core/api-request.js';
import { strategyContext, type Core } from '../core/core.js';
import { apiErrorOf } from '../core/store-errors.js';
import { asStored, inVersion, reusable } from '../core/versions.js';
import { deleteOptionsOf } from './delete-options.js';
import { finalizersFor, isReadyToGo } from './deletion.js';

export async function deleteObject(core: Core, request: ApiRequest): Promise<ObjectResult | StatusResult> {
  return deleteOne(core, request, deleteOptionsOf(core, request));
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
  const object = inVersion(kind, existing.value);
  const dryRun = options.dryRun === true;
  checkPreconditions(kind, object, options);
  const admission: AdmissionRequest = {
    operation: 'DELETE',
    kind,
    subresource: '',
    namespace,
    name,
    object: undefined,
    old: object,
    user: request.user,
    dryRun,
    warnings: request.warnings,
  };
  await core.admission.admit(admission);
  await core.admission.validate(admission);

  const grace = kind.gracefulDeletion?.gracePeriodSeconds(object, options.gracePeriodSeconds) ?? 0;
  const marked = mark(core, kind, object, grace, finalizersFor(kind, object, options));
  if (isReadyToGo(kind, marked)) {
    if (!dryRun) {
      const last = await store.delete(existing.key, existing.modRevision);
      kind.strategy.reserve?.(undefined, object, strategyContext(core, request)).commit();
      if (kind.deleteReturnsObject)
        return { type: 'object', code: 200, kind, object: gone(marked, object, last.value.metadata.resourceVersion) };
    } else if (kind.deleteReturnsObject) return { type: 'object', code: 200, kind, object };
    return { type: 'status', code: 200, status: deleted(kind, object) };
  }
  if (marked === object) return { type: 'object', code: 200, kind, object, entry: reusable(kind, existing) };
  if (dryRun) return { type: 'object', code: 200, kind, object: marked };
  const entry = await store.update(existing.key, asStored(kind, marked as unknown as Mutable), existing.modRevision);
  return { type: 'object', code: 200, kind, object: inVersion(kind, entry.value), entry: reusable(kind, entry) };
}

/** What is answered for an object that went: with its deletion, if it was marked for one before, and the revision at which it went. */
function gone(marked: KubeObject, object: KubeObject, resourceVersion: string): KubeObject {
  const last = object.metadata.deletionTimestamp === undefined ? object : marked;
  return { ...last, metadata: { ...last.metadata, resourceVersion } };
}

/** The object with its deletion written into it; the object itself when that says nothing new. */
function mark(core: Core, kind: Kind, object: KubeObject, grace: number, finalizers: readonly string[]): KubeObject {
  const { metadata } = object;
  const old = metadata.finalizers ?? [];
  const same = old.length === finalizers.length && finalizers.every((one, index) => one === old[index]);
  const before = metadata.deletionGracePeriodSeconds;
  // A second deletion can only shorten the time that is left.
  const shorter = kind.gracefulDeletion !== undefined && before !== undefined && grace < before;
  if (metadata.deletionTimestamp !== undefined && same && !shorter) return object;
  const start =
    metadata.deletionTimestamp === undefined ? core.clock.now() : Date.parse(metadata.deletionTimestamp) - milliseconds(before ?? 0);
  const draft: Mutable = {
    ...object,
    metadata: {
      ...metadata,
      finalizers: finalizers.length > 0 ? finalizers : undefined,
      ...(metadata.deletionTimestamp === undefined || shorter
        ? {
            deletionTimestamp: formatTime(start + milliseconds(grace)),
            ...(kind.deletionHold === undefined ? { deletionGracePeriodSeconds: grace } : {}),
            ...(kind.generation && metadata.deletionTimestamp === undefined ? { generation: (metadata.generation ?? 0) + 1 } : {}),
          }
        : {}),
    },
  };
  kind.deletionHold?.mark(draft);
  return draft as unknown as KubeObject;
}

/** The real server counts in nanoseconds of 64 bits: longer than 292 years comes round to the other side. */
function milliseconds(seconds: number): number {
  if (seconds < 1e9) return seconds * 1000;
  return Number(BigInt.asIntN(64, BigInt(seconds) * 1_000_000_000n) / 1_000_000n);
}

function checkPreconditions(kind: Kind, object: KubeObject, { preconditions }: RequestOptions): void {
  if (preconditions === undefined) return;
  const { uid, resourceVersion, name } = object.metadata;
  const subject: GroupResource = { group: kind.group, resource: kind.kind };
  if (preconditions.uid !== undefined && preconditions.uid !== uid) {
    throw conflict(
      subject,
      name,
      `the UID in the precondition (${preconditions.uid}) does not match the UID in record (${uid}). The object might have been deleted and then recreated`,
    );
  }
  if (preconditions.resourceVersion !== undefined && preconditions.resourceVersion !== resourceVersion) {
    throw conflict(
      subject,
      name,
      `the ResourceVersion in the precondition (${preconditions.resourceVersion}) does not match the ResourceVersion in record (${resourceVersion}). The object might have been modified`,
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
