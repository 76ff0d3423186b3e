// What required affinity between pods says of each node.
import type { NodeInfo, PodCheck, PodInfo, Rejection } from '../framework.js';
import { allOf, type PodSelector } from '../topology/pod-selector.js';
import type { PodTerm } from '../topology/pod-terms.js';
import { labelOf, type Tally } from '../topology/tally.js';
import type { TermEntry, TopologyIndex } from '../topology/topology-index.js';

const notNear: Rejection = { reasons: ["node(s) didn't match pod affinity rules"], resolvable: false };
const tooNear: Rejection = { reasons: ["node(s) didn't match pod anti-affinity rules"], resolvable: true };
const refused: Rejection = { reasons: ["node(s) didn't satisfy existing pods anti-affinity rules"], resolvable: true };

/** Pods by the value of a node label, with what a trial adds to them or takes off. */
class Counted {
  readonly #trial = new Map<string, number>();
  readonly #by: ReadonlyMap<string, number>;

  constructor(
    readonly topologyKey: string,
    readonly tally: Tally | undefined,
  ) {
    this.#by = tally?.by(topologyKey) ?? new Map();
  }

  at(node: NodeInfo): number {
    const value = labelOf(node.labels, this.topologyKey);
    if (value === undefined) return 0;
    return (this.#by.get(value) ?? 0) + (this.#trial.size === 0 ? 0 : (this.#trial.get(value) ?? 0));
  }

  /** Whether there are none anywhere. */
  get empty(): boolean {
    let sum = this.#by.size === 0 ? 0 : [...this.#by.values()].reduce((one, other) => one + other);
    for (const by of this.#trial.values()) sum += by;
    return sum === 0;
  }

  change(node: NodeInfo, by: number): void {
    const value = labelOf(node.labels, this.topologyKey);
    if (value !== undefined) this.#trial.set(value, (this.#trial.get(value) ?? 0) + by);
  }

  copy(): Counted {
    const copy = new Counted(this.topologyKey, this.tally);
    for (const [value, by] of this.#trial) copy.#trial.set(value, by);
    return copy;
  }
}

interface Parts {
  /** Where the pods are that meet all terms of the pod's affinity; one for each term. */
  readonly near: readonly Counted[];
  /** Where the pods are that the pod wants to be away from. */
  readonly away: readonly Counted[];
  /** Where the pods are that want to be away from the pod, and by label. */
  readonly refusing: readonly Counted[];
  /** Those that came in a trial with a label that nobody refused by before. */
  readonly refusingTrial: ReadonlyMap<string, Counted>;
}

export class AffinityCheck implements PodCheck {
  readonly #selectsItself: boolean;

  private constructor(
    private readonly pod: PodInfo,
    private readonly topology: TopologyIndex,
    private readonly wanted: PodSelector | undefined,
    private readonly unwanted: readonly PodTerm[],
    private readonly parts: Parts & { readonly refusingTrial: Map<string, Counted> },
  ) {
    this.#selectsItself = wanted !== undefined && this.#chosen(wanted, pod);
  }

  static of(pod: PodInfo, refusals: readonly TermEntry[], topology: TopologyIndex): AffinityCheck {
    const { requiredAffinity = [], requiredAntiAffinity = [] } = pod.terms ?? {};
    // A pod counts as near only if it meets every term.
    const wanted = requiredAffinity.length === 0 ? undefined : allOf(requiredAffinity.map(({ selector }) => selector));
    const tally = wanted && topology.count(wanted, false);
    return new AffinityCheck(pod, topology, wanted, requiredAntiAffinity, {
      near: requiredAffinity.map(({ topologyKey }) => new Counted(topologyKey, tally)),
      away: requiredAntiAffinity.map(({ topologyKey, selector }) => new Counted(topologyKey, topology.count(selector, false))),
      refusing: refusals.map((entry) => new Counted(entry.term.topologyKey, entry.tally)),
      refusingTrial: new Map(),
    });
  }

  filter(node: NodeInfo): Rejection | undefined {
    const { near, away, refusing, refusingTrial } = this.parts;
    if (near.length > 0 && !this.#isNear(node)) return notNear;
    for (const counted of away) if (counted.at(node) > 0) return tooNear;
    if (refusingTrial.size === 0) {
      for (const counted of refusing) if (counted.at(node) > 0) return refused;
      return undefined;
    }
    return this.#refusals(node) > 0 ? refused : undefined;
  }

  add(other: PodInfo, node: NodeInfo): void {
    this.#change(other, node, 1);
  }

  remove(other: PodInfo, node: NodeInfo): void {
    this.#change(other, node, -1);
  }

  fork(): PodCheck {
    const { near, away, refusing, refusingTrial } = this.parts;
    return new AffinityCheck(this.pod, this.topology, this.wanted, this.unwanted, {
      near: near.map((one) => one.copy()),
      away: away.map((one) => one.copy()),
      refusing,
      refusingTrial: new Map([...refusingTrial].map(([key, one]) => [key, one.copy()])),
    });
  }

  #isNear(node: NodeInfo): boolean {
    let all = true;
    for (const counted of this.parts.near) {
      if (labelOf(node.labels, counted.topologyKey) === undefined) return false;
      if (counted.at(node) <= 0) all = false;
    }
    // The first of a group of pods that want to be together finds nobody yet.
    return all || (this.#selectsItself && this.parts.near.every(({ empty }) => empty));
  }

  /** With a trial: how many pods refuse this one here, by each label on its own. */
  #refusals(node: NodeInfo): number {
    const byKey = new Map<string, number>();
    for (const counted of [...this.parts.refusing, ...this.parts.refusingTrial.values()]) {
      byKey.set(counted.topologyKey, (byKey.get(counted.topologyKey) ?? 0) + counted.at(node));
    }
    return Math.max(0, ...byKey.values());
  }

  #change(other: PodInfo, node: NodeInfo, by: 1 | -1): void {
    if (this.wanted !== undefined && this.#chosen(this.wanted, other)) for (const counted of this.parts.near) counted.change(node, by);
    this.unwanted.forEach(({ selector }, index) => {
      if (this.#chosen(selector, other)) this.parts.away[index]!.change(node, by);
    });
    for (const { selector, topologyKey } of other.terms?.requiredAntiAffinity ?? []) {
      if (!this.#chosen(selector, this.pod)) continue;
      let trial = this.parts.refusingTrial.get(topologyKey);
      if (trial === undefined) this.parts.refusingTrial.set(topologyKey, (trial = new Counted(topologyKey, undefined)));
      trial.change(node, by);
    }
  }

  #chosen(selector: PodSelector, { pod }: PodInfo): boolean {
    return selector.matches(pod.metadata.namespace ?? '', pod.metadata.labels, this.topology.namespaceLabels);
  }
}
