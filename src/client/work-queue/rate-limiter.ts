// How long a key waits before it is tried again.
import type { Clock } from '../../clock/clock.js';

/** Gives delays for failing keys. */
export interface RateLimiter {
  /** Counts one more failure of the key and returns the milliseconds it should wait. */
  when(key: string): number;
  forget(key: string): void;
  failures(key: string): number;
}

/** The delay doubles with every failure of a key, from `base` to `maximum` milliseconds. */
export function exponentialRateLimiter(base: number, maximum: number): RateLimiter {
  const counts = new Map<string, number>();
  return {
    when(key) {
      const failures = counts.get(key) ?? 0;
      counts.set(key, failures + 1);
      return Math.min(base * 2 ** failures, maximum);
    },
    forget: (key) => void counts.delete(key),
    failures: (key) => counts.get(key) ?? 0,
  };
}

/** At most `rate` tries a second over all keys, with bursts of `burst`: a token bucket whose debt later keys wait off. */
export function bucketRateLimiter(clock: Clock, rate: number, burst: number): RateLimiter {
  let tokens = burst;
  let last = clock.monotonic();
  return {
    when() {
      const now = clock.monotonic();
      tokens = Math.min(burst, tokens + ((now - last) / 1000) * rate) - 1;
      last = now;
      return tokens >= 0 ? 0 : (-tokens / rate) * 1000;
    },
    forget: () => {},
    failures: () => 0,
  };
}

/** The longest delay of several limiters. */
export function longestRateLimiter(limiters: readonly RateLimiter[]): RateLimiter {
  return {
    when: (key) => Math.max(...limiters.map((limiter) => limiter.when(key))),
    forget: (key) => limiters.forEach((limiter) => limiter.forget(key)),
    failures: (key) => Math.max(...limiters.map((limiter) => limiter.failures(key))),
  };
}

/** What the real controllers use: 5 ms doubling to 1,000 s for a key, and 10 a second with bursts of 100 over all. */
export function defaultRateLimiter(clock: Clock): RateLimiter {
  return longestRateLimiter([exponentialRateLimiter(5, 1_000_000), bucketRateLimiter(clock, 10, 100)]);
}
