// Manual time: order, settling, cancelling and limits.
import { sleep } from './clock.js';
import { manualClock } from './manual-clock.js';

test('stands still until it is moved', async () => {
  const clock = manualClock(1_000);
  expect([clock.now(), clock.monotonic()]).toEqual([1_000, 0]);
  await clock.advance(1.5);
  expect([clock.now(), clock.monotonic()]).toEqual([1_001, 1.5]);
  await clock.advance(0);
  expect(clock.monotonic()).toBe(1.5);
});

test('runs timers in the order in which they fall due, at their own times', async () => {
  const clock = manualClock(0);
  const seen: [string, number][] = [];
  clock.after(20, () => seen.push(['b', clock.now()]));
  clock.after(10, () => seen.push(['a', clock.now()]));
  clock.after(20, () => seen.push(['c', clock.now()]));
  clock.after(31, () => seen.push(['late', clock.now()]));
  expect(clock.pending()).toBe(4);
  await clock.advance(30);
  expect(seen).toEqual([['a', 10], ['b', 20], ['c', 20]]); // prettier-ignore
  expect([clock.now(), clock.pending()]).toEqual([30, 1]);
});

test('lets promise chains go on between timers, and runs what they set', async () => {
  const clock = manualClock(0);
  const seen: [string, number][] = [];
  const work = async (): Promise<void> => {
    await sleep(clock, 10);
    for (let i = 0; i < 50; i++) await Promise.resolve();
    seen.push(['first', clock.now()]);
    await sleep(clock, 5);
    seen.push(['second', clock.now()]);
  };
  const done = work();
  clock.after(12, () => seen.push(['between', clock.now()]));
  await clock.advance(15);
  await done;
  expect(seen).toEqual([['first', 10], ['between', 12], ['second', 15]]); // prettier-ignore
});

test('a promise chain that has begun before may set its timer before time moves', async () => {
  const clock = manualClock(0);
  let ran = false;
  void Promise.resolve().then(() => clock.after(5, () => (ran = true)));
  await clock.advance(5);
  expect(ran).toBe(true);
});

test('periods go on until cancelled, also from within', async () => {
  const clock = manualClock(0);
  const seen: number[] = [];
  const timer = clock.every(10, () => {
    seen.push(clock.now());
    if (seen.length === 3) timer.cancel();
  });
  await clock.advance(100);
  expect(seen).toEqual([10, 20, 30]);
  expect(clock.pending()).toBe(0);
  timer.cancel();
});

test('a cancelled timer does not run, even when cancelled by one of the same time', async () => {
  const clock = manualClock(0);
  let ran = false;
  clock.after(10, () => second.cancel());
  const second = clock.after(10, () => (ran = true));
  await clock.advance(10);
  expect(ran).toBe(false);
  expect(clock.pending()).toBe(0);
});

test('calls made at once follow one another, and a timer may ask for more', async () => {
  const clock = manualClock(0);
  clock.after(5, () => void clock.advance(100));
  await Promise.all([clock.advance(10), clock.advance(10)]);
  await clock.advance(0);
  expect(clock.now()).toBe(120);
});

test('rejects with what a timer throws, standing at its time; time can be moved on afterwards', async () => {
  const clock = manualClock(0);
  let runs = 0;
  clock.after(5, () => {
    throw new Error('broken');
  });
  clock.after(6, () => runs++);
  await expect(clock.advance(10)).rejects.toThrow('broken');
  expect([clock.now(), runs]).toEqual([5, 0]);
  await clock.advance(1);
  expect(runs).toBe(1);
});

test('refuses to go back', async () => {
  const clock = manualClock(0);
  await expect(clock.advance(-1)).rejects.toThrow(RangeError);
  await expect(clock.advance(Number.NaN)).rejects.toThrow(RangeError);
});
