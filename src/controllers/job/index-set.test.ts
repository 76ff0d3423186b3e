import { readIndexes } from './index-set.js';

const none = readIndexes('', 100);

test.each([
  ['', []],
  ['0', [0]],
  ['0,1', [0, 1]],
  ['0-2', [2, 0, 1]],
  ['0-2,4,5,7', [7, 5, 4, 0, 1, 2]],
])('%p is how %p is written', (text, indexes) => {
  expect(String(none.with(indexes))).toBe(text);
  expect(readIndexes(text, 100).size).toBe(indexes.length);
});

test('what two indexes and ranges name is joined, and cut at the completions', () => {
  expect(String(readIndexes('0,1,2-4,8', 100))).toBe('0-4,8');
  expect(String(readIndexes('0,1,2-4,8', 4))).toBe('0-3');
  expect(String(readIndexes('0-2,junk,9', 100))).toBe('0-2');
});

test('finds members and gaps without listing them', () => {
  const set = readIndexes('0-999999,1000001', 2_000_000);
  expect([set.has(999_999), set.has(1_000_000), set.has(1_000_001)]).toEqual([true, false, true]);
  expect([set.nextAbsent(0), set.nextAbsent(1_000_000), set.nextAbsent(1_000_001)]).toEqual([1_000_000, 1_000_000, 1_000_002]);
  expect(set.with([5])).toBe(set);
  expect(String(set.with([1_000_000]))).toBe('0-1000001');
});

test.each([
  ['0-4', '2-9', 3],
  ['0,2,4', '0-4', 3],
  ['0-2,8-9', '1,9-20', 2],
  ['', '0-9', 0],
])('%p and %p have %d in common', (one, other, count) => {
  expect(readIndexes(one, 100).sizeOfCommon(readIndexes(other, 100))).toBe(count);
});
