// kube-scheduler: gives every pod without a node the best one.
// https://kubernetes.io/docs/concepts/scheduling-eviction/kube-scheduler/
import { setImmediate } from 'node:timers/promises';
import { isReason } from '../apimachinery/errors/api-error.js';
import type { Clock } from '../clock/clock.js';
import type { Random } from '../clock/random.js';
import type { Client } from '../client/client.js';
import { createEventRecorder, type EventRecorder } from '../client/events/recorder.js';
import type { InformerFactory } from '../client/informer/factory.js';
import { errorText, silentLogger, type Logger } from '../client/logger.js';
import { NODES, PODS } from '../client/resources.js';
import { createBinder } from './binder.js';
import { createCycle, rejectionOf } from './cycle/cycle.js';
import { describeFailure } from './cycle/diagnosis.js';
import { createNodeCache } from './cycle/node-cache.js';
import { createResourceReader } from './cycle/resources.js';
import type { PodInfo, Plugins } from './framework.js';
import { defaultPlugins } from './plugins/plugins.js';
import { createSchedulingQueue } from './queue/scheduling-queue.js';
import { watchCluster } from './watcher.js';

export interface SchedulerOptions {
  readonly client: Client;
  /** The scheduler takes its informers of pods and nodes from here; the caller starts and stops the factory. */
  readonly informers: InformerFactory;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger?: Logger;
  /** Absent: one of its own, in the style of the real scheduler. */
  readonly recorder?: EventRecorder;
  /** Pods that name another scheduler are left alone; `default-scheduler` when absent. */
  readonly schedulerName?: string;
  /** For `reportingInstance`: `<scheduler>-<host>`; `kubedouble` when absent. */
  readonly host?: string;
  readonly plugins?: Plugins;
}

export interface Scheduler {
  start(): void;
  /** Resolves when what is being written has ended. Leaves no timers. */
  stop(): Promise<void>;
}

/** So many writes are under way at most. */
const writesAtOnce = 100;
/** After so many pods others get the processor. */
const podsInARow = 32;

/** Makes a scheduler; it schedules once started and the informers have synced. */
export function createScheduler(options: SchedulerOptions): Scheduler {
  const {
    client,
    informers,
    clock,
    random,
    logger = silentLogger,
    schedulerName = 'default-scheduler',
    host = 'kubedouble',
    plugins = defaultPlugins,
  } = options;
  const recorder =
    options.recorder ??
    createEventRecorder({ client, clock, random, logger, component: schedulerName, style: 'series', instance: `${schedulerName}-${host}` });
  const reader = createResourceReader();
  const cache = createNodeCache(reader);
  const queue = createSchedulingQueue(clock);
  const cycle = createCycle(cache, plugins);
  const binder = createBinder(client, clock);
  const ending = new AbortController();
  const pods = informers.informer(PODS);
  const nodes = informers.informer(NODES);
  /** Nodes on which a pod that had found none might now fit. */
  const improved = new Set<string>();
  const writes = new Set<Promise<void>>();
  let started: Promise<void> | undefined;
  let unwatch = (): void => {};
  let kick = (): void => {};

  const nodeImproved = (name: string): void => {
    improved.add(name);
    kick();
  };
  queue.onActive(() => kick());

  const idle = (): Promise<void> =>
    new Promise((resolve) => {
      kick = () => {
        kick = () => {};
        resolve();
      };
      if (ending.signal.aborted) kick();
    });
  const write = (work: Promise<void>): void => {
    writes.add(work);
    void work.finally(() => {
      writes.delete(work);
      if (writes.size === writesAtOnce - 1) kick();
    });
  };

  /** Events are of single nodes, and so are the filters: a pod can be helped only if such a node now passes all of them. */
  const wakeHelped = (): void => {
    if (improved.size === 0) return;
    const helpers = [...improved].map((name) => cache.get(name)).filter((node) => node?.node !== undefined);
    improved.clear();
    if (queue.counts.unschedulable === 0) return;
    queue.wake((pod) =>
      helpers.some((node) => (pod.onlyNodes?.includes(node!.name) ?? true) && rejectionOf(plugins.filters, pod, node!) === undefined),
    );
  };

  const failed = async ({ pod, key }: PodInfo, reason: 'Unschedulable' | 'SchedulerError', message: string): Promise<void> => {
    recorder.event(pod, 'Warning', 'FailedScheduling', message, 'Scheduling');
    try {
      await binder.markUnscheduled(pod, reason, message);
    } catch (error) {
      logger.debug(`the condition of pod ${key} was not written`, { error: errorText(error) });
    }
  };
  const bind = async (info: PodInfo, node: string): Promise<void> => {
    const { pod, key } = info;
    try {
      await binder.bind(pod, node);
      recorder.event(pod, 'Normal', 'Scheduled', `Successfully assigned ${key} to ${node}`, 'Binding');
      queue.remove(key);
    } catch (error) {
      // Another version of the pod may be counted by now: then an informer has decided.
      if (cache.get(node)?.pods.get(key) === info) {
        cache.removePod(key);
        nodeImproved(node);
      }
      if (isReason(error, 'NotFound')) return queue.remove(key);
      if (ending.signal.aborted) return;
      logger.warn(`pod ${key} could not be bound to ${node}`, { error: errorText(error) });
      queue.retry(key, 'error');
      await failed(info, 'SchedulerError', `binding rejected: running Bind plugin "DefaultBinder": ${errorText(error)}`);
    }
  };
  const attempt = (info: PodInfo): void => {
    const { pod, key } = info;
    if (pod.metadata.deletionTimestamp !== undefined) {
      recorder.event(pod, 'Warning', 'FailedScheduling', `skip schedule deleting pod: ${key}`, 'Scheduling');
      return;
    }
    const outcome = cycle.run(info);
    if ('node' in outcome) {
      cache.setPod(info, outcome.node);
      write(bind(info, outcome.node));
    } else {
      queue.retry(key, 'unschedulable');
      write(failed(info, 'Unschedulable', describeFailure(info, outcome.diagnosis)));
    }
  };

  const attemptSafely = (info: PodInfo): void => {
    try {
      attempt(info);
    } catch (error) {
      logger.error(`scheduling of pod ${info.key} failed`, { error: errorText(error) });
      queue.retry(info.key, 'error');
    }
  };

  const run = async (): Promise<void> => {
    const synced = await Promise.all([pods.waitForSync(ending.signal), nodes.waitForSync(ending.signal)]);
    if (!synced.every(Boolean)) return;
    for (let tried = 1; !ending.signal.aborted; tried++) {
      wakeHelped();
      const next = writes.size < writesAtOnce ? queue.next() : undefined;
      if (next) attemptSafely(next.info);
      else await idle();
      if (tried % podsInARow === 0) await setImmediate();
    }
  };

  return {
    start() {
      if (started || ending.signal.aborted) return;
      unwatch = watchCluster({ pods, nodes, cache, queue, reader, plugins, schedulerName, nodeImproved });
      started = run().catch((error: unknown) => logger.error('the scheduler has failed', { error: errorText(error) }));
    },
    async stop() {
      ending.abort();
      unwatch();
      kick();
      await started;
      queue.stop();
      await Promise.all(writes);
      if (!options.recorder) await recorder.stop();
    },
  };
}
