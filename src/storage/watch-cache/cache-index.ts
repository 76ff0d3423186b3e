// The current entries of a watch cache, found by key, by prefix and by term.
import type { Entry, StoreEvent } from '../store.js';
import { compareKeys } from '../structures/key-order.js';
import { listRange } from '../structures/range.js';
import { SortedList } from '../structures/sorted-list.js';
import { Posting } from './posting.js';
import type { CacheListOptions } from './types.js';

/** An event with the terms of the value before and after it. */
export interface CachedEvent<V> {
  readonly revision: number;
  readonly event: StoreEvent<V>;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

interface CacheSlot<V> {
  readonly key: string;
  entry: Entry<V>;
  terms: readonly string[];
}

const none: readonly string[] = [];
const few = 8;

export class CacheIndex<V> {
  readonly #slots = new Map<string, CacheSlot<V>>();
  readonly #sorted = new SortedList<CacheSlot<V>>();
  readonly #postings = new Map<string, Posting<CacheSlot<V>>>();

  constructor(private readonly terms: ((value: V) => readonly string[]) | undefined) {}

  get(key: string): Entry<V> | undefined {
    return this.#slots.get(key)?.entry;
  }

  count(prefix: string): number {
    return this.#sorted.rankAfter(prefix) - this.#sorted.rank(prefix);
  }

  /** How many different terms there are. */
  get termCount(): number {
    return this.#postings.size;
  }

  add(entry: Entry<V>): readonly string[] {
    const slot: CacheSlot<V> = { key: entry.key, entry, terms: none };
    this.#slots.set(entry.key, slot);
    this.#sorted.insert(slot);
    this.#setTerms(slot, this.termsOf(entry.value));
    return slot.terms;
  }

  apply(event: StoreEvent<V>): CachedEvent<V> {
    const { key, entry, revision } = event;
    const slot = this.#slots.get(key);
    const before = slot?.terms ?? none;
    if (event.type === 'put') {
      if (slot === undefined) return { revision, event, before, after: this.add(entry) };
      slot.entry = entry;
      this.#setTerms(slot, this.termsOf(entry.value));
      return { revision, event, before, after: slot.terms };
    }
    if (slot !== undefined) {
      this.#setTerms(slot, none);
      this.#slots.delete(key);
      this.#sorted.delete(key);
    }
    return { revision, event, before, after: none };
  }

  /** Wraps an event of before the time that this index shows. */
  past(event: StoreEvent<V>): CachedEvent<V> {
    const { previous, entry, type, revision } = event;
    return {
      revision,
      event,
      before: previous === undefined ? none : this.termsOf(previous.value),
      after: type === 'delete' ? none : this.termsOf(entry.value),
    };
  }

  list(options: CacheListOptions): { entries: Entry<V>[]; remaining: number } {
    const { key, terms = none, prefix = '', from, limit } = options;
    if (key !== undefined) {
      const slot = this.#slots.get(key);
      const found = slot !== undefined && key.startsWith(prefix) && hasAll(slot, terms) && !(from !== undefined && isBefore(slot, from));
      return { entries: found ? [slot.entry] : [], remaining: 0 };
    }
    const range = { prefix, from, limit };
    if (terms.length === 0) return listRange(this.#sorted, range);
    const smallest = this.#smallest(terms);
    if (smallest === undefined) return { entries: [], remaining: 0 };
    return terms.length === 1 ? listRange(smallest, range) : listAll(smallest, terms, range);
  }

  termsOf(value: V): readonly string[] {
    return this.terms === undefined ? none : distinct(this.terms(value));
  }

  /** The slots of the rarest term; undefined when one of the terms has none. */
  #smallest(terms: readonly string[]): SortedList<CacheSlot<V>> | undefined {
    let smallest: Posting<CacheSlot<V>> | undefined;
    for (const term of terms) {
      const posting = this.#postings.get(term);
      if (posting === undefined) return undefined;
      if (smallest === undefined || posting.size < smallest.size) smallest = posting;
    }
    return smallest?.sorted();
  }

  /** Moves a slot between postings, only for the terms that changed. */
  #setTerms(slot: CacheSlot<V>, terms: readonly string[]): void {
    const old = slot.terms;
    if (old.length === terms.length && old.every((term, index) => term === terms[index])) return;
    if (old.length === 0) {
      slot.terms = terms.map((term) => this.#insert(term, slot));
      return;
    }
    const kept = new Set(terms);
    for (const term of old) if (!kept.has(term)) this.#remove(term, slot);
    const had = new Set(old);
    slot.terms = terms.map((term) => (had.has(term) ? this.#postings.get(term)!.term : this.#insert(term, slot)));
  }

  #insert(term: string, slot: CacheSlot<V>): string {
    let posting = this.#postings.get(term);
    if (posting === undefined) this.#postings.set(term, (posting = new Posting(term)));
    posting.add(slot);
    return posting.term;
  }

  #remove(term: string, slot: CacheSlot<V>): void {
    const posting = this.#postings.get(term)!;
    posting.delete(slot);
    if (posting.size === 0) this.#postings.delete(term);
  }
}

/** The usual few terms are compared with one another: cheaper than a set. */
function distinct(terms: readonly string[]): readonly string[] {
  if (terms.length <= few && terms.every((term, index) => terms.indexOf(term) === index)) return terms;
  return [...new Set(terms)];
}

function hasAll<V>(slot: CacheSlot<V>, terms: readonly string[]): boolean {
  return terms.every((term) => slot.terms.includes(term));
}

function isBefore(slot: { readonly key: string }, from: string): boolean {
  return compareKeys(slot.key, from) < 0;
}

/** Lists the slots that have all terms, from those that have the rarest. */
function listAll<V>(
  smallest: SortedList<CacheSlot<V>>,
  terms: readonly string[],
  { prefix, from, limit = 0 }: { readonly prefix: string; readonly from: string | undefined; readonly limit: number | undefined },
): { entries: Entry<V>[]; remaining: number } {
  const entries: Entry<V>[] = [];
  let remaining = 0;
  const start = smallest.rank(from !== undefined && compareKeys(from, prefix) > 0 ? from : prefix);
  smallest.forEach(start, smallest.rankAfter(prefix), (slot) => {
    if (!hasAll(slot, terms)) return true;
    if (limit > 0 && entries.length === limit) {
      remaining = 1;
      return false;
    }
    entries.push(slot.entry);
    return true;
  });
  return { entries, remaining };
}
