// The preference among nodes by soft topology spread constraints: the fewer matching pods a node's zone, host and so on have, the better.
import type { NodeInfo, NodeList, PodInfo, PodScorer } from '../framework.js';
import { labelOf } from '../topology/tally.js';
import type { TopologyIndex } from '../topology/topology-index.js';
import { counts, hasAllKeys, type Constraint, type Constraints } from './spread-constraints.js';

const hostname = 'kubernetes.io/hostname';

interface Scored {
  readonly topologyKey: string;
  readonly maxSkew: number;
  /** More values of the label: a pod more in one of them weighs more. */
  readonly weight: number;
  readonly pods: (node: NodeInfo, value: string) => number;
}

export function spreadScorer(
  pod: PodInfo,
  { soft, allKeys }: Constraints,
  feasible: readonly NodeInfo[],
  nodes: NodeList,
  topology: TopologyIndex,
): PodScorer {
  /** Nodes that lack a label have score 0, and are no measure for others. */
  const ignored = new Set(allKeys ? feasible.filter((node) => !hasAllKeys(soft, node)) : []);
  const scored = soft.map((constraint) => scoredOf(constraint, pod, feasible, ignored, nodes, topology, soft, allKeys));
  return {
    score(node) {
      if (ignored.has(node)) return 0;
      let sum = 0;
      for (const { topologyKey, maxSkew, weight, pods } of scored) {
        const value = labelOf(node.labels, topologyKey);
        if (value !== undefined) sum += pods(node, value) * weight + maxSkew - 1;
      }
      return Math.round(sum);
    },
    normalize(scores, scoredNodes) {
      let least = Infinity;
      let most = 0;
      scoredNodes.forEach((node, i) => {
        if (ignored.has(node)) return;
        least = Math.min(least, scores[i]!);
        most = Math.max(most, scores[i]!);
      });
      scoredNodes.forEach((node, i) => {
        if (ignored.has(node)) scores[i] = 0;
        else scores[i] = most === 0 ? 100 : Math.floor((100 * (most + least - scores[i]!)) / most);
      });
    },
  };
}

function scoredOf(
  constraint: Constraint,
  pod: PodInfo,
  feasible: readonly NodeInfo[],
  ignored: ReadonlySet<NodeInfo>,
  nodes: NodeList,
  topology: TopologyIndex,
  soft: readonly Constraint[],
  allKeys: boolean,
): Scored {
  const { topologyKey, maxSkew, selector } = constraint;
  const tally = topology.count(selector, true);
  if (topologyKey === hostname) {
    const size = feasible.length - ignored.size;
    return { topologyKey, maxSkew, weight: Math.log(size + 2), pods: ({ name }) => tally.onNode(name) };
  }
  const sums = new Map<string, number>();
  let unlabelled = 0;
  for (const node of feasible) {
    if (ignored.has(node)) continue;
    const value = labelOf(node.labels, topologyKey);
    if (value === undefined) unlabelled = 1;
    else sums.set(value, 0);
  }
  const selective = constraint.honorTaints || (constraint.honorAffinity && pod.required !== undefined) || (allKeys && soft.length > 1);
  if (selective) {
    for (const node of nodes.nodes) {
      const value = labelOf(node.labels, topologyKey);
      const sum = value === undefined ? undefined : sums.get(value);
      if (sum === undefined || (allKeys && !hasAllKeys(soft, node)) || !counts(constraint, pod, node)) continue;
      sums.set(value!, sum + tally.onNode(node.name));
    }
  } else {
    const all = tally.by(topologyKey);
    for (const value of sums.keys()) sums.set(value, all.get(value) ?? 0);
  }
  return { topologyKey, maxSkew, weight: Math.log(sums.size + unlabelled + 2), pods: (_node, value) => sums.get(value) ?? 0 };
}
