// Time that stands still until a test moves it on.
import { setImmediate } from 'node:timers';
import type { Clock, Timer } from './clock.js';

/** More timers than this at one instant mean that one of them sets itself again without a delay. */
const mostAtOnce = 100_000;

export interface ManualClock extends Clock {
  /**
   * Moves time on by so many milliseconds. Timers that fall due run in order, each at its own time, and what they start is given the chance to
   * settle before the next one (all promise chains that wait for nothing but each other; not input and output). Timers set meanwhile run too when
   * they fall due. Rejects with what a timer throws: time then stands where it was thrown. Calls made at once follow one another.
   */
  advance(milliseconds: number): Promise<void>;
  /** How many timers are set. */
  pending(): number;
}

interface ManualTimer {
  due: number;
  sequence: number;
  readonly period: number | undefined;
  readonly run: () => void;
}

/** 2026-01-01T00:00:00Z. */
const defaultStart = 1_767_225_600_000;

/** @param start milliseconds since the epoch; the first of January 2026 by default */
export function manualClock(start: number = defaultStart): ManualClock {
  return new Manual(Math.floor(start));
}

class Manual implements ManualClock {
  /** In the order in which they fall due, those of the same time in the order in which they were set. */
  readonly #timers: ManualTimer[] = [];
  #elapsed = 0;
  #sequence = 0;
  #advancing: Promise<void> = Promise.resolve();

  constructor(private readonly start: number) {}

  now(): number {
    return this.start + Math.floor(this.#elapsed);
  }

  monotonic(): number {
    return this.#elapsed;
  }

  after(milliseconds: number, run: () => void): Timer {
    return this.#set(Math.max(milliseconds, 0), undefined, run);
  }

  every(milliseconds: number, run: () => void): Timer {
    const period = Math.max(milliseconds, 1);
    return this.#set(period, period, run);
  }

  pending(): number {
    return this.#timers.length;
  }

  advance(milliseconds: number): Promise<void> {
    if (!(milliseconds >= 0 && milliseconds < Number.POSITIVE_INFINITY)) {
      return Promise.reject(new RangeError(`a clock moves on by zero or more milliseconds, not ${milliseconds}`));
    }
    const moved = this.#advancing.then(() => this.#moveTo(this.#elapsed + milliseconds));
    this.#advancing = moved.catch(() => undefined);
    return moved;
  }

  async #moveTo(target: number): Promise<void> {
    await settle();
    let atOnce = 0;
    for (let next = this.#timers[0]; next !== undefined && next.due <= target; next = this.#timers[0]) {
      atOnce = next.due > this.#elapsed ? 1 : atOnce + 1;
      if (atOnce > mostAtOnce) throw new Error(`more than ${mostAtOnce} timers at one instant: one sets itself again without a delay`);
      this.#elapsed = Math.max(this.#elapsed, next.due);
      this.#timers.shift();
      if (next.period !== undefined) {
        next.due += next.period;
        next.sequence = this.#sequence++;
        this.#insert(next);
      }
      next.run();
      await settle();
    }
    this.#elapsed = target;
  }

  #set(delay: number, period: number | undefined, run: () => void): Timer {
    const timer = { due: this.#elapsed + delay, sequence: this.#sequence++, period, run };
    this.#insert(timer);
    return { cancel: () => this.#cancel(timer) };
  }

  #insert(timer: ManualTimer): void {
    this.#timers.splice(this.#place(timer), 0, timer);
  }

  #cancel(timer: ManualTimer): void {
    const place = this.#place(timer);
    if (this.#timers[place] === timer) this.#timers.splice(place, 1);
  }

  /** Where a timer is, or belongs. */
  #place(timer: ManualTimer): number {
    let low = 0;
    let high = this.#timers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#timers[middle]!;
      if (other.due < timer.due || (other.due === timer.due && other.sequence < timer.sequence)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Resolves when all promise chains that can go on have done so. */
function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
