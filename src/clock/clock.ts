// Where every part gets its time from: real, scaled or manual.

/** A running timer; `cancel` is idempotent. */
export interface Timer {
  cancel(): void;
}

/**
 * A source of time. Nothing outside this folder reads the system's time or sets a system timer,
 * so that a test can hold a cluster's time still or move it on.
 */
export interface Clock {
  /** Milliseconds since the epoch, as a whole number. */
  now(): number;
  /** Milliseconds with a fraction from an arbitrary start; never goes back. For measuring how long something took. */
  monotonic(): number;
  /** Calls `run` once, `milliseconds` from now at the earliest. A timer never keeps the process alive. */
  after(milliseconds: number, run: () => void): Timer;
  /** Calls `run` again and again, the first time after one period. A timer never keeps the process alive. */
  every(milliseconds: number, run: () => void): Timer;
}

/** Resolves after `milliseconds` of the clock's time, or as soon as `signal` is aborted (it never rejects). */
export function sleep(clock: Clock, milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = (): void => {
      timer.cancel();
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = clock.after(milliseconds, done);
    signal?.addEventListener('abort', done, { once: true });
  });
}

/** A time as Kubernetes' `Time` writes it: whole seconds, `2026-11-21T11:24:57Z`. */
export function formatTime(milliseconds: number): string {
  const second = Math.floor(milliseconds / 1000);
  if (second !== lastSecond) {
    lastText = `${new Date(second * 1000).toISOString().slice(0, 19)}Z`;
    lastSecond = second;
  }
  return lastText;
}

/** Most times that are written are those of the present second. */
let lastSecond = NaN;
let lastText = '';

/** A time as Kubernetes' `MicroTime` writes it: six decimals, `2026-11-21T11:24:57.123000Z`. */
export function formatMicroTime(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 23)}000Z`;
}
