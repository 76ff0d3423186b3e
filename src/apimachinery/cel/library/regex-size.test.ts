import { isTooLarge, stepsOf } from './regex-size.js';

test.each([
  ['^[a-z]+$', 4],
  ['[]a]{3}', 3],
  ['[^]\\]a]', 1],
  ['[[:alpha:]]b', 2],
  ['[a', 1],
  ['a{3}', 3],
  ['(ab){10}', 40],
  ['(a{10}){10}', 120],
  ['a{2,5}', 5],
  ['a{2,}', 3],
  ['a{,2}', 5],
  ['\\(a{3}', 4],
  ['(a', 1],
])('%s has about %d steps', (pattern, steps) => expect(stepsOf(pattern)).toBe(steps));

test('patterns of definitions as they are published are small, those that explode are not', () => {
  expect(isTooLarge('^([A-Za-z0-9]{1,63})(\\.[a-z0-9]{1,63}){0,8}$')).toBe(false);
  expect(isTooLarge('^(([0-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5])\\.){3}([0-9]|[1-9][0-9])$')).toBe(false);
  expect(isTooLarge('((a{100}){100}){100}')).toBe(true);
  expect(isTooLarge('a'.repeat(20_000))).toBe(true);
});
