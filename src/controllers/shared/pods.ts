// What controllers ask of pods: alive, ready, available.
// https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/
import type { Pod, PodCondition } from '../../../openapi/types/core.v1.js';

export function podCondition(pod: Pod, type: string): PodCondition | undefined {
  return pod.status.conditions?.find((condition) => condition.type === type);
}

export function isPodReady(pod: Pod): boolean {
  return podCondition(pod, 'Ready')?.status === 'True';
}

/** Succeeded or Failed: it will not run again. */
export function isPodTerminal(pod: Pod): boolean {
  const { phase } = pod.status;
  return phase === 'Succeeded' || phase === 'Failed';
}

/** Neither finished nor being deleted. */
export function isPodActive(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp === undefined && !isPodTerminal(pod);
}

/**
 * Milliseconds until the pod counts as available: 0 when it does, undefined when it is not ready (so nobody can say).
 * @param now milliseconds since the epoch
 */
export function untilAvailable(pod: Pod, minReadySeconds: number, now: number): number | undefined {
  const ready = podCondition(pod, 'Ready');
  if (ready?.status !== 'True') return undefined;
  if (minReadySeconds === 0) return 0;
  if (ready.lastTransitionTime === undefined) return undefined;
  return Math.max(0, Date.parse(ready.lastTransitionTime) + minReadySeconds * 1000 - now);
}

/** Milliseconds until the next of the pods becomes available by the passing of time; undefined when none will. */
export function untilNextAvailable(pods: readonly Pod[], minReadySeconds: number, now: number): number | undefined {
  if (minReadySeconds === 0) return undefined;
  let next: number | undefined;
  for (const pod of pods) {
    const wait = untilAvailable(pod, minReadySeconds, now);
    if (wait !== undefined && wait > 0 && (next === undefined || wait < next)) next = wait;
  }
  return next;
}

/** The pod's addresses; none before it has one. */
export function podAddresses({ status }: Pod): readonly string[] {
  if (status.podIPs !== undefined && status.podIPs.length > 0) return status.podIPs.map(({ ip }) => ip);
  return status.podIP === undefined || status.podIP === '' ? [] : [status.podIP];
}

/** The conditions with this one put in the place of the one of its type, or at the end. */
export function withCondition(conditions: readonly PodCondition[] | undefined, condition: PodCondition): PodCondition[] {
  const all = conditions ?? [];
  const known = all.findIndex(({ type }) => type === condition.type);
  return known < 0 ? [...all, condition] : all.map((one, index) => (index === known ? condition : one));
}
