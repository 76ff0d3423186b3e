// Lists of indexes, with the words of the reference for those that cannot be read.
import { expect, test } from '@jest/globals';
import { firstCommonIndex, parseIndexes } from './indexes.js';

test.each([
  ['', 0],
  ['0', 1],
  ['0-2', 3],
  ['0,2', 2],
  ['01,+2', 2],
])('%j names %i indexes', (text, total) => {
  expect(parseIndexes(text, 3)).toMatchObject({ total });
  expect(parseIndexes(text, 3).problem).toBeUndefined();
});

test.each([
  ['0-3', 'too large index: "3"'],
  ['1,0-9', 'too large index: "9"'],
  ['x', 'cannot convert string to integer for index: "x"'],
  ['0,,1', 'cannot convert string to integer for index: ""'],
  ['99999999999999999999', 'cannot convert string to integer for index: "99999999999999999999"'],
  ['2,1', 'non-increasing order, previous: 2, current: 1'],
  ['0-0', 'non-increasing order, previous: 0, current: 0'],
  ['1,1-2', 'non-increasing order, previous: 1, current: 1'],
  ['0-1-2', `the fragment "0-1-2" violates the requirement that an index interval can have at most two parts separated by '-'`],
])('%j cannot be read', (text, problem) => {
  expect(parseIndexes(text, 3)).toMatchObject({ total: 0, problem });
});

test('the first index of two lists is found in their intervals', () => {
  const of = (text: string): ReturnType<typeof parseIndexes> => parseIndexes(text, 100);
  expect(firstCommonIndex(of('0-2,8'), of('3-7,8-9'))).toBe(8);
  expect(firstCommonIndex(of('5-9'), of('0-1,7'))).toBe(7);
  expect(firstCommonIndex(of('0-2'), of('3'))).toBeUndefined();
  // What comes before a mistake counts.
  expect(firstCommonIndex(of('0,x'), of('0'))).toBe(0);
});
