// Keyed items in the order of their keys, with cheap insertion, ranges and counts.
import { compareBytes, compareUnits, isBeyondUnits } from './key-order.js';
import type { Order } from './key-order.js';

/** A chunk that grows beyond this is split in two; 256 to 512 keeps both the moves within a chunk and the walk over chunks short. */
const chunkSize = 512;

export interface Keyed {
  readonly key: string;
}

/**
 * A sorted list of chunks. Finding a place is two binary searches; a rank is a sum over the chunks before it (two hundred or so for
 * 100,000 keys), so that counting a range never visits its items.
 */
export class SortedList<T extends Keyed> {
  readonly #chunks: T[][] = [];
  #size = 0;
  /** As long as no key has characters beyond U+FFFF the faster one, in which these keys have the same order. */
  #order: Order = compareUnits;

  get size(): number {
    return this.#size;
  }

  /** Adds an item whose key is not there. */
  insert(item: T): void {
    this.#size++;
    if (isBeyondUnits(item.key)) this.#order = compareBytes;
    if (this.#chunks.length === 0) {
      this.#chunks.push([item]);
      return;
    }
    const order = this.#order;
    const at = this.#chunkOf(item.key, order);
    const chunk = this.#chunks[at]!;
    const last = chunk[chunk.length - 1]!;
    if (order(item.key, last.key) > 0) chunk.push(item);
    else chunk.splice(lowerBound(chunk, item.key, order), 0, item);
    if (chunk.length > chunkSize) this.#chunks.splice(at + 1, 0, chunk.splice(chunkSize / 2));
  }

  /** Takes out the item of this key; returns whether there was one. */
  delete(key: string): boolean {
    if (this.#chunks.length === 0) return false;
    const order = this.#orderFor(key);
    const at = this.#chunkOf(key, order);
    const chunk = this.#chunks[at]!;
    const index = lowerBound(chunk, key, order);
    if (chunk[index]?.key !== key) return false;
    chunk.splice(index, 1);
    this.#size--;
    if (chunk.length === 0) this.#chunks.splice(at, 1);
    else this.#join(at);
    return true;
  }

  clear(): void {
    this.#chunks.length = 0;
    this.#size = 0;
    this.#order = compareUnits;
  }

  /** How many items have a smaller key. */
  rank(key: string): number {
    if (this.#chunks.length === 0) return 0;
    const order = this.#orderFor(key);
    const at = this.#chunkOf(key, order);
    return this.#before(at) + lowerBound(this.#chunks[at]!, key, order);
  }

  /** How many items have a key that is smaller than the prefix or starts with it: the rank of what follows the prefix. */
  rankAfter(prefix: string): number {
    const chunks = this.#chunks;
    const order = this.#orderFor(prefix);
    let low = 0;
    let high = chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isAfter(chunks[middle]![0]!.key, prefix, order)) high = middle;
      else low = middle + 1;
    }
    if (low === 0) return 0;
    const chunk = chunks[low - 1]!;
    let left = 0;
    let right = chunk.length;
    while (left < right) {
      const middle = (left + right) >>> 1;
      if (isAfter(chunk[middle]!.key, prefix, order)) right = middle;
      else left = middle + 1;
    }
    return this.#before(low - 1) + left;
  }

  /** Visits the items from rank `start` up to rank `end` (not included), until `visit` returns false. The list must not change meanwhile. */
  forEach(start: number, end: number, visit: (item: T) => boolean | void): void {
    let rank = start;
    let at = 0;
    let index = start;
    while (at < this.#chunks.length && index >= this.#chunks[at]!.length) index -= this.#chunks[at++]!.length;
    for (; at < this.#chunks.length && rank < end; at++, index = 0) {
      const chunk = this.#chunks[at]!;
      for (; index < chunk.length && rank < end; index++, rank++) if (visit(chunk[index]!) === false) return;
    }
  }

  /** The last chunk whose first key is not greater, or the first chunk. */
  #chunkOf(key: string, order: Order): number {
    let low = 0;
    let high = this.#chunks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (order(this.#chunks[middle]![0]!.key, key) <= 0) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #orderFor(key: string): Order {
    return isBeyondUnits(key) ? compareBytes : this.#order;
  }

  #before(at: number): number {
    let count = 0;
    for (let i = 0; i < at; i++) count += this.#chunks[i]!.length;
    return count;
  }

  /** Joins a chunk that shrank with a neighbour, so that many deletions do not leave many small chunks. */
  #join(at: number): void {
    const chunks = this.#chunks;
    if (chunks[at]!.length > chunkSize / 4) return;
    const left = at > 0 ? at - 1 : at;
    if (left + 1 >= chunks.length || chunks[left]!.length + chunks[left + 1]!.length > chunkSize / 2) return;
    chunks.splice(left, 2, chunks[left]!.concat(chunks[left + 1]!));
  }
}

/** The index of the first item whose key is not smaller. */
function lowerBound<T extends Keyed>(chunk: readonly T[], key: string, order: Order): number {
  let low = 0;
  let high = chunk.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (order(chunk[middle]!.key, key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isAfter(key: string, prefix: string, order: Order): boolean {
  return !key.startsWith(prefix) && order(key, prefix) > 0;
}
