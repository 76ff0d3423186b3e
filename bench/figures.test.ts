// Medians and ratios of the benchmark.
import { figures, median, ratio, Samples } from './figures.js';

const rate = figures.find(({ key }) => key === 'create_per_s')!;
const time = figures.find(({ key }) => key === 'list_all_p50_ms')!;

test('the median is the middle value, or the mean of the two in the middle', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([10, 1, 2, 3])).toBe(2.5);
  expect(median([])).toBeUndefined();
});

test('a ratio above 1 is better, for rates and for times', () => {
  expect(ratio(rate, 300, 100)).toBe(3);
  expect(ratio(time, 100, 300)).toBe(3);
});

test('there is no ratio of what was not measured, nor of what is neither good nor bad', () => {
  const size = figures.find(({ key }) => key === 'list_MB')!;
  expect(ratio(rate, 300, undefined)).toBeUndefined();
  expect(ratio(rate, 0, 100)).toBeUndefined();
  expect(ratio(size, 1, 2)).toBeUndefined();
});

test('samples keep their order and leave out what was not measured', () => {
  const samples = new Samples();
  samples.add('get_per_s', 5);
  samples.add('get_per_s', undefined);
  samples.add('get_per_s', 1);
  expect(samples.all('get_per_s')).toEqual([5, 1]);
  expect(JSON.parse(JSON.stringify(samples))).toEqual({ get_per_s: { median: 3, samples: [5, 1] } });
});

test('every key is there once', () => {
  expect(new Set(figures.map(({ key }) => key)).size).toBe(figures.length);
});
