// Follows one resource: a first list (streamed, or paged), then a watch, again and again, with back-off.
// https://kubernetes.io/docs/reference/using-api/api-concepts/#streaming-lists
import { ApiError, isReason } from '../../apimachinery/errors/api-error.js';
import type { KubeObject, WatchEvent } from '../../apimachinery/object.js';
import type { Clock, Timer } from '../../clock/clock.js';
import type { Random } from '../../clock/random.js';
import { createBackoff } from '../backoff.js';
import type { Client, ResourceType, WatchHandle, WatchOptions } from '../client.js';
import { keyOf } from '../keys.js';
import { errorText, type Logger } from '../logger.js';

export interface ReflectorOptions<T extends KubeObject> {
  readonly client: Client;
  readonly type: ResourceType<T>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

/** Gets what the reflector sees. The functions must not throw. */
export interface ReflectorSink<T> {
  /** Everything there is, by key. */
  replace(objects: ReadonlyMap<string, T>): void;
  /** One change. */
  change(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: T): void;
}

export interface Reflector {
  readonly resourceVersion: string;
  start(): void;
  stop(): void;
}

const pageSize = 500;
/** Watches end after 5 to 10 minutes, so that they spread over the servers and dead ones are noticed. */
const shortestWatchSeconds = 300;
/** A watch that lived so long was a good one: the next starts at once. */
const goodWatchMilliseconds = 1000;
const initialEventsEnd = 'k8s.io/initial-events-end';

function isExpired(error: unknown): boolean {
  return error instanceof ApiError && (error.code === 410 || isReason(error, 'Expired') || isReason(error, 'Gone'));
}

function isTooLarge(error: unknown): boolean {
  return error instanceof ApiError && error.status.details?.causes?.some((cause) => cause.reason === 'ResourceVersionTooLarge') === true;
}

/** A server without streamed lists refuses the request's parameters. */
function refusesStreaming(error: ApiError): boolean {
  return error.code === 422 || error.code === 400 || error.code === 405 || error.code === 501;
}

export function createReflector<T extends KubeObject>(options: ReflectorOptions<T>, sink: ReflectorSink<T>): Reflector {
  const { client, type, clock, random, logger } = options;
  const where = {
    ...(options.namespace === undefined ? {} : { namespace: options.namespace }),
    ...(options.labelSelector === undefined ? {} : { labelSelector: options.labelSelector }),
    ...(options.fieldSelector === undefined ? {} : { fieldSelector: options.fieldSelector }),
  };
  const backoff = createBackoff({ random, initial: 800, maximum: 30_000 });
  let state: 'new' | 'running' | 'stopped' = 'new';
  let streams = true;
  let resourceVersion = '';
  let current: WatchHandle | undefined;
  let timer: Timer | undefined;

  const watchSeconds = (): number => shortestWatchSeconds + Math.floor(random.next() * shortestWatchSeconds);

  const later = (milliseconds: number, run: () => void): void => {
    if (state !== 'running') return;
    timer?.cancel();
    timer = clock.after(milliseconds, () => {
      timer = undefined;
      if (state === 'running') run();
    });
  };
  const retry = (what: string, error: unknown, run: () => void): void => {
    const wait = backoff.next();
    logger.debug(`${what} of ${type.resource} failed, again in ${Math.round(wait)} ms`, { error: errorText(error) });
    later(wait, run);
  };

  /** Opens a watch. `end` is called once and never after `stop`, and not before `open` has returned. */
  const open = (more: WatchOptions, event: (event: WatchEvent<T>) => void, end: (error: ApiError | undefined) => void): void => {
    let over = false;
    current = client.watch(
      type,
      { ...where, ...more, allowWatchBookmarks: true, timeoutSeconds: watchSeconds() },
      {
        event: (one) => {
          if (!over && state === 'running') event(one);
        },
        end: (error) => {
          if (over) return;
          over = true;
          void Promise.resolve().then(() => {
            if (state === 'running') end(error);
          });
        },
      },
    );
  };

  const relist = (): void => (streams ? stream() : void list());

  const follow = (event: WatchEvent<T>): void => {
    resourceVersion = event.object.metadata.resourceVersion;
    if (event.type !== 'BOOKMARK') sink.change(event.type, event.object);
  };

  const watch = (): void => {
    const since = clock.monotonic();
    open({ resourceVersion }, follow, (error) => watchEnded(error, since));
  };

  const watchEnded = (error: ApiError | undefined, since: number): void => {
    if (error && isExpired(error)) {
      resourceVersion = '';
      retry('watch', error, relist);
    } else if (clock.monotonic() - since >= goodWatchMilliseconds) {
      backoff.reset();
      watch();
    } else {
      retry('watch', error ?? 'it ended at once', watch);
    }
  };

  const stream = (): void => {
    const since = clock.monotonic();
    let initial: Map<string, T> | undefined = new Map();
    const event = (one: WatchEvent<T>): void => {
      if (initial === undefined) return follow(one);
      if (one.type === 'BOOKMARK') {
        if (one.object.metadata.annotations?.[initialEventsEnd] !== 'true') return;
        const all = initial;
        initial = undefined;
        resourceVersion = one.object.metadata.resourceVersion;
        backoff.reset();
        sink.replace(all);
      } else if (one.type === 'DELETED') initial.delete(keyOf(one.object));
      else initial.set(keyOf(one.object), one.object);
    };
    const end = (error: ApiError | undefined): void => {
      if (initial === undefined) return watchEnded(error, since);
      if (error && refusesStreaming(error)) {
        streams = false;
        return void list();
      }
      if (error && (isExpired(error) || isTooLarge(error))) resourceVersion = '';
      retry('list', error ?? 'the stream ended early', relist);
    };
    open(
      { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan', ...(resourceVersion === '' ? {} : { resourceVersion }) },
      event,
      end,
    );
  };

  const list = async (): Promise<void> => {
    try {
      const all = new Map<string, T>();
      let page = await client.list(type, { ...where, limit: pageSize, resourceVersion: resourceVersion === '' ? '0' : resourceVersion });
      for (;;) {
        for (const object of page.items) all.set(keyOf(object), object);
        const { continue: token } = page.metadata;
        if (token === undefined || token === '' || state !== 'running') break;
        page = await client.list(type, { ...where, limit: pageSize, continue: token });
      }
      if (state !== 'running') return;
      resourceVersion = page.metadata.resourceVersion ?? '';
      backoff.reset();
      sink.replace(all);
      watch();
    } catch (error) {
      if (isExpired(error) || isTooLarge(error)) resourceVersion = '';
      retry('list', error, relist);
    }
  };

  return {
    get resourceVersion() {
      return resourceVersion;
    },
    start() {
      if (state !== 'new') return;
      state = 'running';
      relist();
    },
    stop() {
      state = 'stopped';
      timer?.cancel();
      timer = undefined;
      current?.stop();
      current = undefined;
    },
  };
}
