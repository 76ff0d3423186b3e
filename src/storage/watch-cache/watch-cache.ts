// Lists by index term and many watches over one prefix of a store, from one watch of the store.
import { StoreError } from '../store.js';
import type { Entry, StoreEvent, StoreWatch, WatchSink } from '../store.js';
import { throwLater } from '../structures/subscriber.js';
import { CacheIndex } from './cache-index.js';
import { CacheWatchers } from './cache-watchers.js';
import type { CacheWatcher } from './cache-watchers.js';
import { RecentEvents } from './recent-events.js';
import type { CacheListOptions, CacheListResult, CacheWatch, CacheWatchOptions, WatchCacheOptions } from './types.js';

export type { CacheListOptions, CacheListResult, CacheWatch, CacheWatchOptions, WatchCacheOptions } from './types.js';

/**
 * Holds the current entries of one prefix of a store, the terms they are found by, and the last events.
 * It starts on the first {@link ready} or {@link fresh}. Await one of them before each use: the other methods are synchronous and throw a
 * {@link StoreError} `lost` when the cache has not started or has lost its watch of the store (the next `ready` lists again), `closed` once it or the store is closed.
 */
export class WatchCache<V> {
  readonly #recent: RecentEvents<V>;
  readonly #watchers: CacheWatchers<V>;
  #index: CacheIndex<V>;
  #revision = 0;
  #changed = 0;
  #feed: StoreWatch | undefined;
  #starting: Promise<void> | undefined;
  /** Counts starts and losses, so that a watch of the store that is over cannot speak any more. */
  #generation = 0;
  /** Why there is no feed. */
  #why: 'lost' | 'closed' = 'lost';
  #closed = false;

  constructor(private readonly options: WatchCacheOptions<V>) {
    const { minimumEvents: minimum = 1_000, maximumEvents: maximum = 10_000, eventMilliseconds: milliseconds = 75_000 } = options;
    this.#recent = new RecentEvents({ minimum, maximum: Math.max(minimum, maximum), milliseconds }, options.clock);
    this.#watchers = new CacheWatchers(options.prefix, options.onError ?? throwLater);
    this.#index = new CacheIndex(options.terms);
  }

  /** Resolves when the cache shows the store, at some revision. Rejects with the store's error; the next call tries again. */
  async ready(): Promise<void> {
    if (this.#closed) throw new StoreError('closed', this.options.prefix);
    if (this.#feed !== undefined) return;
    this.#starting ??= this.#start().finally(() => (this.#starting = undefined));
    await this.#starting;
  }

  /** Resolves when the cache has seen every revision that the store had when this was called; {@link revision} is then that one or newer. */
  async fresh(): Promise<void> {
    await this.ready();
    const feed = this.#feed;
    if (feed === undefined) throw this.#unavailable();
    let revision: number;
    try {
      revision = await feed.sync();
    } catch (error) {
      if (this.#why === 'closed') throw error;
      // The watch of the store was lost meanwhile. A new list shows all that the store has.
      return this.ready();
    }
    if (feed === this.#feed && revision > this.#revision) this.#revision = revision;
  }

  /** The revision that the cache shows. Events of other prefixes move it on only with {@link fresh}. */
  get revision(): number {
    return this.#revision;
  }

  /** From this revision on to {@link revision}, nothing has changed: the cache shows each of them. */
  get changed(): number {
    return this.#changed;
  }

  /** Whether the cache shows the store: the synchronous methods may be called. */
  get started(): boolean {
    return this.#feed !== undefined;
  }

  /** How many events have come from the store, and how often the cache has listed it. */
  readonly counts = { received: 0, starts: 0 };

  /** How many watches there are now. */
  get watches(): number {
    return this.#watchers.size;
  }

  get(key: string): Entry<V> | undefined {
    this.#check();
    return this.#index.get(key);
  }

  /** The work grows with what is returned; with several terms, with the rarest one. */
  list(options: CacheListOptions = {}): CacheListResult<V> {
    this.#check();
    const { entries, remaining } = this.#index.list(options);
    return { entries, remaining, revision: this.#revision };
  }

  /** How many keys there are with this prefix (all, when absent). */
  count(prefix = ''): number {
    this.#check();
    return this.#index.count(prefix);
  }

  /**
   * Calls the sink synchronously, in the order of revisions, with the very event object of the store: the same one for every watch, so that
   * encodings can be kept by event. With `after`, past events are given before this returns.
   * Throws `compacted` when the cache's past does not reach back to `after`, `future` when `after` is newer than {@link revision}: await {@link fresh} first.
   * When the cache loses its watch of the store, the sink's `end` gets that error: watch again after {@link ready}.
   */
  watch(options: CacheWatchOptions, sink: WatchSink<V>): CacheWatch<V> {
    this.#check();
    const { after } = options;
    const watcher = this.#watchers.make(options, after ?? this.#revision, sink);
    let entries: readonly Entry<V>[] | undefined;
    if (after === undefined) {
      const { prefix, key, term } = options;
      entries = this.#index.list({ prefix, key, terms: term === undefined ? undefined : [term] }).entries;
    } else {
      if (after > this.#revision) {
        throw new StoreError('future', this.options.prefix, undefined, { oldest: this.#recent.floor, current: this.#revision });
      }
      if (after < this.#recent.floor) throw this.#compacted();
      this.#replay(watcher, after);
    }
    const { subscriber } = watcher;
    if (subscriber.over === undefined) this.#watchers.add(watcher);
    return { entries, revision: this.#revision, stop: () => subscriber.stop() };
  }

  /** Ends all watches with `closed`. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#lose(new StoreError('closed', this.options.prefix));
    this.#index = new CacheIndex(this.options.terms);
    this.#recent.restart(this.#revision);
  }

  #unavailable(): StoreError {
    return new StoreError(this.#why, this.options.prefix);
  }

  #check(): void {
    if (this.#feed === undefined) throw this.#unavailable();
  }

  #compacted(): StoreError {
    return new StoreError('compacted', this.options.prefix, undefined, { oldest: this.#recent.floor, current: this.#revision });
  }

  /** Goes on until the present is reached: the sink itself may write meanwhile. */
  #replay(watcher: CacheWatcher<V>, after: number): void {
    for (let seen = after; watcher.subscriber.over === undefined;) {
      if (seen < this.#recent.floor) {
        watcher.subscriber.end(this.#compacted());
        return;
      }
      const next = this.#recent.after(seen);
      if (next === undefined) return;
      seen = next.revision;
      this.#watchers.offer(watcher, next);
    }
  }

  async #start(): Promise<void> {
    const generation = ++this.#generation;
    const { store, prefix, terms } = this.options;
    const listed = await store.list(prefix);
    this.counts.starts++;
    if (generation !== this.#generation) throw this.#unavailable();
    const index = new CacheIndex(terms);
    for (const entry of listed.entries) index.add(entry);
    this.#index = index;
    this.#revision = listed.revision;
    this.#changed = listed.revision;
    const feed = await this.#follow(listed.revision, {
      event: (event) => {
        if (generation === this.#generation) this.#take(event, listed.revision);
      },
      end: (error) => {
        if (generation === this.#generation) this.#lose(error);
      },
    });
    if (generation !== this.#generation) {
      feed.stop();
      throw this.#unavailable();
    }
    this.#feed = feed;
  }

  /** Watches the store, from somewhat before the list if its history reaches back, so that a watch from a revision shortly before this cache started is served. */
  async #follow(revision: number, sink: WatchSink<V>): Promise<StoreWatch> {
    const { store, prefix, minimumEvents = 1_000 } = this.options;
    const from = Math.max(1, revision - minimumEvents);
    try {
      this.#recent.restart(from);
      return await store.watch(prefix, from, sink);
    } catch (error) {
      if (!(error instanceof StoreError) || error.code !== 'compacted') throw error;
      const oldest = Math.min(Math.max(error.revisions?.oldest ?? revision, from), revision);
      this.#recent.restart(oldest);
      return await store.watch(prefix, oldest, sink);
    }
  }

  /** @param listed the revision of the list that the index was made from: older events are only for watches of the past */
  #take(event: StoreEvent<V>, listed: number): void {
    if (event.revision <= listed) {
      this.#recent.push(this.#index.past(event));
      return;
    }
    this.counts.received++;
    const cached = this.#index.apply(event);
    this.#recent.push(cached);
    this.#revision = event.revision;
    this.#changed = event.revision;
    this.#watchers.dispatch(cached);
  }

  #lose(error: StoreError): void {
    this.#generation++;
    this.#why = error.code === 'closed' ? 'closed' : 'lost';
    this.#feed?.stop();
    this.#feed = undefined;
    this.#watchers.endAll(error);
  }
}
