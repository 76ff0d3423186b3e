// The store: keys, values and one revision counter, with etcd's semantics. It never knows kinds.
// https://etcd.io/docs/v3.6/learning/api/

/** The store's own errors; the API server maps each once to an API error. */
export type StoreErrorCode =
  /** A create found the key there. */
  | 'exists'
  /** The key is not there. */
  | 'missing'
  /** The key's modification revision is another than expected. */
  | 'conflict'
  /** The revision asked for has been compacted away. */
  | 'compacted'
  /** The revision asked for has not been reached. */
  | 'future'
  /** For watches: the engine lost its place, or the sink threw. Watch again. */
  | 'lost'
  /** The store has been closed. */
  | 'closed';

export class StoreError extends Error {
  constructor(
    readonly code: StoreErrorCode,
    readonly key: string,
    /** For `conflict`: the entry there now. For `compacted` and `future`: nothing. */
    readonly current?: Entry<unknown>,
    /** For `compacted` and `future`: the oldest revision kept, the newest. */
    readonly revisions?: { readonly oldest: number; readonly current: number },
  ) {
    super(`store: ${code}: ${key}`);
    this.name = 'StoreError';
  }
}

/** One version of one key: immutable. */
export interface Entry<V> {
  readonly key: string;
  /** The value, with its revision stamped in (see {@link Codec.stamp}); deeply immutable. */
  readonly value: V;
  readonly createRevision: number;
  readonly modRevision: number;
  /** The value's JSON bytes: encoded on the first call, then kept. */
  bytes(): Uint8Array;
}

/** How a store handles values without knowing them. */
export interface Codec<V> {
  /** The value with this revision written into it (`metadata.resourceVersion`); may return a new value. */
  stamp(value: V, revision: number): V;
  encode(value: V): Uint8Array;
  decode(bytes: Uint8Array): V;
}

export interface StoreEvent<V> {
  readonly type: 'put' | 'delete';
  readonly revision: number;
  readonly key: string;
  /** After a put: the new version. After a delete: the last version, its value stamped with the delete's revision. */
  readonly entry: Entry<V>;
  /** The version before, if there was one. */
  readonly previous: Entry<V> | undefined;
}

export interface ListOptions {
  /** List as it was at this revision; now, when absent. */
  readonly revision?: number;
  /** The first key to return (included); with it pages go on. */
  readonly from?: string;
  /** The most entries to return; 0 or absent: all. */
  readonly limit?: number;
}

export interface ListResult<V> {
  /** In the order of keys (bytes). */
  readonly entries: readonly Entry<V>[];
  /** The revision that the list shows. */
  readonly revision: number;
  /** How many entries more there are after these, with a limit; 0 otherwise. */
  readonly remaining: number;
}

/** Gets a watch's events. Neither function may throw; both are called synchronously by some engines, so they must be quick. */
export interface WatchSink<V> {
  /** In the order of revisions, each revision once. */
  event(event: StoreEvent<V>): void;
  /** The watch is over: the store was closed, the engine lost its place, or history was compacted under it. Called at most once, not after `stop`. */
  end(error: StoreError): void;
}

export interface StoreWatch {
  /** Idempotent. The sink is not called again. */
  stop(): void;
  /**
   * Resolves when the sink has got all events up to the newest revision at the time of this call, with that revision
   * (etcd calls it progress). Rejects with `lost` or `closed` when the watch is over.
   */
  sync(): Promise<number>;
}

/**
 * Keys, values and revisions. Every write makes a new revision, one more than the last; nothing else does.
 * All methods reject with {@link StoreError}, `closed` after `close`.
 */
export interface Store<V> {
  /** The newest revision. An empty store starts at 1. */
  revision(): Promise<number>;
  get(key: string, revision?: number): Promise<Entry<V> | undefined>;
  /** All keys with this prefix. */
  list(prefix: string, options?: ListOptions): Promise<ListResult<V>>;
  /** How many keys have this prefix now. */
  count(prefix: string): Promise<number>;
  /** `exists` if the key is there. */
  create(key: string, value: V): Promise<Entry<V>>;
  /** `missing`, or `conflict` if the key's modification revision is not `expected`. */
  update(key: string, value: V, expected: number): Promise<Entry<V>>;
  /** Returns the last version, its value stamped with the delete's revision, as in the event. `missing`, or `conflict` if the key's modification revision is not `expected`. */
  delete(key: string, expected: number): Promise<Entry<V>>;
  /**
   * Events with a revision greater than `after`, of keys with this prefix, first from history, then as they come.
   * `compacted` if history does not reach back that far; a revision of the future waits.
   */
  watch(prefix: string, after: number, sink: WatchSink<V>): Promise<StoreWatch>;
  /** Forgets history up to and including this revision. */
  compact(revision: number): Promise<void>;
  close(): Promise<void>;
}
