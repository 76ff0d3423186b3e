// What scheduling works with: pods and nodes with everything parsed once, and the points where plugins come in.
// https://kubernetes.io/docs/concepts/scheduling-eviction/scheduling-framework/
import type { Node, Pod, Taint, Toleration } from '../../openapi/types/core.v1.js';
import type { Amounts, PodRequests } from './cycle/resources.js';
import type { NodeMatcher } from './plugins/node-affinity-terms.js';

/** A port on the node that a pod wants: `ip` is '' for every address. */
export interface HostPort {
  readonly ip: string;
  readonly protocol: string;
  readonly port: number;
}

/** A pod as scheduling sees it; made once for each version of a pod's spec. */
export interface PodInfo {
  /** `namespace/name`. */
  readonly key: string;
  readonly pod: Pod;
  readonly priority: number;
  readonly requests: PodRequests;
  readonly hostPorts: readonly HostPort[];
  readonly tolerations: readonly Toleration[];
  /** The node selector and the required node affinity; undefined: every node. */
  readonly required: NodeMatcher | undefined;
  /** The names of the only nodes that the required affinity can match, when it names nodes. */
  readonly onlyNodes: readonly string[] | undefined;
  readonly preferred: readonly { readonly weight: number; readonly matches: NodeMatcher }[];
}

/** A node as scheduling sees it, with the sums over its pods (assumed ones included). Only the node cache changes it. */
export interface NodeInfo {
  readonly name: string;
  /** Undefined: pods name this node, but it is not there. */
  readonly node: Node | undefined;
  readonly allocatable: Readonly<Amounts>;
  readonly allowedPods: number;
  readonly requested: Readonly<Amounts>;
  readonly scoredCpu: number;
  readonly scoredMemory: number;
  readonly pods: ReadonlyMap<string, PodInfo>;
  /** How many pods hold each `protocol/port`, by address. */
  readonly usedPorts: ReadonlyMap<string, ReadonlyMap<string, number>>;
  readonly unschedulable: boolean;
  /** With the effects NoSchedule and NoExecute. */
  readonly hardTaints: readonly Taint[];
  /** With the effect PreferNoSchedule. */
  readonly softTaints: readonly Taint[];
}

/** Why a node does not do for a pod. */
export interface Rejection {
  /** As in the summary: `Insufficient cpu`. */
  readonly reasons: readonly string[];
  /** Whether the removal of other pods could help. */
  readonly resolvable: boolean;
}

export interface FilterPlugin {
  readonly name: string;
  /** Undefined: the node does. Called for many nodes: must not allocate when the node does. */
  filter(pod: PodInfo, node: NodeInfo): Rejection | undefined;
}

export interface ScorePlugin {
  readonly name: string;
  readonly weight: number;
  /** Whether scores can differ for this pod; absent: they can. */
  applies?(pod: PodInfo): boolean;
  /** Any number; without `normalize` from 0 to 100. */
  score(pod: PodInfo, node: NodeInfo): number;
  /** Brings the scores of all nodes to 0 to 100, in place. */
  normalize?(scores: number[]): void;
}

/** Keeps a pod out of the queue until it is ready to be scheduled. */
export interface PreEnqueuePlugin {
  readonly name: string;
  admits(pod: Pod): boolean;
}

export interface Plugins {
  readonly preEnqueue: readonly PreEnqueuePlugin[];
  /** In this order; the first that rejects a node speaks for it. */
  readonly filters: readonly FilterPlugin[];
  readonly scores: readonly ScorePlugin[];
}
