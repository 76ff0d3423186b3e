import { breathe, finish, inSlices, Steps, Turn, type Work } from './slices.js';

/** Keeps the processor busy for so long at each of the steps. */
function* busy(steps: number, milliseconds: number): Work<number> {
  for (let step = 0; step < steps; step++) {
    const end = performance.now() + milliseconds;
    while (performance.now() < end);
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
  expect(turns).toBeGreaterThan(3);
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
