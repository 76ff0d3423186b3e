// The watches of the memory client: history, delivery in order, and the moves of objects in and out of selectors.
import { expired, type ApiError } from '../../apimachinery/errors/api-error.js';
import type { KubeObject, WatchEvent } from '../../apimachinery/object.js';
import type { ResourceType, WatchHandle, WatchHandler, WatchOptions } from '../client.js';

/** One write, as the history keeps it. */
export interface MemoryChange {
  readonly revision: number;
  readonly resource: string;
  readonly previous: KubeObject | undefined;
  /** Undefined: deleted; `last` is then the final state. */
  readonly current: KubeObject | undefined;
  readonly last: KubeObject;
}

export interface MemoryWatches {
  record(change: MemoryChange): void;
  /** `present` lists what is there now, for watches that ask for it. */
  watch<T extends KubeObject>(
    type: ResourceType<T>,
    options: WatchOptions,
    handler: WatchHandler<T>,
    fits: (object: KubeObject) => boolean,
    present: () => { readonly objects: readonly T[]; readonly revision: number },
  ): WatchHandle;
  compact(revision: number): void;
  cut(): void;
}

type Delivery = () => void;

/** Identifies a resource among those of all groups. */
export function resourceId(type: ResourceType): string {
  return `${type.group}/${type.resource}`;
}

export function createMemoryWatches(): MemoryWatches {
  const open = new Set<{ readonly resource: string; see(change: MemoryChange): void; end(error: ApiError | undefined): void }>();
  let history: MemoryChange[] = [];
  let compacted = 0;

  return {
    record(change) {
      history.push(change);
      for (const watch of open) if (watch.resource === change.resource) watch.see(change);
    },
    watch<T extends KubeObject>(
      type: ResourceType<T>,
      options: WatchOptions,
      handler: WatchHandler<T>,
      fits: (object: KubeObject) => boolean,
      present: () => { readonly objects: readonly T[]; readonly revision: number },
    ): WatchHandle {
      let over = false;
      let flushing = false;
      let pending: Delivery[] = [];
      const deliver = (delivery: Delivery): void => {
        pending.push(delivery);
        if (flushing) return;
        flushing = true;
        // As over a network: never within the write that caused it.
        queueMicrotask(() => {
          const ready = pending;
          pending = [];
          flushing = false;
          for (const one of ready) if (!over) one();
        });
      };
      const send = (eventType: WatchEvent['type'], object: KubeObject): void =>
        deliver(() => handler.event({ type: eventType, object: object as T }));
      const self = {
        resource: resourceId(type),
        see({ previous, current, last }: MemoryChange) {
          const before = previous !== undefined && fits(previous);
          const after = current !== undefined && fits(current);
          if (after) send(before ? 'MODIFIED' : 'ADDED', current);
          else if (before) send('DELETED', last);
        },
        end(error: ApiError | undefined) {
          open.delete(self);
          deliver(() => {
            over = true;
            handler.end(error);
          });
        },
      };
      const from = options.resourceVersion === undefined || options.resourceVersion === '' ? undefined : Number(options.resourceVersion);
      if (from === undefined || from === 0 || options.sendInitialEvents) {
        const { objects, revision } = present();
        for (const object of objects) send('ADDED', object);
        if (options.sendInitialEvents) {
          const metadata = {
            name: '',
            uid: '',
            creationTimestamp: '',
            resourceVersion: String(revision),
            annotations: { 'k8s.io/initial-events-end': 'true' },
          };
          send('BOOKMARK', { apiVersion: type.version, kind: type.kind, metadata });
        }
      } else if (from < compacted) {
        self.end(expired(`too old resource version: ${from} (${compacted})`));
        return { stop: () => void (over = true) };
      } else for (const change of history) if (change.revision > from && change.resource === self.resource) self.see(change);
      open.add(self);
      return {
        stop() {
          over = true;
          open.delete(self);
        },
      };
    },
    compact(revision) {
      history = [];
      compacted = revision;
    },
    cut() {
      for (const watch of [...open]) watch.end(undefined);
    },
  };
}
