// The nodes and what their pods hold, kept from informers' events, and the pods that were assigned a moment ago and are not yet seen so.
import type { Node, Taint } from '../../../openapi/types/core.v1.js';
import { quantityValue } from '../../apimachinery/quantity/quantity.js';
import type { NodeInfo, PodInfo } from '../framework.js';
import { portKey } from '../plugins/node-ports.js';
import { add, noAmounts, type Amounts, type ResourceReader } from './resources.js';

interface CachedNode extends NodeInfo {
  node: Node | undefined;
  allocatable: Amounts;
  allowedPods: number;
  readonly requested: Amounts;
  scoredCpu: number;
  scoredMemory: number;
  readonly pods: Map<string, PodInfo>;
  readonly usedPorts: Map<string, Map<string, number>>;
  unschedulable: boolean;
  hardTaints: readonly Taint[];
  softTaints: readonly Taint[];
}

export interface NodeCache {
  /** The nodes that are there, in a stable order. */
  readonly nodes: readonly NodeInfo[];
  get(name: string): NodeInfo | undefined;
  /** Returns whether anything that scheduling looks at has changed. */
  setNode(node: Node): boolean;
  removeNode(name: string): void;
  /** Counts the pod on this node; if it was counted before (assumed, or an earlier version), that one is taken off. */
  setPod(pod: PodInfo, nodeName: string): void;
  /** Takes the pod off its node; returns the node's name. */
  removePod(key: string): string | undefined;
  nodeOf(key: string): string | undefined;
}

function emptyNode(name: string): CachedNode {
  return {
    name,
    node: undefined,
    allocatable: noAmounts(),
    allowedPods: 0,
    requested: noAmounts(),
    scoredCpu: 0,
    scoredMemory: 0,
    pods: new Map(),
    usedPorts: new Map(),
    unschedulable: false,
    hardTaints: [],
    softTaints: [],
  };
}

/** Whether two nodes are the same for scheduling: heartbeats change only conditions and times. */
function sameForScheduling(one: Node, other: Node): boolean {
  const facts = ({ metadata, spec, status }: Node): string =>
    JSON.stringify([metadata.labels, spec?.taints, spec?.unschedulable ?? false, status?.allocatable]);
  return facts(one) === facts(other);
}

/** Counts the pod on the node (1) or takes it off (-1). */
function count(node: CachedNode, pod: PodInfo, factor: 1 | -1): void {
  add(node.requested, pod.requests, factor);
  node.scoredCpu += factor * pod.requests.scoredCpu;
  node.scoredMemory += factor * pod.requests.scoredMemory;
  if (factor === 1) node.pods.set(pod.key, pod);
  else node.pods.delete(pod.key);
  for (const port of pod.hostPorts) {
    const key = portKey(port);
    const addresses = node.usedPorts.get(key) ?? new Map<string, number>();
    const holders = (addresses.get(port.ip) ?? 0) + factor;
    if (holders > 0) addresses.set(port.ip, holders);
    else addresses.delete(port.ip);
    if (addresses.size > 0) node.usedPorts.set(key, addresses);
    else node.usedPorts.delete(key);
  }
}

export function createNodeCache(reader: ResourceReader): NodeCache {
  const byName = new Map<string, CachedNode>();
  const nodeOf = new Map<string, CachedNode>();
  let nodes: CachedNode[] = [];

  const at = (name: string): CachedNode => {
    const known = byName.get(name);
    if (known) return known;
    const fresh = emptyNode(name);
    byName.set(name, fresh);
    return fresh;
  };
  /** Forgets a name that stands for nothing any more. */
  const tidy = (node: CachedNode): void => {
    if (node.node === undefined && node.pods.size === 0) byName.delete(node.name);
  };

  return {
    get nodes() {
      return nodes;
    },
    get: (name) => byName.get(name),
    nodeOf: (key) => nodeOf.get(key)?.name,
    setNode(node) {
      const cached = at(node.metadata.name);
      const previous = cached.node;
      cached.node = node;
      if (previous && sameForScheduling(previous, node)) return false;
      const { allocatable } = node.status ?? {};
      cached.allocatable = reader.amounts(allocatable);
      cached.allowedPods = quantityValue(allocatable?.['pods'] ?? 0);
      cached.unschedulable = node.spec?.unschedulable === true;
      const taints = node.spec?.taints ?? [];
      cached.hardTaints = taints.filter(({ effect }) => effect !== 'PreferNoSchedule');
      cached.softTaints = taints.filter(({ effect }) => effect === 'PreferNoSchedule');
      if (!previous) nodes.push(cached);
      return true;
    },
    removeNode(name) {
      const cached = byName.get(name);
      if (!cached) return;
      cached.node = undefined;
      nodes = nodes.filter((node) => node !== cached);
      tidy(cached);
    },
    setPod(pod, nodeName) {
      const before = nodeOf.get(pod.key);
      const known = before?.pods.get(pod.key);
      if (before && known) count(before, known, -1);
      const cached = at(nodeName);
      count(cached, pod, 1);
      nodeOf.set(pod.key, cached);
      if (before && before !== cached) tidy(before);
    },
    removePod(key) {
      const cached = nodeOf.get(key);
      const pod = cached?.pods.get(key);
      if (!cached || !pod) return undefined;
      count(cached, pod, -1);
      nodeOf.delete(key);
      tidy(cached);
      return cached.name;
    },
  };
}
