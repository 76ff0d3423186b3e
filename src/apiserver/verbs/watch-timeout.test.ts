import { seededRandom } from '../../clock/random.js';
import { watchTimeout } from './watch-timeout.js';

it.each([
  [5, 5_000],
  [-5, -5_000],
  // Nanoseconds of 64 bits come round.
  [9_223_372_036, 9_223_372_036_000],
  [9_223_372_037, -9_223_372_036_709],
])('%d seconds are %d milliseconds', (seconds, milliseconds) => {
  expect(watchTimeout(seconds, seededRandom(1))).toBe(milliseconds);
});

it.each([0, undefined])('%s is half an hour to an hour', (seconds) => {
  const random = seededRandom(1);
  for (let i = 0; i < 100; i++) {
    const minutes = watchTimeout(seconds, random) / 60_000;
    expect(minutes).toBeGreaterThanOrEqual(30);
    expect(minutes).toBeLessThan(60);
  }
});
