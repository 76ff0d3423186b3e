// A queue of keys for controllers: each key is worked on by one worker at a time, and once however often it was added.
import type { Clock, Timer } from '../../clock/clock.js';
import { defaultRateLimiter, type RateLimiter } from './rate-limiter.js';

export interface WorkQueueOptions {
  readonly clock: Clock;
  /** Absent: the real controllers' limits, see `defaultRateLimiter`. */
  readonly rateLimiter?: RateLimiter | undefined;
}

/** Keys waiting to be worked on. A key taken with `next` must be given back with `done`. */
export interface WorkQueue {
  /** Adds a key. When it waits already, nothing happens; when it is being worked on, it comes again after `done`. */
  add(key: string): void;
  /** Adds a key `milliseconds` later; when it is added so again, the earlier time counts. */
  addAfter(key: string, milliseconds: number): void;
  /** Adds a key after the delay that the rate limiter gives for its failures so far. */
  addRateLimited(key: string): void;
  /** Forgets the key's failures. */
  forget(key: string): void;
  /** How often the key was added with `addRateLimited` since it was forgotten. */
  failures(key: string): number;
  /** The next key to work on, as soon as there is one; undefined once the queue is shut down and empty. */
  next(): Promise<string | undefined>;
  done(key: string): void;
  /** Keys waiting now; delayed ones do not count. */
  readonly length: number;
  /** Takes no more keys, drops delayed ones, and ends `next` when the waiting ones are gone. */
  shutdown(): void;
}

/** Makes an empty queue. */
export function createWorkQueue({ clock, rateLimiter = defaultRateLimiter(clock) }: WorkQueueOptions): WorkQueue {
  /** Keys waiting, in order: a Set keeps both the order and the uniqueness. */
  const waiting = new Set<string>();
  const working = new Set<string>();
  /** Keys added while being worked on. */
  const again = new Set<string>();
  const delayed = new Map<string, { readonly at: number; readonly timer: Timer }>();
  const takers: ((key: string | undefined) => void)[] = [];
  let closed = false;

  const push = (key: string): void => {
    const taker = takers.shift();
    if (!taker) return void waiting.add(key);
    working.add(key);
    taker(key);
  };

  const queue: WorkQueue = {
    add(key) {
      if (closed || waiting.has(key)) return;
      if (working.has(key)) again.add(key);
      else push(key);
    },
    addAfter(key, milliseconds) {
      if (closed) return;
      if (milliseconds <= 0) return queue.add(key);
      const at = clock.now() + milliseconds;
      const known = delayed.get(key);
      if (known && known.at <= at) return;
      known?.timer.cancel();
      const timer = clock.after(milliseconds, () => {
        delayed.delete(key);
        queue.add(key);
      });
      delayed.set(key, { at, timer });
    },
    addRateLimited: (key) => queue.addAfter(key, rateLimiter.when(key)),
    forget: (key) => rateLimiter.forget(key),
    failures: (key) => rateLimiter.failures(key),
    next() {
      for (const key of waiting) {
        waiting.delete(key);
        working.add(key);
        return Promise.resolve(key);
      }
      if (closed) return Promise.resolve(undefined);
      return new Promise((resolve) => takers.push(resolve));
    },
    done(key) {
      working.delete(key);
      if (again.delete(key) && !closed) push(key);
    },
    get length() {
      return waiting.size;
    },
    shutdown() {
      closed = true;
      for (const { timer } of delayed.values()) timer.cancel();
      delayed.clear();
      for (const taker of takers.splice(0)) taker(undefined);
    },
  };
  return queue;
}
