// What a job knows of its pods: whether they are still to be counted, their index, and how often the index has failed before.
// https://kubernetes.io/docs/reference/labels-annotations-taints/#batch-kubernetes-io-job-completion-index
import type { Pod } from '../../../openapi/types/core.v1.js';

/** On every pod of a job until it has been counted, so that none ends unseen. */
export const trackingFinalizer = 'batch.kubernetes.io/job-tracking';
/** The annotation, and the label of the same name. */
export const completionIndex = 'batch.kubernetes.io/job-completion-index';
export const indexFailures = 'batch.kubernetes.io/job-index-failure-count';
export const ignoredIndexFailures = 'batch.kubernetes.io/job-index-ignored-failure-count';

export function hasTrackingFinalizer({ metadata }: Pod): boolean {
  return metadata.finalizers?.includes(trackingFinalizer) ?? false;
}

/** The pod's completion index; undefined when it has none. */
export function indexOf(pod: Pod): number | undefined {
  return numberAt(pod, completionIndex);
}

/** How often the pod's index had failed before it, counted and ignored. */
export function failuresBefore(pod: Pod): { readonly counted: number; readonly ignored: number } {
  return { counted: numberAt(pod, indexFailures) ?? 0, ignored: numberAt(pod, ignoredIndexFailures) ?? 0 };
}

function numberAt({ metadata }: Pod, annotation: string): number | undefined {
  const text = metadata.annotations?.[annotation];
  return text !== undefined && /^[0-9]{1,10}$/.test(text) ? Number(text) : undefined;
}

/** Milliseconds since the epoch when a pod ended: its last container's end, or when its deletion was asked for, or when it lost its readiness. */
export function finishTime({ metadata, status }: Pod, now: number): number {
  let last: number | undefined;
  for (const { state } of [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])]) {
    const finished = state?.terminated?.finishedAt;
    if (finished !== undefined && finished !== null) last = Math.max(last ?? 0, Date.parse(finished));
  }
  if (last !== undefined) return last;
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = metadata;
  if (deletionTimestamp !== undefined) return Date.parse(deletionTimestamp) - deletionGracePeriodSeconds * 1000;
  const ready = status.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime;
  return ready === undefined ? now : Date.parse(ready);
}
