// The order in which nodes are looked at: one of each zone in turn, so that a search that ends early has seen all zones.
// https://kubernetes.io/docs/concepts/scheduling-eviction/scheduler-perf-tuning/#how-the-scheduler-iterates-over-nodes
import type { NodeInfo } from '../framework.js';

/** Nodes of one zone, or of none, have the same. */
export function zoneOf({ labels }: Pick<NodeInfo, 'labels'>): string {
  const zone = labels['topology.kubernetes.io/zone'] ?? labels['failure-domain.beta.kubernetes.io/zone'] ?? '';
  const region = labels['topology.kubernetes.io/region'] ?? labels['failure-domain.beta.kubernetes.io/region'] ?? '';
  return `${region}\0${zone}`;
}

/** The same nodes; within a zone they keep their order. */
export function arrangeByZone<T extends NodeInfo>(nodes: readonly T[]): readonly T[] {
  const zones = new Map<string, T[]>();
  for (const node of nodes) {
    const zone = zoneOf(node);
    const known = zones.get(zone);
    if (known) known.push(node);
    else zones.set(zone, [node]);
  }
  if (zones.size < 2) return nodes;
  const lists = [...zones.values()];
  const longest = Math.max(...lists.map(({ length }) => length));
  const ordered: T[] = [];
  for (let place = 0; place < longest; place++) {
    for (const list of lists) if (place < list.length) ordered.push(list[place]!);
  }
  return ordered;
}
