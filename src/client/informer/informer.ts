// A local copy of one resource, kept current by list and watch.
// https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
import type { KubeObject } from '../../apimachinery/object.js';
import type { Clock, Timer } from '../../clock/clock.js';
import type { Random } from '../../clock/random.js';
import type { Client, ResourceType } from '../client.js';
import { keyOf } from '../keys.js';
import { errorText, silentLogger, type Logger } from '../logger.js';
import { createReflector } from './reflector.js';
import { createStore } from './store.js';
import type { Indexers, Informer, InformerHandler } from './types.js';

export interface InformerOptions<T extends KubeObject> {
  readonly client: Client;
  readonly type: ResourceType<T>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger?: Logger | undefined;
  /** Absent: all namespaces. */
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  readonly indexers?: Indexers<T> | undefined;
  /** Milliseconds between calls of `update` for every object, as if each had changed; absent or 0: never. */
  readonly resync?: number | undefined;
}

/**
 * Makes an informer; it lists and watches once started. The first list is streamed by the watch where the server can, else paged.
 * When the server has forgotten where the watch was (410), it lists again and tells the handlers the differences; other failures
 * are tried again with back-off.
 */
export function createInformer<T extends KubeObject>(options: InformerOptions<T>): Informer<T> {
  const { clock, type, logger = silentLogger, resync = 0 } = options;
  const store = createStore<T>(options.indexers);
  const handlers = new Set<InformerHandler<T>>();
  const waiting = new Set<(synced: boolean) => void>();
  let synced = false;
  let stopped = false;
  let resyncing: Timer | undefined;

  const tell = (handler: InformerHandler<T>, call: (handler: InformerHandler<T>) => void): void => {
    try {
      call(handler);
    } catch (error) {
      logger.error(`a handler of ${type.resource} failed`, { error: errorText(error) });
    }
  };
  const tellAll = (call: (handler: InformerHandler<T>) => void): void => {
    for (const handler of handlers) tell(handler, call);
  };
  const put = (key: string, object: T, initial: boolean): void => {
    const previous = store.set(key, object);
    if (previous === undefined) tellAll((handler) => handler.add?.(object, initial));
    else if (previous.metadata.resourceVersion !== object.metadata.resourceVersion)
      tellAll((handler) => handler.update?.(previous, object));
  };
  const settle = (result: boolean): void => {
    for (const resolve of waiting) resolve(result);
    waiting.clear();
  };

  const reflector = createReflector<T>(
    { ...options, logger },
    {
      replace(objects) {
        const before = store.keys();
        for (const [key, object] of objects) put(key, object, !synced);
        for (const key of before) {
          if (objects.has(key)) continue;
          const last = store.remove(key)!;
          tellAll((handler) => handler.delete?.(last, true));
        }
        synced = true;
        settle(true);
      },
      change(change, object) {
        const key = keyOf(object);
        if (change !== 'DELETED') put(key, object, false);
        else if (store.remove(key)) tellAll((handler) => handler.delete?.(object, false));
      },
    },
  );

  return {
    store,
    get resourceVersion() {
      return reflector.resourceVersion;
    },
    addHandler(handler) {
      // A handler of its own, so that the same functions can be added twice and removed alone.
      const own: InformerHandler<T> = {
        add: (object, initial) => handler.add?.(object, initial),
        update: (previous, current) => handler.update?.(previous, current),
        delete: (last, missed) => handler.delete?.(last, missed),
      };
      for (const object of store.list()) tell(own, () => own.add?.(object, true));
      handlers.add(own);
      return { hasSynced: () => synced, remove: () => void handlers.delete(own) };
    },
    addIndexers: (indexers) => store.addIndexers(indexers),
    start() {
      if (stopped) return;
      reflector.start();
      if (resync > 0)
        resyncing ??= clock.every(resync, () => store.list().forEach((object) => tellAll((handler) => handler.update?.(object, object))));
    },
    hasSynced: () => synced,
    waitForSync(signal) {
      if (synced) return Promise.resolve(true);
      if (stopped || signal?.aborted) return Promise.resolve(false);
      return new Promise((resolve) => {
        const done = (result: boolean): void => {
          waiting.delete(done);
          signal?.removeEventListener('abort', abort);
          resolve(result);
        };
        const abort = (): void => done(false);
        waiting.add(done);
        signal?.addEventListener('abort', abort, { once: true });
      });
    },
    stop() {
      stopped = true;
      reflector.stop();
      resyncing?.cancel();
      resyncing = undefined;
      settle(false);
    },
  };
}
