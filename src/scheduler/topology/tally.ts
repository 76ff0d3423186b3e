// Counts of pods, by node and by the value of node labels, kept as pods come and go.
import type { NodeInfo } from '../framework.js';

const none: ReadonlyMap<string, number> = new Map();

type NodeLabels = Readonly<Record<string, string>>;

function raise(counts: Map<string, number>, key: string, by: number): void {
  const left = (counts.get(key) ?? 0) + by;
  if (left === 0) counts.delete(key);
  else counts.set(key, left);
}

/** The value of a label; undefined when it is not there. */
export function labelOf(labels: NodeLabels, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}

export class Tally {
  readonly #byNode = new Map<string, { node: NodeInfo; count: number }>();
  readonly #byKey = new Map<string, Map<string, number>>();
  #total = 0;

  get total(): number {
    return this.#total;
  }

  onNode(name: string): number {
    return this.#byNode.get(name)?.count ?? 0;
  }

  /** By the value of this label of the nodes; nodes without the label are left out. Kept up to date from the first call on. */
  by(topologyKey: string): ReadonlyMap<string, number> {
    if (this.#total === 0 && !this.#byKey.has(topologyKey)) return none;
    let counts = this.#byKey.get(topologyKey);
    if (counts === undefined) {
      counts = new Map();
      for (const { node, count } of this.#byNode.values()) {
        const value = labelOf(node.labels, topologyKey);
        if (value !== undefined) raise(counts, value, count);
      }
      this.#byKey.set(topologyKey, counts);
    }
    return counts;
  }

  add(node: NodeInfo, by: 1 | -1): void {
    this.#total += by;
    const known = this.#byNode.get(node.name);
    if (known === undefined) this.#byNode.set(node.name, { node, count: by });
    else {
      known.count += by;
      known.node = node;
      if (known.count === 0) this.#byNode.delete(node.name);
    }
    for (const [key, counts] of this.#byKey) {
      const value = labelOf(node.labels, key);
      if (value !== undefined) raise(counts, value, by);
    }
  }

  /** The node's labels have changed from these. */
  relabel(node: NodeInfo, before: NodeLabels): void {
    const count = this.onNode(node.name);
    if (count === 0) return;
    for (const [key, counts] of this.#byKey) {
      const old = labelOf(before, key);
      const now = labelOf(node.labels, key);
      if (old === now) continue;
      if (old !== undefined) raise(counts, old, -count);
      if (now !== undefined) raise(counts, now, count);
    }
  }
}
