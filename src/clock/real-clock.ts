// The system's time.
import { performance } from 'node:perf_hooks';
import type { Clock, Timer } from './clock.js';

/** The largest delay a system timer takes; a longer one would fire at once. */
const longest = 2 ** 31 - 1;

/** Makes a clock that follows the system's time. */
export function realClock(): Clock {
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    after: (milliseconds, run) => {
      const timer = setTimeout(run, Math.min(Math.max(milliseconds, 0), longest)).unref();
      return { cancel: () => clearTimeout(timer) };
    },
    every: (milliseconds, run): Timer => {
      const timer = setInterval(run, Math.min(Math.max(milliseconds, 1), longest)).unref();
      return { cancel: () => clearInterval(timer) };
    },
  };
}

/**
 * Keeps the process alive until the function that it returns is called: the clock's timers do not, and a part that waits for its server to come
 * back has nothing else.
 */
export function holdProcess(): () => void {
  const timer = setInterval(() => undefined, longest);
  return () => clearInterval(timer);
}
