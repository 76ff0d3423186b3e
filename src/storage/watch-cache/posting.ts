// The values of a watch cache that have one term, put in order only when somebody asks for them.
import { SortedList, type Keyed } from '../structures/sorted-list.js';

/**
 * Most terms (a pod's template hash, a node's name) are never listed by, and a place among thousands of keys costs a write more than all
 * else that an index does. So what comes waits unsorted; a list puts it in its place, each slot once.
 */
export class Posting<S extends Keyed> {
  readonly #waiting = new Set<S>();
  #sorted: SortedList<S> | undefined;

  /** @param term the one string for this term that all slots share */
  constructor(readonly term: string) {}

  get size(): number {
    return this.#waiting.size + (this.#sorted?.size ?? 0);
  }

  /** Adds a slot that is not there. */
  add(slot: S): void {
    this.#waiting.add(slot);
  }

  delete(slot: S): void {
    if (!this.#waiting.delete(slot)) this.#sorted?.delete(slot.key);
  }

  /** The slots in the order of their keys. */
  sorted(): SortedList<S> {
    const sorted = (this.#sorted ??= new SortedList());
    for (const slot of this.#waiting) sorted.insert(slot);
    this.#waiting.clear();
    return sorted;
  }
}
