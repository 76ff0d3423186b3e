// One node: a machine, and while it is turned on a session of reporter and pod workers, the kubelet.
import type { Node, Pod } from '../../openapi/types/core.v1.js';
import { canonicalQuantity } from '../apimachinery/quantity/quantity.js';
import type { Client } from '../client/client.js';
import { createEventRecorder } from '../client/events/recorder.js';
import { createInformer } from '../client/informer/informer.js';
import { NODES, PODS } from '../client/resources.js';
import { sleep } from '../clock/clock.js';
import { fallbackRange } from '../network/pod-network.js';
import type { ImageService } from '../runtime/cri.js';
import { imageBehaviours } from '../runtime/image-behaviours.js';
import { createImageService } from '../runtime/images.js';
import { rejectionOf, type Rejection } from './admission.js';
import { limitClient } from './limited-client.js';
import { createMachine, runtimeUntil, type Machine } from './machine.js';
import type { NodeContext } from './node-context.js';
import { createNodeReporter } from './node-reporter.js';
import { defaultCapacity, type NodeFacts } from './node-status.js';
import type { KubeletsOptions, NodeCapacity, NodeHandle } from './options.js';
import { createPodLogs } from './pod-logs.js';
import { PodWorker } from './pod-worker.js';
import { createProbeManager } from './probes.js';

export interface KubeletOptions extends Pick<
  KubeletsOptions,
  'endpoints' | 'clock' | 'random' | 'logger' | 'capacity' | 'images' | 'logBytes'
> {
  readonly name: string;
  /** Of the node among the others, for a range of pod addresses when nobody allocates one. */
  readonly index: number;
  /** The node's InternalIP. */
  readonly address: string;
  readonly client: Client;
}

export type Kubelet = NodeHandle;

const defaultLogBytes = 256 * 1024;
/** Requests of a node's pod workers under way at once. */
const requestsAtOnce = 32;
/** How long a node waits for its range of pod addresses, in milliseconds, and the first of the pauses between looks. */
const rangePatience = 2000;
const firstRangePause = 10;

const noVolumes: readonly string[] = [];

interface Session {
  start(): Promise<void>;
  /** Ends it; the machine goes on. */
  stop(): Promise<void>;
}

/** Makes a node that is off. Its images stay on it when it is turned off, its containers only while it has power. */
export function createKubelet(options: KubeletOptions): Kubelet {
  const { name, random, clock, logBytes = defaultLogBytes } = options;
  const behaviours = [...(options.images ?? []), ...imageBehaviours];
  const images = createImageService(behaviours);
  const capacity = canonicalCapacity({ ...defaultCapacity, ...options.capacity });
  const machineId = Buffer.from(random.bytes(16)).toString('hex');
  let machine: Machine | undefined;
  let session: Session | undefined;
  let starting: Promise<void> | undefined;

  const stop = async (): Promise<void> => {
    const ending = session;
    session = undefined;
    await ending?.stop();
  };
  return {
    get power() {
      if (session) return 'on';
      return machine ? 'stopped' : 'off';
    },
    start() {
      if (!session) {
        machine ??= createMachine({ clock, random, behaviours, logBytes });
        const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';
        const { bootId } = machine;
        const facts: NodeFacts = { name, address: options.address, capacity, architecture, machineId, bootId };
        session = createSession(options, facts, machine, images);
        starting = session.start();
      }
      return starting!;
    },
    stop,
    async drainPower() {
      const dead = machine;
      machine = undefined;
      const stopped = stop();
      dead?.left.clear();
      dead?.runtime.powerOff();
      await stopped;
    },
  };
}

function canonicalCapacity(capacity: NodeCapacity): NodeCapacity {
  const entries = Object.entries(capacity).map(([resource, quantity]) => [resource, canonicalQuantity(quantity)]);
  return Object.fromEntries(entries) as NodeCapacity;
}

function createSession(options: KubeletOptions, facts: NodeFacts, machine: Machine, images: ImageService): Session {
  const { name, address, client, clock, random, logger, endpoints } = options;
  const ending = new AbortController();
  const { network, left } = machine;
  const runtime = runtimeUntil(machine.runtime, ending.signal);
  const recorder = createEventRecorder({ client, clock, random, logger, component: 'kubelet', host: name });
  const workers = new Map<string, PodWorker>();
  let hasRange = false;
  let gettingRange: Promise<void> | undefined;

  const self = { kind: 'Node', name, uid: name };
  let rebooted: boolean | undefined;
  /** The first look at a node that is known tells whether the machine was off meanwhile. */
  const noticeReboot = ({ status }: Node): void => {
    if (rebooted !== undefined) return;
    const known = status?.nodeInfo?.bootID ?? '';
    rebooted = known !== '' && known !== facts.bootId;
    if (rebooted) recorder.event(self, 'Warning', 'Rebooted', `Node ${name} has been rebooted, boot id: ${facts.bootId}`);
  };
  const see = (node: Node): void => {
    noticeReboot(node);
    const { spec } = node;
    const ranges = spec.podCIDRs?.length ? spec.podCIDRs : spec.podCIDR ? [spec.podCIDR] : [];
    if (ranges.length === 0) return;
    network.setRanges(ranges);
    hasRange = true;
  };
  const volumesInUse = (): readonly string[] => {
    const used = new Set<string>();
    for (const { record } of workers.values()) for (const volume of record.volumesInUse) used.add(volume);
    return used.size === 0 ? noVolumes : [...used].sort();
  };
  const reporter = createNodeReporter({ client, clock, random, logger, facts, images: () => images.listImages(), volumesInUse, seen: see });
  const waitForRange = async (): Promise<void> => {
    const deadline = clock.now() + rangePatience;
    for (let pause = firstRangePause; !hasRange && !ending.signal.aborted && clock.now() < deadline; pause *= 2) {
      await client.get(NODES, { name }).then(see, () => undefined);
      if (!hasRange) await sleep(clock, Math.min(pause, 500), ending.signal);
    }
    if (hasRange || ending.signal.aborted) return;
    logger.info(`${name}: nobody gave the node a range of pod addresses: it takes one by itself`);
    network.setRanges([fallbackRange(options.index)]);
    hasRange = true;
  };

  const node: NodeContext = {
    name,
    address,
    client: limitClient(client, requestsAtOnce, ending.signal),
    clock,
    logger,
    recorder,
    runtime,
    images,
    network,
    probes: createProbeManager(runtime),
    signal: ending.signal,
    networkReady: () => (hasRange ? Promise.resolve() : (gettingRange ??= waitForRange())),
  };
  const remove = (uid: string): void => workers.get(uid)?.remove();
  const takeOn = (pod: Pod): void => {
    const { uid } = pod.metadata;
    const known = workers.get(uid);
    if (known) return known.update(pod);
    hire(pod).wake();
  };
  /** A pod that nobody has looked at before may not fit. */
  const rejected = (pod: Pod): Rejection | undefined => {
    if (left.has(pod.metadata.uid) || pod.status.phase !== 'Pending' || pod.status.startTime !== undefined) return undefined;
    const running = (): readonly Pod[] =>
      [...workers.values()].filter(({ record }) => record.terminal === undefined).map(({ record }) => record.pod);
    return rejectionOf(pod, running, facts.capacity);
  };
  const hire = (pod: Pod): PodWorker => {
    const { uid } = pod.metadata;
    const worker = new PodWorker(node, pod, () => workers.delete(uid), left.get(uid), rejected(pod));
    left.delete(uid);
    workers.set(uid, worker);
    return worker;
  };
  /** Pods that went while no kubelet ran: what is left of them here goes too. */
  const removeLeft = (): void => {
    for (const { record } of left.values()) hire(record.pod).remove();
  };
  machine.onExit = (uid) => workers.get(uid)?.wake();
  const pods = createInformer({ client, type: PODS, clock, random, logger, fieldSelector: `spec.nodeName=${name}` });
  pods.addHandler({
    add: takeOn,
    update(previous, current) {
      // Deleted and created anew under its name between two events.
      if (previous.metadata.uid !== current.metadata.uid) remove(previous.metadata.uid);
      takeOn(current);
    },
    delete: ({ metadata }) => remove(metadata.uid),
  });

  return {
    async start() {
      recorder.event(self, 'Normal', 'Starting', 'Starting kubelet.');
      endpoints.register(name, createPodLogs({ runtime, clock, record: (uid) => workers.get(uid)?.record }));
      pods.start();
      await Promise.all([reporter.start(), pods.waitForSync(ending.signal)]);
      if (ending.signal.aborted) return;
      removeLeft();
      recorder.event(self, 'Normal', 'NodeReady', `Node ${name} status is now: NodeReady`);
    },
    async stop() {
      ending.abort();
      endpoints.remove(name);
      reporter.stop();
      pods.stop();
      machine.onExit = undefined;
      for (const [uid, worker] of workers) {
        worker.abandon();
        left.set(uid, worker);
      }
      workers.clear();
      await recorder.stop();
    },
  };
}
