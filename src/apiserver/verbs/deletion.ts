// When a deleted object may go, and what keeps it. https://kubernetes.io/docs/concepts/architecture/garbage-collection/
import type { KubeObject } from '../../apimachinery/object.js';
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

/** The finalizers after a DELETE with these options: the two of the garbage collector come and go by the propagation policy. */
export function finalizersFor(kind: Kind, object: KubeObject, options: RequestOptions): readonly string[] {
  const present = object.metadata.finalizers ?? [];
  const policy = policyOf(options);
  const orphan =
    policy === undefined
      ? present.includes(orphanFinalizer) || (kind.orphansByDefault && !present.includes(foregroundFinalizer))
      : policy === 'Orphan';
  const foreground = policy === undefined ? present.includes(foregroundFinalizer) : policy === 'Foreground';
  const rest = present.filter((one) => one !== orphanFinalizer && one !== foregroundFinalizer);
  if (orphan) rest.push(orphanFinalizer);
  if (foreground) rest.push(foregroundFinalizer);
  return rest;
}

function policyOf({ propagationPolicy, orphanDependents }: RequestOptions): string | undefined {
  if (propagationPolicy !== undefined) return propagationPolicy;
  return orphanDependents === undefined ? undefined : orphanDependents ? 'Orphan' : 'Background';
}
