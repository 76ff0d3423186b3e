// What scheduling works with: pods and nodes with everything parsed once, and the points where plugins come in.
// https://kubernetes.io/docs/concepts/scheduling-eviction/scheduling-framework/
import type { Node, Pod, Taint, Toleration } from '../../openapi/types/core.v1.js';
import type { Clock } from '../clock/clock.js';
import type { Random } from '../clock/random.js';
import type { Client } from '../client/client.js';
import type { EventRecorder } from '../client/events/recorder.js';
import type { Logger } from '../client/logger.js';
import type { Amounts, PodRequests } from './cycle/resources.js';
import type { PodExtenders } from './extenders/index.js';
import type { Listers } from './listers.js';
import type { NodeMatcher } from '../apimachinery/placement/node-affinity.js';
import type { PodTerms } from './topology/pod-terms.js';
import type { TopologyIndex } from './topology/topology-index.js';
import type { PodClaim } from './volumes/pod-claims.js';

/** A port on the node that a pod wants: `ip` is '' for every address. */
export interface HostPort {
  readonly ip: string;
  readonly protocol: string;
  readonly port: number;
}

/** A pod as scheduling sees it; made once for each version of a pod that differs in what scheduling looks at. */
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
  /** The persistent volume claims of its volumes. */
  readonly claims: readonly PodClaim[];
  /** Affinity to and from other pods; undefined: none. */
  readonly terms: PodTerms | undefined;
}

/** A node as scheduling sees it, with the sums over its pods (assumed ones included). Only the node cache changes it. */
export interface NodeInfo {
  readonly name: string;
  /** Undefined: pods name this node, but it is not there. */
  readonly node: Node | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly allocatable: Readonly<Amounts>;
  readonly allowedPods: number;
  readonly requested: Readonly<Amounts>;
  /** What is allocatable or allowed, less what is requested or there; below zero when there is too much. In one place, since every search reads them of many nodes. */
  readonly freePods: number;
  readonly freeCpu: number;
  readonly freeMemory: number;
  readonly freeEphemeralStorage: number;
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
  /** The sizes of its images in bytes, by name. */
  readonly images: ReadonlyMap<string, number>;
}

/** Why a node does not do for a pod. */
export interface Rejection {
  /** As in the summary: `Insufficient cpu`. */
  readonly reasons: readonly string[];
  /** Whether the removal of other pods could help. */
  readonly resolvable: boolean;
}

/** Why no node at all does for a pod: found out before any node is looked at. */
export interface PodRejection {
  readonly rejected: string;
  /** Whether the removal of other pods could help: then preemption is tried. */
  readonly resolvable: boolean;
}

/** What a plugin holds for a pod on the node that was chosen for it. */
export interface Reservation {
  /** Gives back what is held: the pod does not get this node after all. */
  release(): void;
  /** Writes and waits for what must be there before the pod is bound. Rejects with an Error: the pod is tried again after the back-off. */
  readonly preBind?: (signal: AbortSignal) => Promise<void>;
  /** Takes back what `preBind` has written, after {@link release}. Never rejects. */
  readonly undo?: () => Promise<void>;
}

/** One plugin's look at the nodes for one pod. */
export interface PodCheck {
  /** The only nodes that can do; absent: all. */
  readonly nodes?: readonly string[];
  /** Undefined: the node does. Called for many nodes: must not allocate when the node does. */
  filter(node: NodeInfo): Rejection | undefined;
  /** As if this pod were on the node, or were not; for preemption and nominated pods. Absent: other pods do not matter beyond their node's sums. */
  add?(other: PodInfo, node: NodeInfo): void;
  remove?(other: PodInfo, node: NodeInfo): void;
  /** A copy that `add` and `remove` change without changing this one; there when they are. */
  fork?(): PodCheck;
  /** Holds what the pod needs of this node. Throws when that cannot be had. */
  reserve?(node: NodeInfo): Reservation | undefined;
}

/** One plugin's opinion of the nodes that do, for one pod. */
export interface PodScorer {
  /** Any number; without `normalize` from 0 to 100. */
  score(node: NodeInfo): number;
  /** Brings the scores of all nodes to 0 to 100, in place. */
  normalize?(scores: number[], nodes: readonly NodeInfo[]): void;
}

/** Something happened that might help a pod that waits. */
export interface ClusterEvent {
  readonly resource: EventResource;
  readonly change: 'add' | 'update' | 'delete';
  readonly object: unknown;
  readonly previous?: unknown;
  /** The node of a pod's event, or the node itself. */
  readonly node?: NodeInfo | undefined;
  /** The pod on a node that came, changed or went. */
  readonly pod?: PodInfo | undefined;
}

/** `podAdded`, `podUpdated` and `podDeleted` are of pods on nodes. */
export const eventResources = [
  'node',
  'podAdded',
  'podUpdated',
  'podDeleted',
  'namespace',
  'persistentVolume',
  'persistentVolumeClaim',
  'storageClass',
  'csiNode',
  'csiDriver',
  'csiStorageCapacity',
  'volumeAttachment',
  'resourceClaim',
  'resourceSlice',
  'deviceClass',
] as const;

export type EventResource = (typeof eventResources)[number];

export interface PreEnqueuePlugin {
  /** Undefined: the pod may enter the queue. Otherwise why it may not yet. */
  preEnqueue(pod: Pod): string | undefined;
}

/** PreFilter: looks at the pod once. Undefined: the plugin has nothing against any node for this pod, and is asked no more. */
export interface PreFilterPlugin {
  preFilter(pod: PodInfo): PodCheck | PodRejection | undefined;
}

export interface ScorePlugin {
  /** Looks at the pod and the nodes that do. Undefined: all nodes are the same to it. */
  preScore(pod: PodInfo, nodes: readonly NodeInfo[]): PodScorer | undefined;
}

/** What a plugin tried so that a pod may be scheduled later. */
export interface PostFilterResult {
  /** For the message; empty: nothing to say. */
  readonly message: string;
  /** The node on which room is being made. */
  readonly nominate?: string;
  /** No other plugin is asked. */
  readonly final?: boolean;
  /** Carries out what was decided, after the pod's status is written. */
  readonly act?: () => Promise<void>;
  /** Extenders have to be asked first: this is not what the plugin says, but how to come to it. No other plugin is asked. Never rejects. */
  readonly revise?: () => Promise<PostFilterResult>;
}

export interface PostFilterPlugin {
  postFilter(attempt: FailedAttempt): PostFilterResult;
}

/** A pod that no node does for, and why. */
export interface FailedAttempt {
  readonly pod: PodInfo;
  readonly checks: readonly NamedCheck[];
  /** By node; those that no filter looked at are missing. */
  readonly rejections: ReadonlyMap<string, Rejection>;
  /** Nodes that were ruled out before any filter ran. */
  readonly leftOut: number;
  /** Whether the plugin has looked at the pod: one before it may have rejected the pod for all nodes. */
  readonly reached: (plugin: string) => boolean;
  /** The extenders that take part in preemption for this pod. */
  readonly extenders?: PodExtenders | undefined;
}

export interface NamedCheck {
  readonly plugin: string;
  readonly check: PodCheck;
}

/** A pod in the queue. */
export interface WaitingPod {
  readonly pod: PodInfo;
  /** Grows with the time at which it came into the queue. */
  readonly since: number;
}

export interface QueueSortPlugin {
  before(one: WaitingPod, other: WaitingPod): boolean;
}

export interface BindPlugin {
  /** Rejects with the server's ApiError. */
  bind(pod: PodInfo, node: string): Promise<void>;
}

/** Which events may let a pod be scheduled that this plugin has rejected. */
export interface HintPlugin {
  /** The resources it wants to hear of. */
  readonly listens: readonly EventResource[];
  /** Whether the event could help. Called for every pod that the plugin rejected: quick. */
  readonly helps: (event: ClusterEvent, pod: PodInfo) => boolean;
}

/** A plugin takes part at the points whose interface it has. */
export type Plugin = { readonly name: string } & Partial<
  QueueSortPlugin & PreEnqueuePlugin & PreFilterPlugin & ScorePlugin & PostFilterPlugin & BindPlugin & HintPlugin
>;

/** The nodes that are there. */
export interface NodeList {
  /** In a stable order. */
  readonly nodes: readonly NodeInfo[];
  get(name: string): NodeInfo | undefined;
  /** All values that a label has on the nodes. */
  labelValues(key: string): ReadonlySet<string>;
  /** How many pods on nodes use a claim, by its key. */
  usersOf(claim: string): number;
  /** On how many nodes an image is. */
  imageNodes(image: string): number;
  /** Whether any node has soft taints. */
  readonly softTaints: boolean;
}

/** Whether a device meets a selector in CEL. Throws an error whose message says what went wrong. */
export type DeviceSelectorEvaluator = (expression: string, device: SelectableDevice) => boolean;

/** A device as the expressions of DeviceClasses and ResourceClaims see it. */
export interface SelectableDevice {
  readonly driver: string;
  readonly allowMultipleAllocations: boolean;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly capacity: Readonly<Record<string, unknown>>;
}

/** Pods for which room is being made, by node. */
export interface Nominations {
  on(node: string): readonly PodInfo[];
  of(key: string): string | undefined;
  /** How many nodes pods are nominated for. */
  readonly size: number;
}

/** What plugins work with. */
export interface PluginHandle {
  readonly nominations: Nominations;
  readonly recorder: EventRecorder;
  readonly random: Random;
  readonly logger: Logger;
  /** The name of the profile. */
  readonly schedulerName: string;
  readonly client: Client;
  readonly clock: Clock;
  readonly nodes: NodeList;
  readonly topology: TopologyIndex;
  readonly listers: Listers;
  /** Absent: CEL itself. */
  readonly deviceSelectors?: DeviceSelectorEvaluator | undefined;
}

/** Makes a plugin for a profile. @param args its `pluginConfig`, checked by the plugin: throws ConfigurationError */
export type PluginFactory = (handle: PluginHandle, args: PluginArgs) => Plugin;

export type PluginArgs = Readonly<Record<string, unknown>>;
