// PodTopologySpread: pods are kept evenly over the values of a node label, by force or by preference.
// https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/
import type { ClusterEvent, NodeInfo, NodeList, Plugin, PluginArgs, PluginHandle, PodCheck, PodInfo, Rejection } from '../framework.js';
import { labelOf } from '../topology/tally.js';
import type { TopologyIndex } from '../topology/topology-index.js';
import { ownSelectorOf } from './pod-owners.js';
import {
  counts,
  defaultedConstraints,
  hasAllKeys,
  missingLabel,
  ownConstraints,
  type Constraint,
  type Constraints,
} from './spread-constraints.js';
import { spreadDefaults } from './spread-defaults.js';
import { spreadScorer } from './spread-score.js';

const rejection: Rejection = { reasons: ["node(s) didn't match pod topology spread constraints"], resolvable: true };

/** How many pods each value of one constraint's label has, and the fewest of any. */
class Domains {
  #fewest: number | undefined;

  constructor(
    readonly constraint: Constraint,
    readonly pods: Map<string, number>,
  ) {}

  /** What `maxSkew` is measured from; 0 while there are fewer values than `minDomains` asks for. */
  get fewest(): number {
    if (this.pods.size < this.constraint.minDomains) return 0;
    if (this.#fewest === undefined) {
      this.#fewest = Infinity;
      for (const count of this.pods.values()) if (count < this.#fewest) this.#fewest = count;
    }
    return this.#fewest;
  }

  change(value: string, by: number): void {
    const count = this.pods.get(value);
    if (count === undefined) return;
    this.pods.set(value, count + by);
    this.#fewest = undefined;
  }

  copy(): Domains {
    return new Domains(this.constraint, new Map(this.pods));
  }
}

class SpreadCheck implements PodCheck {
  readonly #self: readonly number[];

  constructor(
    private readonly pod: PodInfo,
    private readonly topology: TopologyIndex,
    private readonly domains: readonly Domains[],
    self?: readonly number[],
  ) {
    this.#self = self ?? domains.map(({ constraint }) => (this.#chooses(constraint, pod) ? 1 : 0));
  }

  filter(node: NodeInfo): Rejection | undefined {
    for (let i = 0; i < this.domains.length; i++) {
      const { constraint, pods, fewest } = this.domains[i]!;
      const value = labelOf(node.labels, constraint.topologyKey);
      if (value === undefined) return missingLabel;
      if ((pods.get(value) ?? 0) + this.#self[i]! - fewest > constraint.maxSkew) return rejection;
    }
    return undefined;
  }

  add(other: PodInfo, node: NodeInfo): void {
    this.#change(other, node, 1);
  }

  remove(other: PodInfo, node: NodeInfo): void {
    this.#change(other, node, -1);
  }

  fork(): PodCheck {
    return new SpreadCheck(
      this.pod,
      this.topology,
      this.domains.map((one) => one.copy()),
      this.#self,
    );
  }

  #change(other: PodInfo, node: NodeInfo, by: number): void {
    if (other.pod.metadata.deletionTimestamp !== undefined) return;
    for (const one of this.domains) {
      const value = labelOf(node.labels, one.constraint.topologyKey);
      if (value === undefined || !this.#chooses(one.constraint, other) || !counts(one.constraint, this.pod, node)) continue;
      one.change(value, by);
    }
  }

  #chooses({ selector }: Constraint, { pod }: PodInfo): boolean {
    return selector.matches(pod.metadata.namespace ?? '', pod.metadata.labels, this.topology.namespaceLabels);
  }
}

/** The domains of the nodes that have all the labels and that the policies let count. */
function domainsOf(pod: PodInfo, hard: readonly Constraint[], nodes: NodeList, topology: TopologyIndex): readonly Domains[] {
  const all = hard.map((constraint) => ({
    constraint,
    tally: topology.count(constraint.selector, true),
    domains: new Domains(constraint, new Map<string, number>()),
  }));
  const [only] = all;
  if (all.length === 1 && !only!.constraint.honorTaints && !(only!.constraint.honorAffinity && pod.required !== undefined)) {
    // Every node with the label counts: the sums are at hand.
    const sums = only!.tally.by(only!.constraint.topologyKey);
    for (const value of nodes.labelValues(only!.constraint.topologyKey)) only!.domains.pods.set(value, sums.get(value) ?? 0);
    return [only!.domains];
  }
  for (const node of nodes.nodes) {
    if (!hasAllKeys(hard, node)) continue;
    for (const { constraint, tally, domains } of all) {
      if (!counts(constraint, pod, node)) continue;
      const value = labelOf(node.labels, constraint.topologyKey)!;
      domains.pods.set(value, (domains.pods.get(value) ?? 0) + tally.onNode(node.name));
    }
  }
  return all.map(({ domains }) => domains);
}

export function podTopologySpread({ nodes, topology, listers }: PluginHandle, args: PluginArgs): Plugin {
  const defaults = spreadDefaults(args);

  const constraintsOf = ({ pod }: PodInfo): Constraints | undefined => {
    const own = ownConstraints(pod);
    if (own !== undefined || defaults.constraints.length === 0) return own;
    const selector = ownSelectorOf(pod, listers);
    return selector && defaultedConstraints(pod, defaults.constraints, selector, !defaults.system);
  };

  return {
    name: 'PodTopologySpread',
    preFilter(pod) {
      // The system's constraints are preferences: those of a pod's own or of the profile need a look.
      const constraints = defaults.system ? ownConstraints(pod.pod) : constraintsOf(pod);
      if (constraints === undefined || constraints.hard.length === 0) return undefined;
      return new SpreadCheck(pod, topology, domainsOf(pod, constraints.hard, nodes, topology));
    },
    preScore(pod, feasible) {
      const constraints = constraintsOf(pod);
      return constraints === undefined || constraints.soft.length === 0
        ? undefined
        : spreadScorer(pod, constraints, feasible, nodes, topology);
    },
    listens: ['node', 'podAdded', 'podUpdated', 'podDeleted'],
    helps(event, pod) {
      const constraints = constraintsOf(pod);
      if (constraints === undefined) return true;
      return event.resource === 'node' ? true : movesPods(event, constraints, topology);
    },
  };
}

/** Whether the event is of a pod that is counted: elsewhere it evens things out, here it leaves room. */
function movesPods({ pod }: ClusterEvent, { hard }: Constraints, topology: TopologyIndex): boolean {
  if (pod === undefined) return true;
  const { namespace = '', labels } = pod.pod.metadata;
  return hard.some(({ selector }) => selector.matches(namespace, labels, topology.namespaceLabels));
}
