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

/** A handler that was added; each time on its own, so that the same one can be added twice and removed alone. */
interface Entry<T extends KubeObject> {
  readonly handler: InformerHandler<T>;
  removed: boolean;
}

/**
 * Makes an informer; it lists and watches once started. The first list is streamed by the watch where the server can, else paged.
 * When the server has forgotten where the watch was (410), it lists again and tells the handlers the differences; other failures
 * are tried again with back-off.
 */
export function createInformer<T extends KubeObject>(options: InformerOptions<T>): Informer<T> {
  const { clock, type, logger = silentLogger, resync = 0 } = options;
  const store = createStore<T>(options.indexers);
  /** Never changed in place, since handlers may come and go while the others are told. */
  let entries: readonly Entry<T>[] = [];
  const waiting = new Set<(synced: boolean) => void>();
  let synced = false;
  let stopped = false;
  let resyncing: Timer | undefined;

  const failed = (error: unknown): void => logger.error(`a handler of ${type.resource} failed`, { error: errorText(error) });
  // Many handlers hear of every pod and most have nothing to do: no closure is made for any of them.
  const tellAdded = (to: readonly Entry<T>[], object: T, initial: boolean): void => {
    for (const entry of to) {
      if (entry.removed) continue;
      try {
        entry.handler.add?.(object, initial);
      } catch (error) {
        failed(error);
      }
    }
  };
  const tellUpdated = (previous: T, current: T): void => {
    for (const entry of entries) {
      if (entry.removed) continue;
      try {
        entry.handler.update?.(previous, current);
      } catch (error) {
        failed(error);
      }
    }
  };
  const tellDeleted = (last: T, missed: boolean): void => {
    for (const entry of entries) {
      if (entry.removed) continue;
      try {
        entry.handler.delete?.(last, missed);
      } catch (error) {
        failed(error);
      }
    }
  };
  const put = (key: string, object: T, initial: boolean): void => {
    const previous = store.set(key, object);
    if (previous === undefined) tellAdded(entries, object, initial);
    else if (previous.metadata.resourceVersion !== object.metadata.resourceVersion) tellUpdated(previous, object);
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
          tellDeleted(store.remove(key)!, true);
        }
        synced = true;
        settle(true);
      },
      change(change, object) {
        const key = keyOf(object);
        if (change !== 'DELETED') put(key, object, false);
        else if (store.remove(key)) tellDeleted(object, false);
      },
    },
  );

  return {
    store,
    get resourceVersion() {
      return reflector.resourceVersion;
    },
    addHandler(handler) {
      const entry: Entry<T> = { handler, removed: false };
      const alone = [entry];
      for (const object of store.list()) tellAdded(alone, object, true);
      entries = [...entries, entry];
      const remove = (): void => {
        entry.removed = true;
        entries = entries.filter((one) => one !== entry);
      };
      return { hasSynced: () => synced, remove };
    },
    addIndexers: (indexers) => store.addIndexers(indexers),
    start() {
      if (stopped) return;
      reflector.start();
      if (resync > 0) resyncing ??= clock.every(resync, () => store.list().forEach((object) => tellUpdated(object, object)));
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
