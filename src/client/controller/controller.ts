// Runs a reconciler: queues keys, retries with back-off, logs. The reconciler only says what should happen next.
import { setMaxListeners } from 'node:events';
import { ApiError, isReason } from '../../apimachinery/errors/api-error.js';
import type { KubeObject } from '../../apimachinery/object.js';
import type { Clock } from '../../clock/clock.js';
import type { Informer } from '../informer/types.js';
import { keyOf } from '../keys.js';
import { errorText, type Logger } from '../logger.js';
import type { RateLimiter } from '../work-queue/rate-limiter.js';
import { createWorkQueue } from '../work-queue/work-queue.js';

/** So many refusals in a row are told to whoever runs the cluster. */
const tellAfter = 8;

/** What should happen next with a key: nothing until it changes, or once more after this many milliseconds. */
export type ReconcileResult = undefined | void | { readonly requeueAfter: number };

export interface ControllerOptions {
  /** For logs: `replicaset`. */
  readonly name: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /**
   * Brings the world nearer to what the object of this key says; must be idempotent. A rejection puts the key back with back-off.
   * It is called with one key once at a time. `signal` is aborted when the controller stops.
   */
  readonly reconcile: (key: string, signal: AbortSignal) => Promise<ReconcileResult>;
  /** How many keys are worked on at once; 1 when absent. */
  readonly workers?: number;
  /** The workers start when these have their first lists. */
  readonly informers?: readonly Pick<Informer<KubeObject>, 'waitForSync'>[];
  /** Absent: the real controllers' limits. */
  readonly rateLimiter?: RateLimiter;
}

export interface Controller {
  readonly name: string;
  /** Queues a key; also before `start`. */
  enqueue(key: string): void;
  /** Queues a key in so many milliseconds; the earlier time counts when it is queued so again. */
  enqueueAfter(key: string, milliseconds: number): void;
  /** Queues the object's own key. */
  enqueueObject(object: KubeObject): void;
  /** A handler for `Informer.addHandler` that queues the object's own key at every change. */
  readonly handler: {
    add(object: KubeObject): void;
    update(previous: KubeObject, current: KubeObject): void;
    delete(last: KubeObject): void;
  };
  /** Keys waiting, and being worked on. 0 and 0: nothing to do now. */
  readonly pending: number;
  readonly running: number;
  start(): void;
  /** Ends the queue and resolves when the running reconciles have ended. Leaves no timers. */
  stop(): Promise<void>;
}

/** Makes a controller; it works once started. */
export function createController(options: ControllerOptions): Controller {
  const { name, clock, logger, reconcile, workers = 1, informers = [] } = options;
  const queue = createWorkQueue({ clock, rateLimiter: options.rateLimiter });
  const ending = new AbortController();
  // Every informer that is waited for listens, and there may be many.
  setMaxListeners(0, ending.signal);
  let started: Promise<unknown> | undefined;
  let running = 0;

  const once = async (key: string): Promise<void> => {
    running++;
    try {
      const result = await reconcile(key, ending.signal);
      queue.forget(key);
      if (result) queue.addAfter(key, result.requeueAfter);
    } catch (error) {
      if (!ending.signal.aborted) {
        const failures = queue.failures(key) + 1;
        // A conflict only says that the informer was behind: its next event brings the news.
        if (isReason(error, 'Conflict')) logger.debug(`${name}: ${key}: conflict, again`, { error: error.message });
        // What the server refuses (a quota, a name that is taken) is told by events; here only when it goes on.
        else if (error instanceof ApiError && failures < tellAfter)
          logger.debug(`${name}: ${key} was refused`, { error: error.message, failures });
        else if (error instanceof ApiError) logger.warn(`${name}: ${key} is refused again and again`, { error: error.message, failures });
        else logger.error(`${name}: ${key} failed`, { error: errorText(error), failures });
      }
      queue.addRateLimited(key);
    } finally {
      running--;
      queue.done(key);
    }
  };
  const work = async (): Promise<void> => {
    for (let key = await queue.next(); key !== undefined && !ending.signal.aborted; key = await queue.next()) await once(key);
  };
  const run = async (): Promise<void> => {
    const synced = await Promise.all(informers.map((informer) => informer.waitForSync(ending.signal)));
    if (ending.signal.aborted || !synced.every(Boolean)) return;
    await Promise.all(Array.from({ length: workers }, work));
  };
  const enqueueObject = (object: KubeObject): void => queue.add(keyOf(object));

  return {
    name,
    enqueue: (key) => queue.add(key),
    enqueueAfter: (key, milliseconds) => queue.addAfter(key, milliseconds),
    enqueueObject,
    handler: { add: enqueueObject, update: (_previous, current) => enqueueObject(current), delete: enqueueObject },
    get pending() {
      return queue.length;
    },
    get running() {
      return running;
    },
    start() {
      if (!ending.signal.aborted) started ??= run();
    },
    async stop() {
      ending.abort();
      queue.shutdown();
      await started;
    },
  };
}
