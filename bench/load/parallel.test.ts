// How the load runs and counts.
import { jest } from '@jest/globals';
import { parallel, percentile } from './parallel.js';

test('runs each operation once and never more at once than there are workers', async () => {
  const seen: number[] = [];
  let running = 0;
  let most = 0;
  const { latencies, errors } = await parallel(20, 4, async (index) => {
    most = Math.max(most, ++running);
    await new Promise((done) => setImmediate(done));
    running--;
    seen.push(index);
  });
  expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index));
  expect(most).toBe(4);
  expect(latencies).toHaveLength(20);
  expect(errors).toBe(0);
});

test('counts errors, goes on, and shows the first three', async () => {
  const shown = jest.spyOn(console, 'error').mockImplementation(() => {});
  const { errors } = await parallel(10, 2, (index) => (index < 5 ? Promise.reject(new Error(`no ${index}`)) : Promise.resolve()));
  expect(errors).toBe(5);
  expect(shown).toHaveBeenCalledTimes(3);
  shown.mockRestore();
});

test('percentiles', () => {
  const values = Array.from({ length: 101 }, (_, index) => 100 - index);
  expect(percentile(values, 0.5)).toBe(50);
  expect(percentile(values, 0.99)).toBe(99);
  expect(percentile([], 0.5)).toBe(0);
});
