// Which pods go first when there are too many.
// https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/#scaling-a-replicaset
import type { Pod } from '../../../openapi/types/core.v1.js';
import { compareText } from '../shared/sort.js';
import { isPodActive, isPodReady, podCondition } from '../shared/pods.js';

const deletionCost = 'controller.kubernetes.io/pod-deletion-cost';

interface Ranked {
  readonly pod: Pod;
  /** Compared in order: the smaller goes first. */
  readonly ranks: readonly number[];
}

const phaseRanks: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };

/**
 * The `count` pods to delete: unassigned, pending and unready ones before others, then lower deletion cost, more company on the
 * node, ready for a shorter time, more restarts, younger.
 */
export function podsToDelete(pods: readonly Pod[], related: readonly Pod[], count: number, now: number): Pod[] {
  if (count >= pods.length) return [...pods];
  const perNode = new Map<string, number>();
  for (const pod of related) {
    const { nodeName } = pod.spec;
    if (nodeName !== undefined && isPodActive(pod)) perNode.set(nodeName, (perNode.get(nodeName) ?? 0) + 1);
  }
  const ranked = pods.map((pod): Ranked => ({ pod, ranks: ranksOf(pod, perNode, now) }));
  ranked.sort(compare);
  return ranked.slice(0, count).map(({ pod }) => pod);
}

function compare(a: Ranked, b: Ranked): number {
  for (let i = 0; i < a.ranks.length; i++) {
    const difference = a.ranks[i]! - b.ranks[i]!;
    if (difference !== 0) return difference;
  }
  return compareText(a.pod.metadata.uid, b.pod.metadata.uid);
}

function ranksOf(pod: Pod, perNode: ReadonlyMap<string, number>, now: number): number[] {
  const { nodeName } = pod.spec;
  const ready = isPodReady(pod);
  const readySince = ready ? podCondition(pod, 'Ready')?.lastTransitionTime : undefined;
  const restarts = Math.max(0, ...(pod.status.containerStatuses ?? []).map(({ restartCount }) => restartCount));
  return [
    nodeName === undefined || nodeName === '' ? 0 : 1,
    phaseRanks[pod.status.phase ?? ''] ?? 0,
    ready ? 1 : 0,
    costOf(pod),
    nodeName === undefined ? 0 : -(perNode.get(nodeName) ?? 0),
    readySince === undefined ? 0 : magnitude(now - Date.parse(readySince)),
    -restarts,
    magnitude(now - Date.parse(pod.metadata.creationTimestamp)),
  ];
}

/** Ages are compared by their order of magnitude only, so that a scale-down does not always hit the newest. */
function magnitude(milliseconds: number): number {
  return milliseconds < 1 ? 0 : 1 + Math.floor(Math.log2(milliseconds));
}

function costOf(pod: Pod): number {
  const text = pod.metadata.annotations?.[deletionCost];
  const cost = text === undefined ? 0 : Number(text);
  return Number.isInteger(cost) ? cost : 0;
}
