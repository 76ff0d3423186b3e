// Long sets are taken from each other in slices, with the same result.
import { withoutBelow, type FieldSet } from './field-set.js';
import { withoutBelowWork } from './subtract-work.js';

const set = (count: number, one: (index: number) => FieldSet | undefined): FieldSet => {
  const fields: Record<string, FieldSet> = {};
  for (let index = 0; index < count; index++) {
    const below = one(index);
    if (below !== undefined) fields[`f:k${index}`] = below;
  }
  return fields;
};
const member: FieldSet = {};
const whole: FieldSet = { 'f:spec': { '.': member, ...set(3000, (index) => (index % 4 === 0 ? { '.': member, 'f:a': member } : member)) } };

const cases: readonly (readonly [string, FieldSet, boolean])[] = [
  ['all of it', { 'f:spec': set(3000, () => member) }, true],
  ['half of it', { 'f:spec': set(3000, (index) => (index % 2 === 0 ? member : undefined)) }, true],
  ['what is below some', { 'f:spec': set(3000, (index) => (index % 4 === 0 ? { 'f:a': member } : undefined)) }, true],
  ['itself', whole, false],
  ['what is not there', { 'f:spec': set(3000, (index) => ({ [`f:other${index}`]: member })) }, true],
  ['nothing', {}, false],
];

test.each(cases)('without %s', (_, other, long) => {
  const work = withoutBelowWork(whole, other);
  let yields = 0;
  let step = work.next();
  for (; step.done !== true; step = work.next()) yields++;
  expect(step.value).toEqual(withoutBelow(whole, other));
  expect(yields > 5).toBe(long);
});

test('what nothing is taken from stays the very same', () => {
  const work = withoutBelowWork(whole, { 'f:spec': set(3000, (index) => ({ [`f:other${index}`]: member })) });
  let step = work.next();
  while (step.done !== true) step = work.next();
  expect(step.value).toBe(whole);
});
