import { manualClock } from '../../clock/manual-clock.js';
import { bucketRateLimiter, defaultRateLimiter, exponentialRateLimiter } from './rate-limiter.js';
import { createWorkQueue } from './work-queue.js';

const limiter = () => exponentialRateLimiter(5, 1_000_000);

test('a key waits once, and comes again when it was added while worked on', async () => {
  const queue = createWorkQueue({ clock: manualClock() });
  queue.add('a');
  queue.add('b');
  queue.add('a');
  expect(queue.length).toBe(2);
  expect(await queue.next()).toBe('a');
  queue.add('a');
  expect(queue.length).toBe(1);
  expect(await queue.next()).toBe('b');
  const third = queue.next();
  queue.done('b');
  queue.done('a');
  expect(await third).toBe('a');
  queue.shutdown();
  expect(await queue.next()).toBeUndefined();
});

test('retries wait twice as long every time, until forgotten', async () => {
  const clock = manualClock();
  const queue = createWorkQueue({ clock, rateLimiter: limiter() });
  const delays: number[] = [];
  for (let failure = 0; failure < 4; failure++) {
    const start = clock.now();
    queue.addRateLimited('a');
    while (queue.length === 0) await clock.advance(1);
    delays.push(clock.now() - start);
    queue.done((await queue.next())!);
  }
  expect(delays).toEqual([5, 10, 20, 40]);
  expect(queue.failures('a')).toBe(4);
  queue.forget('a');
  expect(queue.failures('a')).toBe(0);
  queue.shutdown();
  expect(clock.pending()).toBe(0);
});

test('the longest delay is 1,000 s', () => {
  const limits = limiter();
  let delay = 0;
  for (let failure = 0; failure < 40; failure++) delay = limits.when('a');
  expect(delay).toBe(1_000_000);
});

test('of two delays of one key the shorter counts', async () => {
  const clock = manualClock();
  const queue = createWorkQueue({ clock });
  queue.addAfter('a', 100);
  queue.addAfter('a', 50);
  queue.addAfter('a', 70);
  await clock.advance(50);
  expect(queue.length).toBe(1);
  expect(clock.pending()).toBe(0);
});

test('the bucket over all keys lets 100 through, then 10 a second', async () => {
  const clock = manualClock();
  const bucket = bucketRateLimiter(clock, 10, 100);
  for (let i = 0; i < 100; i++) expect(bucket.when(`${i}`)).toBe(0);
  expect(bucket.when('x')).toBeCloseTo(100);
  expect(bucket.when('y')).toBeCloseTo(200);
  await clock.advance(1000);
  expect(bucket.when('z')).toBe(0);
  expect(defaultRateLimiter(clock).when('first')).toBe(5);
});

test('shutdown drops delayed keys and ends those who wait', async () => {
  const clock = manualClock();
  const queue = createWorkQueue({ clock });
  queue.addAfter('late', 10);
  const waiting = queue.next();
  queue.shutdown();
  expect(await waiting).toBeUndefined();
  expect(clock.pending()).toBe(0);
  queue.add('more');
  expect(queue.length).toBe(0);
});
