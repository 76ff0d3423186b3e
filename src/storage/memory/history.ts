// What the memory engine remembers of the past, within bounds.
import type { Clock } from '../../clock/clock.js';
import { StoreError } from '../store.js';
import { EventRing } from '../structures/event-ring.js';
import type { Past } from '../structures/range.js';
import type { MemoryEntry, MemoryEvent } from './memory-entry.js';

export interface HistoryLimits {
  readonly events: number;
  readonly bytes: number;
  readonly milliseconds: number;
  /** Old versions of this many of the newest events stay as they are, since watches may still be reading them. */
  readonly unpacked: number;
}

/** The events after {@link oldest}, one for each revision. */
export class History<V> {
  readonly #ring = new EventRing<MemoryEvent<V>>();
  #oldest = 0;
  #keptBytes = 0;

  constructor(
    private readonly limits: HistoryLimits,
    private readonly clock: Clock,
  ) {}

  /** The oldest revision that can be shown; events up to and including it are forgotten. */
  get oldest(): number {
    return this.#oldest;
  }

  /** About how many bytes old versions take. */
  get keptBytes(): number {
    return this.#keptBytes;
  }

  get size(): number {
    return this.#ring.size;
  }

  push(event: MemoryEvent<V>): void {
    const now = this.clock.now();
    this.#ring.push(event, now);
    const cooled = this.#ring.at(this.#ring.size - 1 - this.limits.unpacked);
    if (cooled !== undefined) {
      const isGone = cooled.type === 'delete';
      // What a deletion shares with the version before it is in nothing that lives: neither keeps it for the other.
      this.#keptBytes += cooled.previous?.cool(isGone ? undefined : cooled.entry) ?? 0;
      if (isGone) this.#keptBytes += cooled.entry.coolLike(cooled.previous!);
    }
    const { events, bytes, milliseconds } = this.limits;
    while (
      this.#ring.size > events ||
      (this.#keptBytes > bytes && this.#ring.size > 1) ||
      (this.#ring.oldestTime < now - milliseconds && this.#ring.size > 1)
    ) {
      this.#forgetOne();
    }
  }

  /** The event that made this revision; undefined when it is forgotten or of the future. */
  at(revision: number): MemoryEvent<V> | undefined {
    const first = this.#ring.at(0);
    return first === undefined ? undefined : this.#ring.at(revision - first.revision);
  }

  /** Forgets the events up to and including this revision. */
  compact(revision: number): void {
    while (this.#ring.size > 0 && this.#ring.at(0)!.revision <= revision) this.#forgetOne();
    this.#oldest = Math.max(this.#oldest, revision);
  }

  /** Throws unless this revision can be shown. */
  check(revision: number, current: number, key: string): void {
    const revisions = { oldest: this.#oldest, current };
    if (revision > current) throw new StoreError('future', key, undefined, revisions);
    if (revision < this.#oldest) throw new StoreError('compacted', key, undefined, revisions);
  }

  /** What a key had at a revision, when it has changed since. */
  entryAt(key: string, revision: number): { readonly entry: MemoryEntry<V> | undefined } | undefined {
    for (let index = this.#ring.firstAfter(revision); index < this.#ring.size; index++) {
      const event = this.#ring.at(index)!;
      if (event.key === key) return { entry: event.previous };
    }
    return undefined;
  }

  /** What the keys of a prefix that have changed since a revision had then: newer events undone. */
  undo(prefix: string, revision: number): Past<V> {
    const past = new Map<string, { readonly then: MemoryEntry<V> | undefined; now: boolean }>();
    for (let index = this.#ring.firstAfter(revision); index < this.#ring.size; index++) {
      const { key, previous, type } = this.#ring.at(index)!;
      if (!key.startsWith(prefix)) continue;
      const known = past.get(key);
      if (known === undefined) past.set(key, { then: previous, now: type === 'put' });
      else known.now = type === 'put';
    }
    return past;
  }

  clear(): void {
    this.#ring.clear();
    this.#keptBytes = 0;
  }

  #forgetOne(): void {
    const event = this.#ring.shift()!;
    this.#oldest = event.revision;
    this.#keptBytes -= event.previous?.cooledSize ?? 0;
    if (event.type === 'delete') this.#keptBytes -= event.entry.cooledSize;
  }
}
