// How fast nodes may be emptied: when many are silent at once, the network is the likelier cause.
// https://kubernetes.io/docs/concepts/architecture/nodes/#rate-limits-on-eviction
import type { Node } from '../../../openapi/types/core.v1.js';
import { conditionOf } from './health.js';

/** Milliseconds between two nodes of a zone: `--node-eviction-rate` and `--secondary-node-eviction-rate`. */
const interval = 10_000;
const secondaryInterval = 100_000;
const unhealthyThreshold = 0.55;
const largeZone = 50;

export interface Zones {
  /** Takes stock of all nodes. */
  count(nodes: readonly Node[]): void;
  /** Whether no node of any zone is ready: then nobody is emptied. */
  allSilent(): boolean;
  /** Whether this node, which is not ready, may be emptied now. If so, it has used its zone's turn. */
  permit(node: Node, now: number): boolean;
}

interface Zone {
  ready: number;
  total: number;
}

function zoneOf({ metadata }: Node): string {
  const { labels } = metadata;
  return JSON.stringify([labels?.['topology.kubernetes.io/region'] ?? '', labels?.['topology.kubernetes.io/zone'] ?? '']);
}

export function createZones(): Zones {
  let zones = new Map<string, Zone>();
  const next = new Map<string, number>();
  return {
    count(nodes) {
      zones = new Map();
      for (const node of nodes) {
        const id = zoneOf(node);
        const zone = zones.get(id) ?? { ready: 0, total: 0 };
        zone.total++;
        if (conditionOf(node, 'Ready')?.status === 'True') zone.ready++;
        zones.set(id, zone);
      }
      for (const id of next.keys()) if (!zones.has(id)) next.delete(id);
    },
    allSilent: () => zones.size > 0 && [...zones.values()].every(({ ready }) => ready === 0),
    permit(node, now) {
      const id = zoneOf(node);
      const zone = zones.get(id);
      if (zone === undefined || now < (next.get(id) ?? 0)) return false;
      const silent = zone.total - zone.ready;
      const partial = zone.ready > 0 && silent > 2 && silent / zone.total >= unhealthyThreshold;
      if (partial && zone.total <= largeZone) return false;
      next.set(id, now + (partial ? secondaryInterval : interval));
      return true;
    },
  };
}
