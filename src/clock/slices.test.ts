import { performance } from 'node:perf_hooks';
import { Abandoned, breathe, finish, inSlices, Steps, Turn, type Work } from './slices.js';

/** The time of these tests: a busy machine has no part in it. */
let time = 0;
const real = Object.getOwnPropertyDescriptor(performance, 'now');
beforeAll(() => void Object.defineProperty(performance, 'now', { value: () => time, configurable: true }));
afterAll(() => {
  if (real === undefined) Reflect.deleteProperty(performance, 'now');
  else Object.defineProperty(performance, 'now', real);
});

/** Each of the steps takes so long. */
function* busy(steps: number, milliseconds: number): Work<number> {
  for (let step = 0; step < steps; step++) {
    time += milliseconds;
    yield;
  }
  return steps;
}

test('what is short is done at once', () => {
  expect(inSlices(busy(3, 0))).toBe(3);
  expect(finish(busy(5, 1))).toBe(5);
});

test('while long work is done, others have their turn', async () => {
  const work = inSlices(busy(20, 4));
  expect(work).toBeInstanceOf(Promise);
  let turns = 0;
  let done = false;
  const others = (async () => {
    for (; !done; turns++) await breathe();
  })();
  expect(await work).toBe(20);
  done = true;
  await others;
  // Two steps fill a slice.
  expect(turns).toBeGreaterThanOrEqual(9);
});

test('what nobody waits for any more is left undone, and can tidy up', async () => {
  const waiter = { gone: false };
  let steps = 0;
  let tidied = false;
  function* counted(): Work<string> {
    try {
      for (; steps < 1000; steps++) yield* busy(1, 4);
      return 'done';
    } finally {
      tidied = true;
    }
  }
  const work = inSlices(counted(), waiter);
  expect(steps).toBe(1);
  await breathe();
  expect(steps).toBeGreaterThan(1);
  waiter.gone = true;
  await expect(work).rejects.toThrow(Abandoned);
  expect([steps < 1000, tidied]).toEqual([true, true]);
});

test('what is short is done though nobody waits; a turn is not passed on', async () => {
  const waiter = { gone: true };
  expect(inSlices(busy(1, 1), waiter)).toBe(1);
  const turn = new Turn(20, waiter);
  expect(turn.over()).toBeUndefined();
  finish(busy(1, 20));
  await expect(turn.over()).rejects.toThrow(Abandoned);
});

test('errors come as they do without slices', async () => {
  function* failing(): Work<never> {
    yield* busy(4, 4);
    throw new Error('broken');
  }
  expect(() => finish(failing())).toThrow('broken');
  await expect(inSlices(failing())).rejects.toThrow('broken');
});

test('a turn is over when it was long', async () => {
  const turn = new Turn();
  expect(turn.over()).toBeUndefined();
  finish(busy(1, 20));
  await turn.over();
  expect(turn.over()).toBeUndefined();
});

test('steps are due now and then', () => {
  const steps = new Steps(3);
  expect([1, 2, 3, 4, 5, 6].map(() => steps.due())).toEqual([false, false, true, false, false, true]);
});

test('the more works are under way, the shorter are their slices', async () => {
  const began = time;
  const works = Array.from({ length: 8 }, async () => inSlices(busy(200, 0.5)));
  const first = time - began;
  const turns: number[] = [];
  let done = false;
  const others = (async () => {
    for (let last = time; !done; last = time) {
      await breathe();
      turns.push(time - last);
    }
  })();
  expect(await Promise.all(works)).toEqual(Array.from({ length: 8 }, () => 200));
  done = true;
  await others;
  // Each by itself would have taken 8 ms of every turn: 64 together.
  expect(first).toBeLessThan(45);
  expect(Math.max(...turns)).toBeLessThanOrEqual(24);
});
