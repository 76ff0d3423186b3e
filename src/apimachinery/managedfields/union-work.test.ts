import { inSteps } from '../../../test/support/in-steps.js';
import { finish } from '../../clock/slices.js';
import { union, type FieldSet } from './field-set.js';
import { unionWork } from './union-work.js';

/** A set of so many fields below `data`, from the number `from` on. */
function setOf(from: number, count: number): FieldSet {
  const names = Array.from({ length: count }, (_, index) => `f:k${String(from + index).padStart(6, '0')}`);
  return {
    'f:data': { '.': {}, ...Object.fromEntries(names.map((name, index) => [name, index % 7 === 0 ? { '.': {}, 'f:a': {} } : {}])) },
  };
}

test.each([
  [0, 3, 1, 5],
  [0, 3000, 0, 3000],
  [0, 3000, 1500, 3000],
  [3000, 3000, 0, 2000],
  [0, 3000, 500, 10],
  [500, 10, 0, 3000],
  [0, 0, 0, 3000],
])('from %i on %i and from %i on %i', (a, aCount, b, bCount) => {
  const [one, other] = [setOf(a, aCount), setOf(b, bCount)];
  const both = finish(unionWork(one, other));
  expect(JSON.stringify(both)).toBe(JSON.stringify(union(one, other)));
  expect(both === one).toBe(union(one, other) === one);
});

test('others have their turn', () => {
  expect(inSteps(unionWork(setOf(0, 20_000), setOf(10_000, 20_000))).steps).toBeGreaterThan(100);
});
