// Finds what is registered under any prefix of a key, without visiting the rest.

const slash = 47;

/**
 * Values by prefix. Nearly all prefixes are directories (`/registry/pods/`), for which a key has only as many candidates as it has slashes; for
 * the others the index keeps the lengths that occur.
 */
export class PrefixIndex<T> {
  readonly #sets = new Map<string, Set<T>>();
  /** How many prefixes there are of each length, of those that are no directory. */
  readonly #lengths = new Map<number, number>();

  add(prefix: string, value: T): void {
    const set = this.#sets.get(prefix);
    if (set !== undefined) {
      set.add(value);
      return;
    }
    this.#sets.set(prefix, new Set([value]));
    if (!prefix.endsWith('/')) this.#lengths.set(prefix.length, (this.#lengths.get(prefix.length) ?? 0) + 1);
  }

  delete(prefix: string, value: T): void {
    const set = this.#sets.get(prefix);
    if (set === undefined || !set.delete(value) || set.size > 0) return;
    this.#sets.delete(prefix);
    if (prefix.endsWith('/')) return;
    const left = this.#lengths.get(prefix.length)! - 1;
    if (left > 0) this.#lengths.set(prefix.length, left);
    else this.#lengths.delete(prefix.length);
  }

  /** Visits all values whose prefix the key starts with. Values may be added and deleted meanwhile; added ones may be visited or not. */
  visit(key: string, visit: (value: T) => void): void {
    if (this.#sets.size === 0) return;
    for (let at = key.indexOf('/'); at >= 0; at = key.indexOf('/', at + 1)) this.#visitSet(key.slice(0, at + 1), visit);
    for (const length of this.#lengths.keys()) {
      if (length > key.length || (length > 0 && key.charCodeAt(length - 1) === slash)) continue;
      this.#visitSet(key.slice(0, length), visit);
    }
  }

  #visitSet(prefix: string, visit: (value: T) => void): void {
    const set = this.#sets.get(prefix);
    if (set !== undefined) for (const value of set) visit(value);
  }
}
