// Scaled time, over manual time.
import { manualClock } from './manual-clock.js';
import { scaledClock } from './scaled-clock.js';

test('runs as many times as fast from the inner time on', async () => {
  const inner = manualClock(5_000);
  await inner.advance(1_000);
  const clock = scaledClock(inner, 60);
  expect([clock.now(), clock.monotonic()]).toEqual([6_000, 0]);
  await inner.advance(1_000);
  expect([clock.now(), clock.monotonic()]).toEqual([66_000, 60_000]);
});

test('a delay is never shorter than asked', async () => {
  const inner = manualClock(0);
  const clock = scaledClock(inner, 10);
  const seen: number[] = [];
  clock.after(33, () => seen.push(clock.now()));
  clock.after(30, () => seen.push(clock.now()));
  clock.after(-1, () => seen.push(clock.now()));
  await inner.advance(10);
  expect(seen).toEqual([0, 30, 40]);
});

test('rounding does not add up over periods', async () => {
  const inner = manualClock(0);
  const clock = scaledClock(inner, 10);
  const seen: number[] = [];
  const timer = clock.every(33, () => seen.push(clock.now()));
  await inner.advance(33);
  timer.cancel();
  await inner.advance(100);
  expect(seen).toEqual([40, 70, 100, 140, 170, 200, 240, 270, 300, 330]);
  expect(inner.pending()).toBe(0);
});

test('periods shorter than the inner clock can tell leave out what was missed', async () => {
  const inner = manualClock(0);
  const clock = scaledClock(inner, 1_000);
  let runs = 0;
  const timer = clock.every(1, () => runs++);
  await inner.advance(3);
  timer.cancel();
  expect(runs).toBeLessThanOrEqual(6);
  expect(runs).toBeGreaterThanOrEqual(3);
});

test('runs slower too, and a timer can be cancelled', async () => {
  const inner = manualClock(0);
  const clock = scaledClock(inner, 0.5);
  let runs = 0;
  let cancelled = 0;
  clock.after(10, () => runs++);
  clock.after(10, () => cancelled++).cancel();
  await inner.advance(19);
  expect(runs).toBe(0);
  await inner.advance(1);
  expect(runs).toBe(1);
  expect(cancelled).toBe(0);
});

test('waits on when the inner timer is early', () => {
  let elapsed = 0;
  const timers: (() => void)[] = [];
  const early = {
    now: () => elapsed,
    monotonic: () => elapsed,
    after: (_: number, run: () => void) => (timers.push(run), { cancel: () => undefined }),
  };
  const clock = scaledClock({ ...early, every: early.after }, 2);
  let runs = 0;
  clock.after(10, () => runs++);
  elapsed = 4.9;
  timers.shift()!();
  expect(runs).toBe(0);
  elapsed = 5;
  timers.shift()!();
  expect(runs).toBe(1);
});

test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('refuses the factor %p', (factor) => {
  expect(() => scaledClock(manualClock(), factor)).toThrow(RangeError);
});
