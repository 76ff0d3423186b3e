// The status of a set: how many pods there are, ready, available, and of which revision.
import type { StatefulSet, StatefulSetStatus } from '../../../openapi/types/apps.v1.js';
import type { Pod } from '../../../openapi/types/core.v1.js';
import { deepEqual } from '../../apimachinery/equality.js';
import { isPodReady, untilAvailable } from '../shared/pods.js';
import { replicasOf, revisionOf } from './identity.js';

/** A status that is being worked out. */
export interface Tally {
  replicas: number;
  readyReplicas: number;
  availableReplicas: number;
  currentReplicas: number;
  updatedReplicas: number;
  currentRevision: string;
  readonly updateRevision: string;
  readonly collisionCount: number;
  readonly observedGeneration: number;
}

export function isRunningAndReady(pod: Pod): boolean {
  return pod.status.phase === 'Running' && isPodReady(pod);
}

export function isAvailable(pod: Pod, set: StatefulSet, now: number): boolean {
  return pod.status.phase === 'Running' && untilAvailable(pod, set.spec.minReadySeconds ?? 0, now) === 0;
}

/** Counts the pods as they are now: those that are being deleted are replicas still, but of no revision. */
export function tally(
  set: StatefulSet,
  pods: readonly Pod[],
  revisions: { readonly current: string; readonly update: string; readonly collisions: number },
  now: number,
): Tally {
  const counted: Tally = {
    replicas: pods.length,
    readyReplicas: 0,
    availableReplicas: 0,
    currentReplicas: 0,
    updatedReplicas: 0,
    currentRevision: revisions.current,
    updateRevision: revisions.update,
    collisionCount: revisions.collisions,
    observedGeneration: set.metadata.generation ?? 0,
  };
  for (const pod of pods) {
    if (isRunningAndReady(pod)) {
      counted.readyReplicas++;
      if (isAvailable(pod, set, now)) counted.availableReplicas++;
    }
    if (pod.metadata.deletionTimestamp !== undefined) continue;
    const revision = revisionOf(pod);
    if (revision === revisions.current) counted.currentReplicas++;
    if (revision === revisions.update) counted.updatedReplicas++;
  }
  return counted;
}

/** When every pod is of the new revision and ready, it becomes the current one. */
function completed(set: StatefulSet, counted: Tally): Tally {
  const { updatedReplicas, readyReplicas } = counted;
  const wanted = replicasOf(set);
  if (set.spec.updateStrategy.type !== 'RollingUpdate' || updatedReplicas !== wanted || readyReplicas !== wanted) return counted;
  return { ...counted, currentReplicas: updatedReplicas, currentRevision: counted.updateRevision };
}

/** The status to write; undefined when the set has it. */
export function statusToWrite(set: StatefulSet, counted: Tally): StatefulSetStatus | undefined {
  const { readyReplicas, currentReplicas, updatedReplicas, ...always } = completed(set, counted);
  const { conditions } = set.status;
  const status = {
    ...always,
    // Zeroes are left out, as the server shows them.
    ...(readyReplicas > 0 ? { readyReplicas } : {}),
    ...(currentReplicas > 0 ? { currentReplicas } : {}),
    ...(updatedReplicas > 0 ? { updatedReplicas } : {}),
    ...(conditions === undefined ? {} : { conditions }),
  };
  return deepEqual(status, set.status) ? undefined : status;
}
