// What the kubelets need from outside, and what they offer.
import type { Client } from '../client/client.js';
import type { KubeletEndpoints } from '../client/kubelet-endpoint.js';
import type { Logger } from '../client/logger.js';
import type { Clock } from '../clock/clock.js';
import type { Random } from '../clock/random.js';
import type { ImageBehaviour } from '../runtime/image-behaviours.js';

/** Resource quantities of every node. */
export type NodeCapacity = Readonly<Record<'cpu' | 'memory' | 'ephemeral-storage' | 'pods', string>>;

export interface KubeletsOptions {
  /** How many nodes. */
  readonly count: number;
  /** The name of the node with this index, from 0; `node-0`, `node-1`, … when absent. Must be unique. */
  readonly nameOf?: (index: number) => string;
  /** A client that acts as the node: user `system:node:<name>` in the group `system:nodes`. Called once a node. */
  readonly clientFor: (nodeName: string) => Client;
  /** Where the API server finds the kubelets, for logs. */
  readonly endpoints: KubeletEndpoints;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** The InternalIP of the nodes: one for all, or one for each index. */
  readonly nodeAddress: string | ((index: number) => string);
  /** 8 CPUs, 32 GiB of memory, 100 GiB of storage and 110 pods when absent. `createKubelets` throws QuantityError for what is no quantity. */
  readonly capacity?: Partial<NodeCapacity>;
  /** What images do when they run, before the ones that are known (see `runtime/image-behaviours.ts`). */
  readonly images?: readonly ImageBehaviour[];
  /** How many bytes of a container's log are kept; 256 KiB when absent. */
  readonly logBytes?: number;
}

/** What a node's machine does: runs with its kubelet, runs without it, or has no power. */
export type NodePower = 'on' | 'stopped' | 'off';

/** One node of the group, as a test author turns it off and on. Every method is idempotent. */
export interface NodeHandle {
  readonly power: NodePower;
  /**
   * Turns it on: it reports again. After `stop` it takes on the containers that run and ends those whose pods are gone; after `drainPower` it
   * starts the containers of its pods anew. Resolves when it has registered.
   */
  start(): Promise<void>;
  /** Ends the kubelet alone: no heartbeat and no status any more, while the containers run on. A machine without power stays so. */
  stop(): Promise<void>;
  /** As a machine that loses power: no kubelet, no container any more, and nothing said about it. */
  drainPower(): Promise<void>;
}

export interface Kubelets {
  /** Turns all nodes on. Resolves when each has registered (Ready) and knows its pods, or when stopped before. */
  start(): Promise<void>;
  /** Takes the power off all nodes. Leaves no timer and no watch. */
  stop(): Promise<void>;
  /** The nodes' names, in order. */
  readonly nodes: readonly string[];
  /** Throws an Error when there is no such node. */
  node(name: string): NodeHandle;
}
