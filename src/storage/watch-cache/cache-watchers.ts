// The watches of a cache, registered under what they ask for, so that an event visits only those that may want it.
import type { StoreError, WatchSink } from '../store.js';
import { PrefixIndex } from '../structures/prefix-index.js';
import { Subscriber } from '../structures/subscriber.js';
import type { CachedEvent } from './cache-index.js';
import type { CacheWatchOptions } from './types.js';

export interface CacheWatcher<V> {
  readonly options: CacheWatchOptions;
  readonly subscriber: Subscriber<V>;
}

export class CacheWatchers<V> {
  readonly #byKey = new Map<string, Set<CacheWatcher<V>>>();
  readonly #byTerm = new Map<string, Set<CacheWatcher<V>>>();
  readonly #byPrefix = new PrefixIndex<CacheWatcher<V>>();
  readonly #all = new Set<CacheWatcher<V>>();

  /** @param prefix that of the cache */
  constructor(
    private readonly prefix: string,
    private readonly onError: (error: unknown) => void,
  ) {}

  get size(): number {
    return this.#all.size;
  }

  /** Makes a watch that has seen everything up to a revision; it gets events by {@link offer}, and by {@link dispatch} once it is added. */
  make(options: CacheWatchOptions, seen: number, sink: WatchSink<V>): CacheWatcher<V> {
    const watcher: CacheWatcher<V> = { options, subscriber: new Subscriber(seen, sink, () => this.#delete(watcher), this.onError) };
    return watcher;
  }

  add(watcher: CacheWatcher<V>): void {
    const { key, term, prefix = this.prefix } = watcher.options;
    this.#all.add(watcher);
    if (key !== undefined) addTo(this.#byKey, key, watcher);
    else if (term !== undefined) addTo(this.#byTerm, term, watcher);
    else this.#byPrefix.add(prefix, watcher);
  }

  /** Gives an event to all watches that want it. One registered meanwhile has seen the event: it comes to each once. */
  dispatch(cached: CachedEvent<V>): void {
    if (this.#all.size === 0) return;
    const { key } = cached.event;
    this.#offerAll(this.#byKey.get(key), cached);
    if (this.#byTerm.size > 0) {
      for (const term of cached.before) this.#offerAll(this.#byTerm.get(term), cached);
      if (cached.after !== cached.before) for (const term of cached.after) this.#offerAll(this.#byTerm.get(term), cached);
    }
    this.#byPrefix.visit(key, (watcher) => watcher.subscriber.deliver(cached.event));
  }

  /** Gives an event to a watch if it wants it. */
  offer({ options, subscriber }: CacheWatcher<V>, { event, before, after }: CachedEvent<V>): void {
    const { key, term, prefix } = options;
    if (key !== undefined && event.key !== key) return;
    if (prefix !== undefined && !event.key.startsWith(prefix)) return;
    if (term !== undefined && !before.includes(term) && !after.includes(term)) return;
    subscriber.deliver(event);
  }

  endAll(error: StoreError): void {
    for (const { subscriber } of [...this.#all]) subscriber.end(error);
  }

  #offerAll(watchers: ReadonlySet<CacheWatcher<V>> | undefined, cached: CachedEvent<V>): void {
    if (watchers !== undefined) for (const watcher of watchers) this.offer(watcher, cached);
  }

  #delete(watcher: CacheWatcher<V>): void {
    const { key, term, prefix = this.prefix } = watcher.options;
    if (!this.#all.delete(watcher)) return;
    if (key !== undefined) deleteFrom(this.#byKey, key, watcher);
    else if (term !== undefined) deleteFrom(this.#byTerm, term, watcher);
    else this.#byPrefix.delete(prefix, watcher);
  }
}

function addTo<T>(sets: Map<string, Set<T>>, name: string, value: T): void {
  const set = sets.get(name);
  if (set === undefined) sets.set(name, new Set([value]));
  else set.add(value);
}

function deleteFrom<T>(sets: Map<string, Set<T>>, name: string, value: T): void {
  const set = sets.get(name);
  if (set?.delete(value) && set.size === 0) sets.delete(name);
}
