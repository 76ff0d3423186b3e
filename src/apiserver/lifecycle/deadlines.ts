// Ends requests that take too long. A request costs an entry in a list; one timer looks at the list.
import type { Clock, Timer } from '../../clock/clock.js';

/** What can run out of time. */
export interface Timed {
  /** Milliseconds of the monotonic clock. */
  readonly deadline: number;
  expire(): void;
}

/** How exact the usual deadline is kept, in milliseconds. */
const lookPeriod = 1_000;

export class Deadlines {
  /** Those with the usual time, in the order in which they will run out of it. */
  readonly #usual = new Set<Timed>();
  readonly #timers = new Map<Timed, Timer>();
  readonly #looking: Timer;

  /** `usual`: the milliseconds that most requests have. `tick` is called each second as well. */
  constructor(
    private readonly clock: Clock,
    private readonly usual: number,
    tick: () => void,
  ) {
    this.#looking = clock.every(lookPeriod, () => {
      tick();
      this.#look();
    });
  }

  add(timed: Timed, milliseconds: number): void {
    if (milliseconds === this.usual) this.#usual.add(timed);
    else
      this.#timers.set(
        timed,
        this.clock.after(milliseconds, () => {
          this.#timers.delete(timed);
          timed.expire();
        }),
      );
  }

  delete(timed: Timed): void {
    if (this.#usual.delete(timed) || this.#timers.size === 0) return;
    this.#timers.get(timed)?.cancel();
    this.#timers.delete(timed);
  }

  stop(): void {
    this.#looking.cancel();
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
    this.#usual.clear();
  }

  #look(): void {
    const now = this.clock.monotonic();
    for (const timed of this.#usual) {
      if (timed.deadline > now) return;
      this.#usual.delete(timed);
      timed.expire();
    }
  }
}
