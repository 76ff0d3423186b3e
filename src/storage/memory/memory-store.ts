// The memory engine of the store.
import { StoreError } from '../store.js';
import type { Entry, ListOptions, ListResult, Store, StoreWatch, WatchSink } from '../store.js';
import { PrefixIndex } from '../structures/prefix-index.js';
import { listRange } from '../structures/range.js';
import { SortedList } from '../structures/sorted-list.js';
import { Subscriber, throwLater } from '../structures/subscriber.js';
import { History } from './history.js';
import { MemoryEntry } from './memory-entry.js';
import type { Handling, MemoryEvent } from './memory-entry.js';
import type { MemoryStoreOptions } from './options.js';

export type { MemoryStoreOptions } from './options.js';

/**
 * Makes an empty store in memory. Every method does its work before it returns its promise, and a write has
 * called the sinks of all watches by the time its promise resolves (a write made by a sink: soon after).
 * A value given to `create` or `update` belongs to the store from then on: nobody may change it any more.
 */
export function createMemoryStore<V>(options: MemoryStoreOptions<V>): Store<V> {
  return new MemoryStore(options);
}

interface MemorySlot<V> {
  readonly key: string;
  entry: MemoryEntry<V>;
}

class MemoryStore<V> implements Store<V> {
  readonly #handling: Handling<V>;
  readonly #history: History<V>;
  readonly #onError: (error: unknown) => void;
  readonly #slots = new Map<string, MemorySlot<V>>();
  readonly #sorted = new SortedList<MemorySlot<V>>();
  readonly #watches = new PrefixIndex<Subscriber<V>>();
  readonly #subscribers = new Set<Subscriber<V>>();
  /** Events committed while another one is being dispatched. */
  readonly #queue: MemoryEvent<V>[] = [];
  #dispatching = false;
  #revision = 1;
  #closed = false;

  constructor(options: MemoryStoreOptions<V>) {
    const { codec, clock, freeze = false, packAbove = 4096 } = options;
    const { historyLimit = 10_000, historyBytes = 16 * 1024 * 1024, historyMilliseconds = 5 * 60_000, unpackedEvents = 1_000 } = options;
    this.#handling = { codec, freeze, packAbove };
    const limits = { events: Math.max(historyLimit, 1), bytes: historyBytes, milliseconds: historyMilliseconds, unpacked: unpackedEvents };
    this.#history = new History(limits, clock);
    this.#onError = options.onError ?? throwLater;
  }

  async revision(): Promise<number> {
    this.#check('');
    return this.#revision;
  }

  async get(key: string, revision?: number): Promise<Entry<V> | undefined> {
    this.#check(key);
    const entry = this.#slots.get(key)?.entry;
    if (revision === undefined) return entry;
    this.#history.check(revision, this.#revision, key);
    if (entry !== undefined && entry.modRevision <= revision) return entry;
    const past = this.#history.entryAt(key, revision);
    return past === undefined ? entry : past.entry;
  }

  async list(prefix: string, options: ListOptions = {}): Promise<ListResult<V>> {
    this.#check(prefix);
    const { revision = this.#revision, from, limit } = options;
    this.#history.check(revision, this.#revision, prefix);
    const past = revision === this.#revision ? undefined : this.#history.undo(prefix, revision);
    return { ...listRange(this.#sorted, { prefix, from, limit }, past), revision };
  }

  async count(prefix: string): Promise<number> {
    this.#check(prefix);
    return this.#sorted.rankAfter(prefix) - this.#sorted.rank(prefix);
  }

  async create(key: string, value: V): Promise<Entry<V>> {
    this.#check(key);
    const existing = this.#slots.get(key);
    if (existing !== undefined) throw new StoreError('exists', key, existing.entry);
    const revision = this.#revision + 1;
    const entry = this.#entry(key, value, revision, revision);
    const slot = { key, entry };
    this.#slots.set(key, slot);
    this.#sorted.insert(slot);
    this.#commit({ type: 'put', revision, key, entry, previous: undefined });
    return entry;
  }

  async update(key: string, value: V, expected: number): Promise<Entry<V>> {
    const slot = this.#expect(key, expected);
    const revision = this.#revision + 1;
    const previous = slot.entry;
    const entry = this.#entry(key, value, previous.createRevision, revision);
    slot.entry = entry;
    this.#commit({ type: 'put', revision, key, entry, previous });
    return entry;
  }

  async delete(key: string, expected: number): Promise<Entry<V>> {
    const previous = this.#expect(key, expected).entry;
    const revision = this.#revision + 1;
    const entry = this.#entry(key, previous.value, previous.createRevision, revision);
    this.#slots.delete(key);
    this.#sorted.delete(key);
    this.#commit({ type: 'delete', revision, key, entry, previous });
    return entry;
  }

  async watch(prefix: string, after: number, sink: WatchSink<V>): Promise<StoreWatch> {
    this.#check(prefix);
    if (after < this.#history.oldest) throw this.#compacted(prefix);
    const subscriber: Subscriber<V> = new Subscriber(
      after,
      sink,
      () => {
        this.#watches.delete(prefix, subscriber);
        this.#subscribers.delete(subscriber);
      },
      this.#onError,
    );
    this.#replay(prefix, after, subscriber);
    if (subscriber.over === undefined) {
      this.#watches.add(prefix, subscriber);
      this.#subscribers.add(subscriber);
    }
    return { stop: () => subscriber.stop(), sync: () => this.#sync(prefix, subscriber) };
  }

  async compact(revision: number): Promise<void> {
    this.#check('');
    if (revision > this.#revision) this.#history.check(revision, this.#revision, '');
    this.#history.compact(revision);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const subscriber of [...this.#subscribers]) subscriber.end(new StoreError('closed', ''));
    this.#history.clear();
    this.#slots.clear();
    this.#sorted.clear();
  }

  #check(key: string): void {
    if (this.#closed) throw new StoreError('closed', key);
  }

  #expect(key: string, expected: number): MemorySlot<V> {
    this.#check(key);
    const slot = this.#slots.get(key);
    if (slot === undefined) throw new StoreError('missing', key);
    if (slot.entry.modRevision !== expected) throw new StoreError('conflict', key, slot.entry);
    return slot;
  }

  #entry(key: string, value: V, createRevision: number, revision: number): MemoryEntry<V> {
    return new MemoryEntry(key, this.#handling.codec.stamp(value, revision), createRevision, revision, this.#handling);
  }

  #compacted(key: string): StoreError {
    return new StoreError('compacted', key, undefined, { oldest: this.#history.oldest, current: this.#revision });
  }

  /** Takes an event into history and gives it to the watches; events of writes that sinks make wait for their turn. */
  #commit(event: MemoryEvent<V>): void {
    this.#revision = event.revision;
    this.#history.push(event);
    this.#queue.push(event);
    if (this.#dispatching) return;
    this.#dispatching = true;
    try {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
        const current = next;
        this.#watches.visit(current.key, (subscriber) => subscriber.deliver(current));
      }
    } finally {
      this.#dispatching = false;
    }
  }

  /** Goes on until the present is reached: the sink itself may write meanwhile. */
  #replay(prefix: string, after: number, subscriber: Subscriber<V>): void {
    for (let revision = after + 1; revision <= this.#revision && subscriber.over === undefined; revision++) {
      const event = this.#history.at(revision);
      if (event?.key.startsWith(prefix)) subscriber.deliver(event);
      else if (event === undefined && revision <= this.#history.oldest) subscriber.end(this.#compacted(prefix));
    }
  }

  async #sync(prefix: string, subscriber: Subscriber<V>): Promise<number> {
    const revision = this.#revision;
    // Events of writes made by a sink may still be queued; they are given out before any promise goes on.
    await Promise.resolve();
    if (subscriber.over === undefined) return revision;
    throw subscriber.over === 'stopped' ? new StoreError('closed', prefix) : subscriber.over;
  }
}
