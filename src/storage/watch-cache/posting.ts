// The values of a watch cache that have one term, put in order only when somebody asks for them.
import { SortedList, type Keyed } from '../structures/sorted-list.js';

/**
 * Most terms (a pod's template hash, a node's name) are never listed by, and a place among thousands of keys costs a write more than all
 * else that an index does. So what comes waits unsorted; a list puts it in its place, each slot once. Many terms have one slot only, which needs no set.
 */
export class Posting<S extends Keyed> {
  #waiting: S | Set<S> | undefined;
  #sorted: SortedList<S> | undefined;

  /** @param term the one string for this term that all slots share */
  constructor(readonly term: string) {}

  get size(): number {
    const waiting = this.#waiting;
    return (waiting === undefined ? 0 : waiting instanceof Set ? waiting.size : 1) + (this.#sorted?.size ?? 0);
  }

  /** Adds a slot that is not there. */
  add(slot: S): void {
    const waiting = this.#waiting;
    if (waiting === undefined) this.#waiting = slot;
    else if (waiting instanceof Set) waiting.add(slot);
    else this.#waiting = new Set([waiting, slot]);
  }

  delete(slot: S): void {
    const waiting = this.#waiting;
    if (waiting === slot) this.#waiting = undefined;
    else if (!(waiting instanceof Set && waiting.delete(slot))) this.#sorted?.delete(slot.key);
  }

  /** The slots in the order of their keys. */
  sorted(): SortedList<S> {
    const sorted = (this.#sorted ??= new SortedList());
    const waiting = this.#waiting;
    if (waiting instanceof Set) for (const slot of waiting) sorted.insert(slot);
    else if (waiting !== undefined) sorted.insert(waiting);
    this.#waiting = undefined;
    return sorted;
  }
}
