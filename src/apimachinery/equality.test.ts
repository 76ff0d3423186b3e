import { deepEqual } from './equality.js';

it.each([
  [{ a: 1, b: [1, { c: null }] }, { b: [1, { c: null }], a: 1 }, true],
  [{ a: undefined }, {}, true],
  [{}, { a: undefined }, true],
  [{ a: undefined, b: 1 }, { c: undefined, b: 1 }, true],
  [{ a: 1 }, { a: 1, b: 2 }, false],
  [{ a: 1, b: 2 }, { a: 1 }, false],
  [[1, 2], [2, 1], false],
  [[], {}, false],
  [{}, [], false],
  [null, {}, false],
  ['1', 1, false],
])('%j and %j: %s', (a, b, equal) => {
  expect(deepEqual(a, b)).toBe(equal);
});
