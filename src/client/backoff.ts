// Delays between tries of one thing that keeps failing.
import type { Random } from '../clock/random.js';

export interface BackoffOptions {
  readonly random: Random;
  /** Milliseconds of the first delay. */
  readonly initial: number;
  /** The longest delay before jitter. */
  readonly maximum: number;
  /** What each delay is multiplied by; 2 when absent. */
  readonly factor?: number;
  /** Up to this share of the delay is added by chance; 1 when absent. */
  readonly jitter?: number;
}

export interface Backoff {
  /** The milliseconds to wait before the next try. */
  next(): number;
  /** The last try went well. */
  reset(): void;
}

export function createBackoff({ random, initial, maximum, factor = 2, jitter = 1 }: BackoffOptions): Backoff {
  let delay = initial;
  return {
    next() {
      const current = delay;
      delay = Math.min(delay * factor, maximum);
      return current * (1 + random.next() * jitter);
    },
    reset() {
      delay = initial;
    },
  };
}
