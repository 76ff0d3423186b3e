// Runs controllers on the memory client with a clock that the test moves.
import type { Event } from '../../../openapi/types/core.v1.js';
import { isRecord, type KubeObject } from '../../apimachinery/object.js';
import type { Client, ResourceType } from '../../client/client.js';
import { createEventRecorder } from '../../client/events/recorder.js';
import { createInformerFactory, type InformerFactory } from '../../client/informer/factory.js';
import { silentLogger } from '../../client/logger.js';
import { EVENTS } from '../../client/resources.js';
import { createMemoryClient, type MemoryClient, type MemoryReactor } from '../../client/testing/memory-client.js';
import { manualClock, type ManualClock } from '../../clock/manual-clock.js';
import { seededRandom } from '../../clock/random.js';
import type { ControllerContext, RunningController } from '../definition.js';

export interface Kit {
  readonly client: MemoryClient;
  readonly clock: ManualClock;
  readonly informers: InformerFactory;
  /** Starts a controller; it is stopped by {@link Kit.stop}. */
  start(create: (context: ControllerContext) => RunningController): Promise<void>;
  /** Moves time on (50 ms when absent), which lets all that is under way settle. */
  run(milliseconds?: number): Promise<void>;
  /** `reason: message` of all events, in order. */
  events(): Promise<string[]>;
  stop(): Promise<void>;
}

/** What the server fills in where the memory client does not. */
const emptyStatuses: ReadonlyMap<string, unknown> = new Map([
  ['pods', { phase: 'Pending' }],
  ['replicasets', { replicas: 0 }],
  ['jobs', {}],
  ['statefulsets', { replicas: 0 }],
  ['daemonsets', {}],
]);

/**
 * A write of a status takes metadata along, as the server does for deployments and services: the memory client alone does not.
 * @param reactor sees every request first
 */
export function createKit(reactor?: MemoryReactor): Kit {
  const clock = manualClock();
  const memory = createMemoryClient({ clock, ...(reactor === undefined ? {} : { reactor }) });
  const client: Client = {
    ...memory,
    create(type, draft, options) {
      const status = emptyStatuses.get(type.resource);
      const filled: unknown = status === undefined ? draft : { status, ...(draft as object) };
      return memory.create(type, filled as typeof draft, options);
    },
    async update(type, object, options = {}) {
      const fields: unknown = object;
      if (options.subresource !== 'status' || type.resource !== 'deployments' || !isRecord(fields))
        return memory.update(type, object, options);
      const untyped: ResourceType = type;
      await memory.update<KubeObject>(untyped, fields, {});
      const { resourceVersion: _, ...metadata } = isRecord(fields['metadata']) ? fields['metadata'] : {};
      const unversioned: unknown = { ...fields, metadata };
      return memory.update(type, unversioned as typeof object, options);
    },
    async patch(type, key, form, change, options = {}) {
      if (options.subresource !== 'status' || type.resource !== 'services' || !isRecord(change) || change['metadata'] === undefined)
        return memory.patch(type, key, form, change, options);
      const { metadata, ...rest } = change;
      const written = await memory.patch(type, key, form, { metadata }, {});
      return Object.keys(rest).length === 0 ? written : memory.patch(type, key, form, rest, options);
    },
  };
  const random = seededRandom(1);
  const informers = createInformerFactory({ client, clock, random, logger: silentLogger });
  const running: { stop(): Promise<void> }[] = [];
  const context: ControllerContext = {
    client,
    informers,
    clock,
    random,
    logger: silentLogger,
    ca: 'the CA\n',
    signer: { sign: () => Promise.resolve('a certificate\n') },
    tokenSigner: { sign: (claims) => Promise.resolve(`signed ${JSON.stringify(claims)}`) },
    loadBalancerPool: ['203.0.113.0/30', '2001:db8::/126'],
    clusterDomain: 'cluster.local',
    recorder(component) {
      const recorder = createEventRecorder({ client, clock, random, logger: silentLogger, component });
      running.push(recorder);
      return recorder;
    },
  };
  const run = (milliseconds = 50): Promise<void> => clock.advance(milliseconds);
  return {
    client: memory,
    clock,
    informers,
    async start(create) {
      const controller = create(context);
      running.unshift(controller);
      controller.start();
      informers.start();
      await run();
    },
    run,
    async events() {
      const { items } = await memory.list<Event & KubeObject>(EVENTS);
      return items.map(({ reason = '', message = '' }) => `${reason}: ${message}`);
    },
    async stop() {
      informers.stop();
      const stopped = Promise.all(running.map((one) => one.stop()));
      await clock.advance(0);
      await stopped;
    },
  };
}
