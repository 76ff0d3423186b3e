// What informers offer: a store with indexes, handlers, and the state of the copy.
import type { KubeObject } from '../../apimachinery/object.js';

/** The values under which an object is found in an index; none leaves it out. Must be pure and quick. */
export type IndexFunction<T> = (object: T) => readonly string[];

export type Indexers<T> = Readonly<Record<string, IndexFunction<T>>>;

/** The local copy. Objects are held as the client gave them: shared with every reader, immutable. */
export interface InformerStore<T extends KubeObject> {
  /** By key: `namespace/name`, or `name` (see `keyOf`). */
  get(key: string): T | undefined;
  /** All objects, in no promised order; a fresh array. */
  list(): T[];
  /** The objects that the index named `index` has under `value`. Throws when there is no such index. */
  byIndex(index: string, value: string): T[];
  /** How many objects {@link byIndex} would return, without collecting them. */
  countByIndex(index: string, value: string): number;
  /** How many objects there are. */
  readonly size: number;
}

/**
 * Told of every change, after the store has it. The functions must be quick and must not wait: put a key into a work queue.
 * What they throw is logged.
 */
export interface InformerHandler<T extends KubeObject> {
  /** `initial`: the object was there when the handler or the informer started. */
  add?(object: T, initial: boolean): void;
  /** At a resync both are the same object. */
  update?(previous: T, current: T): void;
  /**
   * The last known state: what the deletion's event carried, or, when the deletion was missed and noticed in a later list,
   * the state held until then (`missed` is true: it may be older than the one deleted).
   */
  delete?(last: T, missed: boolean): void;
}

export interface InformerRegistration {
  /** Whether the handler has been told of everything that was there when it was added. */
  hasSynced(): boolean;
  /** The handler is told nothing more. */
  remove(): void;
}

/** Keeps a copy of one resource (or the part of it that selectors choose). */
export interface Informer<T extends KubeObject> {
  readonly store: InformerStore<T>;
  /** A handler added late is first told of every object there as an `add`. */
  addHandler(handler: InformerHandler<T>): InformerRegistration;
  /** Adds indexes, at any time. A name that is taken keeps its function, so that sharers can ask for the same index. */
  addIndexers(indexers: Indexers<T>): void;
  /** Begins to list and watch. A second call does nothing. */
  start(): void;
  /** Whether the first list is in the store. */
  hasSynced(): boolean;
  /** Resolves true when the first list is in the store, false when the informer is stopped or `signal` is aborted before. */
  waitForSync(signal?: AbortSignal): Promise<boolean>;
  /** The resourceVersion up to which the copy is current; '' before the first list. */
  readonly resourceVersion: string;
  /** Ends the watch and all timers; the store stays readable. It cannot be started again. */
  stop(): void;
}
