// Registers the node, and keeps its status and its lease fresh. https://kubernetes.io/docs/concepts/architecture/nodes/#node-heartbeats
import type { Lease } from '../../openapi/types/coordination.v1.js';
import type { Node, NodeStatus } from '../../openapi/types/core.v1.js';
import { isReason } from '../apimachinery/errors/api-error.js';
import type { Draft } from '../apimachinery/object.js';
import { createBackoff } from '../client/backoff.js';
import type { Client } from '../client/client.js';
import { errorText, type Logger } from '../client/logger.js';
import { LEASES, NODES } from '../client/resources.js';
import { formatMicroTime, sleep, type Clock, type Timer } from '../clock/clock.js';
import type { Random } from '../clock/random.js';
import type { RuntimeImage } from '../runtime/cri.js';
import { makeCsiNode } from './csi-node.js';
import { newNode, nodeLabels, nodeStatus, nodeStatusDiffers, type NodeFacts } from './node-status.js';

const leaseNamespace = 'kube-node-lease';
const leaseSeconds = 40;
/** Milliseconds between renewals of the lease, and looks at the node's status. */
const heartbeatPeriod = 10_000;
/** A status that has not changed is reported again after this many milliseconds. */
const reportPeriod = 5 * 60_000;

export interface NodeReporterOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly facts: NodeFacts;
  readonly images: () => readonly RuntimeImage[];
  /** The attached volumes that pods on the node use, sorted. */
  readonly volumesInUse: () => readonly string[];
  /** Told of every newer state of the node that the kubelet comes to see. */
  readonly seen: (node: Node) => void;
}

export interface NodeReporter {
  /** Registers and begins the heartbeat; tries until it works. Resolves when the node is registered, or stopped. */
  start(): Promise<void>;
  stop(): void;
}

export function createNodeReporter(options: NodeReporterOptions): NodeReporter {
  const { client, clock, random, logger, facts, images, volumesInUse, seen } = options;
  const key = { name: facts.name };
  const ending = new AbortController();
  let timer: Timer | undefined;
  let node: Node | undefined;
  let lease: Lease | undefined;
  let reported = 0;
  /** A status in the API that said what is so, and the images and volumes of then: with both as they were there is nothing to compare. */
  let agreed: { readonly status: NodeStatus; readonly here: readonly unknown[] } | undefined;
  /** The uid of the Node that its CSINode was made for. */
  let csiNodeOf: string | undefined;

  const see = (current: Node): void => {
    node = current;
    seen(current);
  };

  /** Writes the status when the API says something else, or not for long. */
  const report = async (current: Node): Promise<void> => {
    const now = clock.now();
    const here = [...images(), ...volumesInUse()];
    const due = now - reported >= reportPeriod;
    if (!due && current.status === agreed?.status && isSameList(here, agreed.here)) return;
    const status = nodeStatus(facts, images(), current.status, now, volumesInUse());
    if (!due && !nodeStatusDiffers(current.status, status)) {
      agreed = { status: current.status, here };
      return;
    }
    see(await client.patch(NODES, key, 'strategic', { status }, { subresource: 'status' }));
    reported = now;
  };

  const register = async (): Promise<void> => {
    const now = clock.now();
    try {
      see(await client.create(NODES, newNode(facts, now)));
      reported = now;
    } catch (error) {
      if (!isReason(error, 'AlreadyExists')) throw error;
      // Taints, and labels and annotations of others, stay as they are.
      const existing = await client.get(NODES, key);
      const labels = Object.entries(nodeLabels(facts)).filter(([label, value]) => existing.metadata.labels?.[label] !== value);
      see(
        labels.length === 0 ? existing : await client.patch(NODES, key, 'strategic', { metadata: { labels: Object.fromEntries(labels) } }),
      );
      reported = 0;
    }
    await report(node!);
  };

  const renewLease = async (): Promise<void> => {
    const renewTime = formatMicroTime(clock.now());
    try {
      if (lease) {
        lease = await client.update(LEASES, { ...lease, spec: { ...lease.spec, renewTime } });
        return;
      }
      lease = await client.create(LEASES, newLease(facts.name, node, renewTime));
    } catch (error) {
      if (isReason(error, 'AlreadyExists') || isReason(error, 'Conflict')) {
        const current = await client.get(LEASES, { namespace: leaseNamespace, name: facts.name });
        const { spec, metadata } = newLease(facts.name, node, renewTime);
        lease = await client.update(LEASES, {
          ...current,
          metadata: { ...current.metadata, ...metadata },
          spec: { ...current.spec, ...spec },
        });
      } else {
        // Whatever is there then is found by the next renewal, which creates.
        lease = undefined;
        throw error;
      }
    }
  };

  const ensureCsiNode = async (): Promise<void> => {
    if (node === undefined || csiNodeOf === node.metadata.uid) return;
    const { uid } = node.metadata;
    await makeCsiNode(client, node);
    csiNodeOf = uid;
  };

  const attempt = async (what: string, run: () => Promise<void>): Promise<boolean> => {
    try {
      await run();
      return true;
    } catch (error) {
      if (!ending.signal.aborted) logger.debug(`${facts.name}: ${what} failed`, { error: errorText(error) });
      return false;
    }
  };

  const schedule = (milliseconds: number): void => {
    if (!ending.signal.aborted) timer = clock.after(milliseconds, () => void heartbeat());
  };
  const heartbeat = async (): Promise<void> => {
    const started = clock.now();
    const renewed = await attempt('renewing the lease', renewLease);
    await attempt('reporting the status', async () => {
      const current = await client.get(NODES, key);
      if (ending.signal.aborted) return;
      see(current);
      await report(current);
    });
    await attempt('making the CSINode', ensureCsiNode);
    // At a failure again soon; else every ten seconds by the clock, whatever this took, with a little jitter so that nodes spread.
    const wait = (renewed ? heartbeatPeriod : 1000) * (1 + (random.next() - 0.5) * 0.08);
    schedule(Math.max(0, wait - (clock.now() - started)));
  };

  return {
    async start() {
      const backoff = createBackoff({ random, initial: 100, maximum: 7000, jitter: 0.1 });
      while (!ending.signal.aborted && !(await attempt('registering', register))) await sleep(clock, backoff.next(), ending.signal);
      if (ending.signal.aborted) return;
      const leased = await attempt('creating the lease', renewLease);
      await attempt('making the CSINode', ensureCsiNode);
      // Many nodes start at once: their first renewals are spread over the period.
      schedule(leased ? random.next() * heartbeatPeriod : 200);
    },
    stop() {
      ending.abort();
      timer?.cancel();
    },
  };
}

function isSameList(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((item, index) => item === other[index]);
}

function newLease(name: string, node: Node | undefined, renewTime: string): Draft<Lease> {
  const ownerReferences = node ? [{ apiVersion: 'v1', kind: 'Node', name, uid: node.metadata.uid }] : [];
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name, namespace: leaseNamespace, ownerReferences },
    spec: { holderIdentity: name, leaseDurationSeconds: leaseSeconds, renewTime },
  };
}
