// A cluster whose parts fail on purpose: each talks to the API through a client that a test can make fail, and each can be restarted.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createFaultyClient, type FaultRule, type FaultTarget, type FaultyClient } from '../../src/client/faults/faults.js';
import { createInformerFactory } from '../../src/client/informer/factory.js';
import { KubeletEndpoints } from '../../src/client/kubelet-endpoint.js';
import { silentLogger } from '../../src/client/logger.js';
import { seededRandom, type Random } from '../../src/clock/random.js';
import { createControllerManager, type ControllerManager } from '../../src/controllers/index.js';
import { createKubelets, type Kubelets } from '../../src/kubelet/index.js';
import { createScheduler } from '../../src/scheduler/scheduler.js';
import type { Client, Cluster, ManualClock } from '../../src/index.js';
import { startByHand, stopByHand } from './manual-time.js';

interface Part {
  start(): void | Promise<void>;
  stop(): Promise<void>;
}

export type PartName = 'controllers' | 'scheduler' | 'kubelets';

export interface Chaos {
  readonly client: Client;
  readonly clock: ManualClock;
  /** What the test itself draws from. */
  readonly random: Random;
  readonly kubelets: Kubelets;
  readonly nodes: readonly string[];
  /** Requests of the parts since the start, by part. */
  readonly requests: Readonly<Record<PartName, FaultTarget[]>>;
  /** Adds a rule to the client of every part. */
  fail(rule: FaultRule): void;
  /** Ends all watches of all parts. */
  cutWatches(): void;
  /** Ends a part in the middle of whatever it does and starts a new one that knows nothing. */
  restart(name: 'controllers' | 'scheduler'): Promise<void>;
  /** No more faults. */
  calm(): void;
  /** Waits for something that may need time to go on. */
  settle<T>(promise: Promise<T>): Promise<T>;
  stop(): Promise<void>;
}

/** Starts the cluster; every draw, of the parts and of the faults, follows from the seed. */
export async function startChaos(seed: number, nodes: number): Promise<Chaos> {
  const { cluster, clock }: { cluster: Cluster; clock: ManualClock } = await startByHand({
    components: ['apiserver'],
    random: seededRandom(seed),
    freeze: true,
  });
  const random = seededRandom(seed + 1_000_003);
  const requests: Record<PartName, FaultTarget[]> = { controllers: [], scheduler: [], kubelets: [] };
  const faulty = (name: PartName): FaultyClient =>
    createFaultyClient({ client: cluster.client, clock, random, onRequest: (request) => void requests[name].push(request) });
  const clients = { controllers: faulty('controllers'), scheduler: faulty('scheduler'), kubelets: faulty('kubelets') };
  const every = Object.values(clients);
  const logger = silentLogger;

  const controllers = (): ControllerManager =>
    createControllerManager({
      clientFor: () => clients.controllers,
      clock,
      random,
      logger,
      ca: 'the CA\n',
      signer: { sign: () => Promise.resolve('a certificate\n') },
      tokenSigner: { sign: () => Promise.resolve('a token') },
      clusterDomain: 'cluster.local',
    });
  const scheduler = (): Part => {
    const informers = createInformerFactory({ client: clients.scheduler, clock, random, logger });
    const made = createScheduler({ client: clients.scheduler, informers, clock, random, logger });
    return {
      start: () => {
        made.start();
        informers.start();
      },
      stop: async () => {
        await made.stop();
        informers.stop();
      },
    };
  };
  const make = { controllers, scheduler };
  const running: Record<keyof typeof make, Part> = { controllers: controllers(), scheduler: scheduler() };
  const kubelets = createKubelets({
    count: nodes,
    clientFor: () => clients.kubelets,
    endpoints: new KubeletEndpoints(),
    clock,
    random,
    logger,
    nodeAddress: '127.0.0.1',
  });

  const settle = async <T>(promise: Promise<T>): Promise<T> => {
    let settled = false;
    const done = (): void => void (settled = true);
    promise.then(done, done);
    while (!settled) await (clock.pending() > 0 ? clock.advance(10) : nextTurn());
    return promise;
  };
  await running.controllers.start();
  await running.scheduler.start();
  await settle(kubelets.start());
  await clock.advance(2000);
  return {
    client: cluster.client,
    clock,
    random,
    kubelets,
    nodes: kubelets.nodes,
    requests,
    fail: (rule) => every.forEach((client) => client.addRule(rule)),
    cutWatches: () => every.forEach((client) => client.cutWatches()),
    async restart(name) {
      await settle(running[name].stop());
      running[name] = make[name]();
      await running[name].start();
    },
    calm: () => every.forEach((client) => client.clearRules()),
    settle,
    async stop() {
      every.forEach((client) => client.clearRules());
      await settle(Promise.all([kubelets.stop(), running.scheduler.stop(), running.controllers.stop()]));
      await stopByHand(cluster, clock);
    },
  };
}
