import { age, humanDuration } from './duration.js';

/** Seconds and what the reference printed for events that old. */
const printed: readonly (readonly [seconds: number, text: string])[] = [
  [-100, '<invalid>'],
  [-1, '0s'],
  [0, '0s'],
  [1, '1s'],
  [60, '60s'],
  [119, '119s'],
  [120, '2m'],
  [121, '2m1s'],
  [599, '9m59s'],
  [600, '10m'],
  [601, '10m'],
  [10799, '179m'],
  [10800, '3h'],
  [10860, '3h1m'],
  [28799, '7h59m'],
  [28800, '8h'],
  [28860, '8h'],
  [86400, '24h'],
  [172799, '47h'],
  [172800, '2d'],
  [176400, '2d1h'],
  [691199, '7d23h'],
  [691200, '8d'],
  [63071999, '729d'],
  [63072000, '2y'],
  [63158400, '2y1d'],
  [252287999, '7y364d'],
  [252288000, '8y'],
  [1e9, '31y'],
];

test.each(printed)('%d seconds: %s', (seconds, text) => {
  expect(humanDuration(seconds * 1000)).toBe(text);
});

test('an age is counted from the time given', () => {
  const now = Date.parse('2026-01-01T00:05:30.900Z');
  expect(age('2026-01-01T00:00:00Z', now)).toBe('5m30s');
  expect(age(undefined, now)).toBe('<unknown>');
  expect(age('no time', now)).toBe('<unknown>');
});
