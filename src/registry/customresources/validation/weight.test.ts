// Schemas with very many alternatives: their checks let others have their turn.
import { validation } from './long.js';
import { compileValidator } from './validator.js';
import { ValidationWalk } from './walk.js';
import { weightOf } from './weight.js';

const alternatives = (count: number): unknown[] =>
  Array.from({ length: count }, (_, index) => ({ properties: { a: { enum: [`v${index}`] } } }));
const schema = {
  type: 'object',
  properties: { l: { type: 'array', items: { type: 'object', properties: { a: { type: 'string' } }, oneOf: alternatives(1000) } } },
};

test('a schema weighs as much as the costliest of its places', () => {
  expect(weightOf({ type: 'object', properties: { a: { type: 'string' }, b: { type: 'integer' } } })).toBe(1);
  expect(weightOf({ anyOf: [{}, { oneOf: [{}, {}] }], not: {} })).toBe(6);
  expect(weightOf({ enum: Array.from({ length: 320 }, (_, index) => index) })).toBe(11);
  expect(weightOf(schema)).toBe(1001);
});

test('a short object is looked at part by part where each part has a thousand alternatives, with the same result', () => {
  const check = compileValidator(schema);
  const value = { l: [...Array.from({ length: 100 }, (_, index) => ({ a: `v${index}` })), { a: 'none' }] };
  const walk = new ValidationWalk();
  let yields = 0;
  const work = validation(check, value, walk);
  while (work.next().done !== true) yields++;
  expect(yields).toBeGreaterThan(100);
  const atOnce = new ValidationWalk();
  check(value, atOnce);
  expect(walk.errors).toEqual(atOnce.errors);
  expect(walk.errors.map(({ message }) => message)).toContain(
    'Invalid value: "": "l[100]" must validate one and only one schema (oneOf). Found none valid',
  );
});
