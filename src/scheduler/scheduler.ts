// kube-scheduler: gives every pod without a node the best one.
// https://kubernetes.io/docs/concepts/scheduling-eviction/kube-scheduler/
import { setMaxListeners } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { isReason } from '../apimachinery/errors/api-error.js';
import type { Clock } from '../clock/clock.js';
import type { Random } from '../clock/random.js';
import type { Client } from '../client/client.js';
import { createEventRecorder, type EventRecorder } from '../client/events/recorder.js';
import type { InformerFactory } from '../client/informer/factory.js';
import { errorText, silentLogger, type Logger } from '../client/logger.js';
import { NODES, PODS } from '../client/resources.js';
import { BindingError, reserve, type Reservations } from './binding.js';
import { byExtender, createCycle, type Outcome } from './cycle/cycle.js';
import type { Failure } from './cycle/failure.js';
import { describeFailure } from './cycle/diagnosis.js';
import { PluginError } from './cycle/plugin-error.js';
import { createExtenders, ExtenderError, type PodExtenders } from './extenders/index.js';
import {
  eventResources,
  type DeviceSelectorEvaluator,
  type HintPlugin,
  type NodeInfo,
  type PodInfo,
  type PostFilterResult,
} from './framework.js';
import { defaultConfiguration, type SchedulerConfiguration } from './profile/configuration.js';
import type { Profile } from './profile/profile.js';
import { createSchedulingQueue } from './queue/scheduling-queue.js';
import { createSchedulerState } from './scheduler-state.js';
import { createStatusWriter, nominatedFor } from './status-writer.js';
import { watchCluster } from './watcher.js';

export interface SchedulerOptions {
  readonly client: Client;
  /** The scheduler takes its informers from here; the caller starts and stops the factory. */
  readonly informers: InformerFactory;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger?: Logger;
  /** Absent: one for each profile, in the style of the real scheduler. */
  readonly recorder?: EventRecorder;
  /** Profiles and back-off; pods that name no profile's scheduler are left alone. One profile, `default-scheduler`, when absent. */
  readonly configuration?: SchedulerConfiguration;
  /** For `reportingInstance`: `<scheduler>-<host>`; `kubedouble` when absent. */
  readonly host?: string;
  /** Evaluates the selectors of devices; CEL itself when absent. */
  readonly deviceSelectors?: DeviceSelectorEvaluator;
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

/** What an extender thinks of is not known: anything may change its mind. */
const anyEvent: HintPlugin = { listens: eventResources, helps: () => true };

/** Makes a scheduler; it schedules once started and the informers have synced. Throws ConfigurationError. */
export function createScheduler(options: SchedulerOptions): Scheduler {
  const { client, informers, clock, random, logger = silentLogger, host = 'kubedouble', configuration = defaultConfiguration } = options;
  const recorders = new Map<string, EventRecorder>();
  const recorderOf = (component: string): EventRecorder => {
    const known = options.recorder ?? recorders.get(component);
    if (known) return known;
    const made = createEventRecorder({ client, clock, random, logger, component, style: 'series', instance: `${component}-${host}` });
    recorders.set(component, made);
    return made;
  };
  const pods = informers.informer(PODS);
  const nodes = informers.informer(NODES);
  const state = createSchedulerState({
    client,
    informers,
    clock,
    random,
    logger,
    recorderOf,
    configuration,
    deviceSelectors: options.deviceSelectors,
  });
  const { cache, nominations, profileOf } = state;
  // All profiles share one queue: the first says how it is sorted.
  const [first] = state.profiles.values();
  const queue = createSchedulingQueue({ clock, sort: first!.queueSort, ...configuration });
  const cycle = createCycle(cache, nominations);
  const status = createStatusWriter(client, clock);
  const ending = new AbortController();
  // Every informer and every pod that is being prepared listens.
  setMaxListeners(0, ending.signal);
  const writes = new Set<Promise<void>>();
  /** Pods for which something is being prepared. */
  const preparations = new Map<string, AbortController>();
  const extenders = createExtenders(configuration.extenders, { clock, logger, signal: ending.signal });
  let started: Promise<void> | undefined;
  let unwatch = (): void => {};
  let kick = (): void => {};

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
      kick();
    });
  };
  const emit = (
    { pod }: PodInfo,
    { schedulerName }: Profile,
    type: 'Normal' | 'Warning',
    reason: string,
    message: string,
    action: string,
  ): void => recorderOf(schedulerName).event(pod, type, reason, message, action);

  const report = async (
    info: PodInfo,
    profile: Profile,
    reason: 'Unschedulable' | 'SchedulerError',
    message: string,
    nominated?: string,
  ): Promise<void> => {
    emit(info, profile, 'Warning', 'FailedScheduling', message, 'Scheduling');
    try {
      await status.markUnscheduled(info.pod, reason, message, nominated);
    } catch (error) {
      logger.debug(`the condition of pod ${info.key} was not written`, { error: errorText(error) });
    }
  };
  const broken = (info: PodInfo, profile: Profile, message: string): void => {
    queue.retry(info.key);
    write(report(info, profile, 'SchedulerError', message));
  };

  const bind = async (info: PodInfo, node: NodeInfo, profile: Profile, reservations: Reservations): Promise<void> => {
    const { key } = info;
    const ended = reservations.preparing ? new AbortController() : undefined;
    if (ended) preparations.set(key, ended);
    try {
      await reservations.bind(ended ? AbortSignal.any([ended.signal, ending.signal]) : ending.signal);
      emit(info, profile, 'Normal', 'Scheduled', `Successfully assigned ${key} to ${node.name}`, 'Binding');
      queue.remove(key);
    } catch (error) {
      reservations.release();
      // Another version of the pod may be counted by now: then an informer has decided.
      if (node.pods.get(key) === info) {
        cache.removePod(key);
        queue.wake({ resource: 'podDeleted', change: 'delete', object: info.pod, pod: info, node });
      }
      if (!ending.signal.aborted) await reservations.undo();
      const cause = error instanceof BindingError ? error.cause : error;
      if (isReason(cause, 'NotFound') || ended?.signal.aborted) return queue.remove(key);
      if (ending.signal.aborted) return;
      logger.warn(`pod ${key} could not be bound to ${node.name}`, { error: errorText(error) });
      queue.retry(key);
      // While something was prepared, the pod was nominated for the node.
      const told = reservations.preparing ? { ...info, pod: nominatedFor(info.pod, node.name) } : info;
      await report(told, profile, 'SchedulerError', errorText(error), reservations.preparing ? '' : undefined);
    } finally {
      if (ended) preparations.delete(key);
    }
  };

  /** What the PostFilter plugins say can be done. */
  const postFilter = ({ postFilters }: Profile, failure: Failure): PostFilterResult[] => {
    const said: PostFilterResult[] = [];
    if (failure.nodes === 0) return said;
    for (const plugin of postFilters) {
      const result = plugin.postFilter(failure);
      said.push(result);
      if (result.nominate !== undefined || result.final || result.revise) break;
    }
    return said;
  };
  /** Lets the pod wait, and does what was said. */
  const unschedulable = (info: PodInfo, profile: Profile, failure: Failure, said: readonly PostFilterResult[]): void => {
    const last = said.at(-1);
    const message = describeFailure(failure, last?.nominate === undefined ? said.map((one) => one.message) : []);
    if (last?.nominate !== undefined) nominations.set(info, last.nominate);
    queue.wait(
      info.key,
      [...failure.rejectedBy].flatMap((name) => (name === byExtender ? anyEvent : (profile.hints.get(name) ?? []))),
    );
    const run = async (): Promise<void> => {
      await report(info, profile, 'Unschedulable', message, last?.nominate);
      for (const { act } of said) await act?.();
    };
    write(run());
  };
  const placed = (info: PodInfo, profile: Profile, { node, checks }: Exclude<Outcome, { failure: Failure }>, by?: PodExtenders): void => {
    const reservations = reserve(info, node, checks, profile, status, by);
    cache.setPod(info, node.name);
    nominations.delete(info.key);
    write(bind(info, node, profile, reservations));
  };

  /** As without extenders, but the world may change while they think. */
  const attemptWith = async (info: PodInfo, profile: Profile, mine: PodExtenders): Promise<void> => {
    const { events } = queue;
    const outcome = await cycle.runWith(info, profile, mine);
    if (ending.signal.aborted || !queue.has(info.key)) return;
    if (!('failure' in outcome)) return placed(info, profile, outcome, mine);
    const failure = { ...outcome.failure, extenders: mine };
    const said = postFilter(profile, failure);
    const revised = await said.at(-1)?.revise?.();
    if (ending.signal.aborted || !queue.has(info.key)) return;
    unschedulable(info, profile, failure, revised === undefined ? said : [...said.slice(0, -1), revised]);
    // Nobody was told of what happened meanwhile.
    if (queue.events !== events) queue.reconsider(info.key);
  };
  /** Resolves at once, unless extenders have a say. */
  const attempt = (info: PodInfo, profile: Profile): Promise<void> | undefined => {
    const { pod, key } = info;
    if (pod.metadata.deletionTimestamp !== undefined)
      return void emit(info, profile, 'Warning', 'FailedScheduling', `skip schedule deleting pod: ${key}`, 'Scheduling');
    const interested = extenders.of(info);
    if (interested !== undefined) return attemptWith(info, profile, interested);
    const outcome = cycle.run(info, profile);
    if ('failure' in outcome) unschedulable(info, profile, outcome.failure, postFilter(profile, outcome.failure));
    else placed(info, profile, outcome);
    return undefined;
  };
  const failed = (info: PodInfo, profile: Profile, error: unknown): void => {
    if (!(error instanceof PluginError || error instanceof BindingError || error instanceof ExtenderError))
      logger.error(`scheduling of pod ${info.key} failed`, { error: errorText(error) });
    broken(info, profile, errorText(error));
  };
  const attemptSafely = (info: PodInfo): Promise<void> | undefined => {
    const profile = profileOf(info.pod);
    if (profile === undefined) return void queue.remove(info.key);
    try {
      return attempt(info, profile)?.catch((error: unknown) => failed(info, profile, error));
    } catch (error) {
      return void failed(info, profile, error);
    }
  };

  const run = async (): Promise<void> => {
    const synced = await informers.waitForSync(ending.signal);
    if (!synced) return;
    for (let tried = 1; !ending.signal.aborted; tried++) {
      // Those that wait for volumes hold up nobody.
      const next = writes.size - preparations.size < writesAtOnce ? queue.next() : undefined;
      const asking = next === undefined ? idle() : attemptSafely(next);
      if (asking !== undefined) await asking;
      if (tried % podsInARow === 0) await setImmediate();
    }
  };

  return {
    start() {
      if (started || ending.signal.aborted) return;
      unwatch = watchCluster({
        ...state,
        pods,
        nodes,
        queue,
        isOurs: (pod) => profileOf(pod) !== undefined,
        isGated: (pod) => profileOf(pod)?.preEnqueue.some((plugin) => plugin.preEnqueue(pod) !== undefined) ?? false,
        gone: (key) => preparations.get(key)?.abort(),
      });
      started = run().catch((error: unknown) => logger.error('the scheduler has failed', { error: errorText(error) }));
    },
    async stop() {
      ending.abort();
      unwatch();
      kick();
      await started;
      queue.stop();
      await Promise.all(writes);
      await Promise.all([...recorders.values()].map((recorder) => recorder.stop()));
      await extenders.close();
    },
  };
}
