// The sentence that says why a pod found no node.
import type { PodInfo, Rejection } from '../framework.js';

/** What each node answered; nodes that a pod's affinity left out by name are counted, not listed. */
export interface Diagnosis {
  readonly nodes: number;
  readonly rejections: readonly Rejection[];
  readonly leftOut: { readonly count: number; readonly rejection: Rejection };
}

/** `3 Insufficient cpu, 1 Too many pods`, in the order of the texts with their counts. */
function histogram(counts: ReadonlyMap<string, number>): string {
  return [...counts]
    .map(([reason, count]) => `${count} ${reason}`)
    .sort()
    .join(', ');
}

function raise(counts: Map<string, number>, reason: string, by: number): void {
  if (by > 0) counts.set(reason, (counts.get(reason) ?? 0) + by);
}

/** What became of preemption. It is not tried yet, so that a node where it might help has no victims. */
function preemption(pod: PodInfo, { nodes, rejections, leftOut }: Diagnosis): string {
  if (pod.pod.spec.preemptionPolicy === 'Never') return 'preemption: not eligible due to preemptionPolicy=Never.';
  const counts = new Map<string, number>();
  for (const { resolvable } of rejections)
    raise(counts, resolvable ? 'No preemption victims found for incoming pod' : 'Preemption is not helpful for scheduling', 1);
  raise(counts, 'Preemption is not helpful for scheduling', leftOut.count);
  return `preemption: 0/${nodes} nodes are available: ${histogram(counts)}.`;
}

/** The message of the `FailedScheduling` event and of the condition. */
export function describeFailure(pod: PodInfo, diagnosis: Diagnosis): string {
  const { nodes, rejections, leftOut } = diagnosis;
  if (nodes === 0) return 'no nodes available to schedule pods';
  if (pod.onlyNodes?.length === 0) return `0/${nodes} nodes are available: pod affinity terms conflict. not found`;
  const counts = new Map<string, number>();
  for (const { reasons } of rejections) for (const reason of reasons) raise(counts, reason, 1);
  for (const reason of leftOut.rejection.reasons) raise(counts, reason, leftOut.count);
  return `0/${nodes} nodes are available: ${histogram(counts)}. no new claims to deallocate, ${preemption(pod, diagnosis)}`;
}
