// One node: turned on, it is a session of reporter, pod workers, runtime and network; turned off, nothing of that is left.
import type { Node, Pod } from '../../openapi/types/core.v1.js';
import { canonicalQuantity } from '../apimachinery/quantity/quantity.js';
import type { Client } from '../client/client.js';
import { createEventRecorder } from '../client/events/recorder.js';
import { createInformer } from '../client/informer/informer.js';
import { NODES, PODS } from '../client/resources.js';
import { sleep } from '../clock/clock.js';
import { createPodNetwork, fallbackRange } from '../network/pod-network.js';
import type { ImageService } from '../runtime/cri.js';
import { imageBehaviours, type ImageBehaviour } from '../runtime/image-behaviours.js';
import { createImageService } from '../runtime/images.js';
import { createRuntime } from '../runtime/runtime.js';
import { limitClient } from './limited-client.js';
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

interface Session {
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Makes a node that is off. Its images stay on it when it is turned off, its containers do not. */
export function createKubelet(options: KubeletOptions): Kubelet {
  const { name, random } = options;
  const behaviours = [...(options.images ?? []), ...imageBehaviours];
  const images = createImageService(behaviours);
  const capacity = canonicalCapacity({ ...defaultCapacity, ...options.capacity });
  const machineId = Buffer.from(random.bytes(16)).toString('hex');
  let session: Session | undefined;
  let starting: Promise<void> | undefined;
  return {
    start() {
      if (!session) {
        const facts: NodeFacts = {
          name,
          address: options.address,
          capacity,
          architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
          machineId,
          bootId: random.uid(),
        };
        session = createSession(options, facts, images, behaviours);
        starting = session.start();
      }
      return starting!;
    },
    async stop() {
      const ending = session;
      session = undefined;
      await ending?.stop();
    },
  };
}

function canonicalCapacity(capacity: NodeCapacity): NodeCapacity {
  const entries = Object.entries(capacity).map(([resource, quantity]) => [resource, canonicalQuantity(quantity)]);
  return Object.fromEntries(entries) as NodeCapacity;
}

function createSession(options: KubeletOptions, facts: NodeFacts, images: ImageService, behaviours: readonly ImageBehaviour[]): Session {
  const { name, address, client, clock, random, logger, endpoints, logBytes = defaultLogBytes } = options;
  const ending = new AbortController();
  const runtime = createRuntime({ clock, random, behaviours, logBytes });
  const network = createPodNetwork();
  const recorder = createEventRecorder({ client, clock, random, logger, component: 'kubelet', host: name });
  const workers = new Map<string, PodWorker>();
  let hasRange = false;
  let gettingRange: Promise<void> | undefined;

  const see = ({ spec }: Node): void => {
    const ranges = spec.podCIDRs?.length ? spec.podCIDRs : spec.podCIDR ? [spec.podCIDR] : [];
    if (ranges.length === 0) return;
    network.setRanges(ranges);
    hasRange = true;
  };
  const reporter = createNodeReporter({ client, clock, random, logger, facts, images: () => images.listImages(), seen: see });
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
    const worker = new PodWorker(node, pod, () => workers.delete(uid));
    workers.set(uid, worker);
    worker.wake();
  };
  runtime.onExit((uid) => workers.get(uid)?.wake());
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
      const self = { kind: 'Node', name, uid: name };
      recorder.event(self, 'Normal', 'Starting', 'Starting kubelet.');
      endpoints.register(name, createPodLogs({ runtime, clock, record: (uid) => workers.get(uid)?.record }));
      pods.start();
      await Promise.all([reporter.start(), pods.waitForSync(ending.signal)]);
      recorder.event(self, 'Normal', 'NodeReady', `Node ${name} status is now: NodeReady`);
    },
    async stop() {
      ending.abort();
      endpoints.remove(name);
      reporter.stop();
      pods.stop();
      for (const worker of workers.values()) worker.powerOff();
      workers.clear();
      runtime.powerOff();
      await recorder.stop();
    },
  };
}
