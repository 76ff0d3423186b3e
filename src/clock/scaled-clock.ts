// Time that runs faster or slower than another clock's.
import type { Clock, Timer } from './clock.js';

/**
 * Makes a clock that starts at the inner clock's time and runs `factor` times as fast: with 60, a minute passes each second.
 * Delays end on the inner clock's whole milliseconds: they may be up to `factor` milliseconds longer, never shorter.
 * Throws RangeError unless the factor is a positive number.
 */
export function scaledClock(inner: Clock, factor: number): Clock {
  if (!(factor > 0 && factor < Number.POSITIVE_INFINITY)) throw new RangeError(`a clock's factor is a positive number, not ${factor}`);
  const start = inner.now();
  const origin = inner.monotonic();
  const elapsed = (): number => (inner.monotonic() - origin) * factor;
  /** Sets the inner timer again as long as it is early, as a system's timer may be. */
  const at = (due: number, run: () => void): Timer => {
    const wait = (): Timer => inner.after(Math.ceil(Math.max(due - elapsed(), 0) / factor), fire);
    const fire = (): void => {
      if (elapsed() < due) timer = wait();
      else run();
    };
    let timer = wait();
    return { cancel: () => timer.cancel() };
  };
  return {
    now: () => start + Math.floor(elapsed()),
    monotonic: elapsed,
    after: (milliseconds, run) => at(elapsed() + Math.max(milliseconds, 0), run),
    every: (milliseconds, run) => {
      const period = Math.max(milliseconds, 1);
      let due = elapsed() + period;
      const fire = (): void => {
        // Counted from when it was due, so that rounding does not add up; what was missed is left out.
        due = Math.max(due + period, elapsed());
        timer = at(due, fire);
        run();
      };
      let timer = at(due, fire);
      return { cancel: () => timer.cancel() };
    },
  };
}
