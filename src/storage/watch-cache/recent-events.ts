// The last events of a cache, for watches that go on from a past revision.
import type { Clock } from '../../clock/clock.js';
import { EventRing } from '../structures/event-ring.js';
import type { CachedEvent } from './cache-index.js';

export interface RecentLimits {
  readonly minimum: number;
  readonly maximum: number;
  readonly milliseconds: number;
}

/**
 * Always keeps the last `minimum` events, and up to `maximum` while they are young: a client that lost its connection for a minute must not
 * have to list again, on a quiet cluster and on a busy one.
 */
export class RecentEvents<V> {
  readonly #ring = new EventRing<CachedEvent<V>>();
  #floor = 0;

  constructor(
    private readonly limits: RecentLimits,
    private readonly clock: Clock | undefined,
  ) {}

  /** All events of the prefix after this revision are here. */
  get floor(): number {
    return this.#floor;
  }

  get size(): number {
    return this.#ring.size;
  }

  /** Forgets everything: from now on the events after `floor` are added. */
  restart(floor: number): void {
    this.#ring.clear();
    this.#floor = floor;
  }

  push(cached: CachedEvent<V>): void {
    const now = this.clock?.now() ?? 0;
    const { minimum, maximum, milliseconds } = this.limits;
    this.#ring.push(cached, now);
    while (this.#ring.size > maximum || (this.#ring.size > minimum && this.#ring.oldestTime < now - milliseconds)) {
      this.#floor = this.#ring.shift()!.revision;
    }
  }

  /** The first event after a revision. */
  after(revision: number): CachedEvent<V> | undefined {
    return this.#ring.at(this.#ring.firstAfter(revision));
  }
}
