// The pods of a daemon set, by the node that each is for.
import type { DaemonSet } from '../../../openapi/types/apps.v1.js';
import type { Pod } from '../../../openapi/types/core.v1.js';
import { resolveShare } from '../shared/shares.js';
import { untilAvailable } from '../shared/pods.js';
import { hashLabel } from './pod-draft.js';
import { targetNode } from './placement.js';

export type NodePods = ReadonlyMap<string, readonly Pod[]>;

export function podsByNode(pods: readonly Pod[]): NodePods {
  const byNode = new Map<string, Pod[]>();
  for (const pod of pods) {
    const node = targetNode(pod);
    if (node === undefined) continue;
    const here = byNode.get(node);
    if (here === undefined) byNode.set(node, [pod]);
    else here.push(pod);
  }
  return byNode;
}

/** What a look at a daemon set knows of its pods. */
export interface PodFacts {
  /** Of the present template. */
  isUpdated(pod: Pod): boolean;
  isAvailable(pod: Pod): boolean;
}

/** @param hash the hash of the present template's revision */
export function podFacts({ spec }: DaemonSet, hash: string, now: number): PodFacts {
  const minReadySeconds = spec.minReadySeconds ?? 0;
  return {
    isUpdated: (pod) => pod.metadata.labels?.[hashLabel] === hash,
    isAvailable: (pod) => untilAvailable(pod, minReadySeconds, now) === 0,
  };
}

export function isTerminating(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp !== undefined;
}

/** How far a rolling update may go; both are 0 when there is none. https://kubernetes.io/docs/tasks/manage-daemon/update-daemon-set/ */
export interface Limits {
  readonly maxSurge: number;
  readonly maxUnavailable: number;
}

/** @param desired how many nodes should have a pod: shares are of them, and rounded up */
export function updateLimits({ spec }: DaemonSet, desired: number): Limits {
  const { type, rollingUpdate } = spec.updateStrategy;
  if (type !== 'RollingUpdate') return { maxSurge: 0, maxUnavailable: 0 };
  const maxSurge = resolveShare(rollingUpdate?.maxSurge, desired, Math.ceil);
  const maxUnavailable = resolveShare(rollingUpdate?.maxUnavailable ?? 1, desired, Math.ceil);
  return { maxSurge, maxUnavailable: maxSurge === 0 && maxUnavailable === 0 ? 1 : maxUnavailable };
}
