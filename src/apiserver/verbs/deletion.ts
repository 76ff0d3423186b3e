// When a deleted object may go, and what keeps it. https://kubernetes.io/docs/concepts/architecture/garbage-collection/
import type { KubeObject, Mutable } from '../../apimachinery/object.js';
import { formatTime } from '../../clock/clock.js';
import type { RequestOptions } from '../core/api-request.js';
import type { Kind } from '../../registry/kind.js';

export const orphanFinalizer = 'orphan';
export const foregroundFinalizer = 'foregroundDeletion';

/** Whether nothing keeps an object that has a deletionTimestamp: no finalizer, no grace left, no hold of its kind's own. */
export function isReadyToGo(kind: Kind, object: KubeObject): boolean {
  const { finalizers, deletionGracePeriodSeconds: grace } = object.metadata;
  if (finalizers !== undefined && finalizers.length > 0) return false;
  if (grace !== undefined && grace > 0) return false;
  return !(kind.deletionHold?.held(object) ?? false);
}

/**
 * The finalizers after a DELETE with these options: the two of the garbage collector come and go by the propagation policy. The object's own
 * list when it stays the same.
 */
export function finalizersFor(kind: Kind, object: KubeObject, options: RequestOptions): readonly string[] {
  const present = object.metadata.finalizers ?? [];
  const policy = policyOf(kind, options);
  const orphan =
    policy === undefined
      ? present.includes(orphanFinalizer) || (kind.orphansByDefault && !present.includes(foregroundFinalizer))
      : policy === 'Orphan';
  const foreground = policy === undefined ? present.includes(foregroundFinalizer) : policy === 'Foreground';
  if (orphan === present.includes(orphanFinalizer) && foreground === present.includes(foregroundFinalizer)) return present;
  const rest = present.filter((one) => one !== orphanFinalizer && one !== foregroundFinalizer);
  if (orphan) rest.push(orphanFinalizer);
  if (foreground) rest.push(foregroundFinalizer);
  return rest;
}

function policyOf(kind: Kind, { propagationPolicy, orphanDependents }: RequestOptions): string | undefined {
  if (propagationPolicy !== undefined || orphanDependents === undefined) return propagationPolicy;
  if (orphanDependents) return 'Orphan';
  // The real server has a namespace's dependents go before it then.
  return kind.deletionHold === undefined ? 'Background' : 'Foreground';
}

/** The object with its deletion written into it; the object itself when that says nothing new. `now` in milliseconds since the epoch. */
export function markDeleted(kind: Kind, object: KubeObject, options: RequestOptions, now: number): KubeObject {
  return object.metadata.deletionTimestamp === undefined
    ? markFirst(kind, object, options, now)
    : markAgain(kind, object, object.metadata.deletionTimestamp, options, now);
}

function markFirst(kind: Kind, object: KubeObject, options: RequestOptions, now: number): KubeObject {
  const { metadata } = object;
  const grace = kind.gracefulDeletion?.gracePeriodSeconds(object, options.gracePeriodSeconds) ?? 0;
  const draft: Mutable = {
    ...object,
    metadata: {
      ...metadata,
      ...finalizersOf(finalizersFor(kind, object, options)),
      deletionTimestamp: formatTime(now + milliseconds(grace)),
      ...(kind.deletionHold === undefined ? { deletionGracePeriodSeconds: grace } : {}),
      ...(kind.generation && kind.deletionHold === undefined ? { generation: (metadata.generation ?? 0) + 1 } : {}),
    },
  };
  kind.deletionHold?.mark(draft);
  return draft as unknown as KubeObject;
}

/** A deletion of what is being deleted can only shorten the time that is left, or say otherwise what becomes of dependents. */
function markAgain(kind: Kind, object: KubeObject, deletionTimestamp: string, options: RequestOptions, now: number): KubeObject {
  // What a hold keeps is told only once.
  if (kind.deletionHold !== undefined) return kind.deletionHold.again?.(object) ?? object;
  const { metadata } = object;
  const before = metadata.deletionGracePeriodSeconds ?? 0;
  const asked = options.gracePeriodSeconds === undefined ? before : options.gracePeriodSeconds < 0 ? 1 : options.gracePeriodSeconds;
  const shorter = kind.gracefulDeletion !== undefined && asked < before;
  // While its time runs, an object takes nothing else from a deletion.
  if (before > 0 && !shorter) return object;
  const finalizers = finalizersFor(kind, object, options);
  if (!shorter && finalizers === (metadata.finalizers ?? finalizers)) return object;
  const start = Date.parse(deletionTimestamp) - milliseconds(before);
  const draft: Mutable = {
    ...object,
    metadata: {
      ...metadata,
      ...finalizersOf(finalizers),
      ...(shorter ? { deletionTimestamp: formatTime(Math.max(start + milliseconds(asked), now)), deletionGracePeriodSeconds: asked } : {}),
    },
  };
  return draft as unknown as KubeObject;
}

function finalizersOf(finalizers: readonly string[]): { finalizers: readonly string[] | undefined } {
  return { finalizers: finalizers.length > 0 ? finalizers : undefined };
}

/** The real server counts in nanoseconds of 64 bits: longer than 292 years comes round to the other side. */
function milliseconds(seconds: number): number {
  if (seconds < 1e9) return seconds * 1000;
  return Number(BigInt.asIntN(64, BigInt(seconds) * 1_000_000_000n) / 1_000_000n);
}
