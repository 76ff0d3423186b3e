import fc from 'fast-check';
import { finish, Steps } from '../../clock/slices.js';
import {
  difference,
  equalSets,
  fieldSetOf,
  has,
  intersection,
  isEmptySet,
  parseFieldSet,
  pathsWork,
  union,
  withoutBelow,
  emptySet,
  type FieldSet,
} from './field-set.js';
import { compareElements, pathText } from './path-element.js';

const pathsOf = (set: FieldSet): readonly (readonly string[])[] => finish(pathsWork(set, new Steps(1)));

const path = fc.array(fc.constantFrom('f:a', 'f:b', 'f:c', 'k:{"n":1}', 'v:"x"'), { minLength: 1, maxLength: 4 });
const paths = fc.array(path, { maxLength: 8 });

/** A set by adding one path after another. */
function setOfPaths(list: readonly (readonly string[])[]): FieldSet {
  return list.reduce<FieldSet>(
    (set, one) =>
      union(
        set,
        one.reduceRight<FieldSet>((below, element) => ({ [element]: below }), emptySet),
      ),
    emptySet,
  );
}
const keys = (set: FieldSet): ReadonlySet<string> => new Set(pathsOf(set).map((one) => one.join('/')));
const keysOf = (list: readonly (readonly string[])[]): ReadonlySet<string> => new Set(list.map((one) => one.join('/')));
const sorted = (set: Iterable<string>): readonly string[] => [...set].sort();

it('holds exactly the paths that were added', () => {
  fc.assert(
    fc.property(paths, (list) => {
      const set = setOfPaths(list);
      expect(sorted(keys(set))).toEqual(sorted(keysOf(list)));
      expect(list.every((one) => has(set, one))).toBe(true);
      expect(equalSets(parseFieldSet(JSON.parse(JSON.stringify(set)))!, set)).toBe(true);
    }),
  );
});

it('is a set: union, difference, intersection', () => {
  fc.assert(
    fc.property(paths, paths, (one, other) => {
      const [a, b] = [setOfPaths(one), setOfPaths(other)];
      const before = JSON.stringify([a, b]);
      expect(sorted(keys(union(a, b)))).toEqual(sorted(new Set([...keys(a), ...keys(b)])));
      expect(sorted(keys(difference(a, b)))).toEqual(sorted(keys(a)).filter((key) => !keys(b).has(key)));
      expect(sorted(keys(intersection(a, b) ?? emptySet))).toEqual(sorted(keys(a)).filter((key) => keys(b).has(key)));
      const below = sorted(keys(a)).filter((key) => ![...keys(b)].some((gone) => key === gone || key.startsWith(`${gone}/`)));
      expect(sorted(keys(withoutBelow(a, b)))).toEqual(below);
      expect(JSON.stringify([a, b])).toBe(before);
      expect(isEmptySet(difference(a, a))).toBe(true);
    }),
    { numRuns: 500 },
  );
});

it('shares what does not change', () => {
  const set = setOfPaths([['f:a', 'f:b'], ['f:c']]);
  expect(union(set, fieldSetOf(['c']))).toBe(set);
  expect(difference(set, fieldSetOf(['x'], ['a']))).toBe(set);
  expect(withoutBelow(set, fieldSetOf(['c']))['f:a']).toBe(set['f:a']);
});

it.each([
  null,
  1,
  'x',
  [],
  { a: {} },
  { 'f:a': null },
  { 'f:a': { b: {} } },
  { 'k:x': {} },
  { 'k:[1]': {} },
  { 'v:{': {} },
  { 'i:x': {} },
  { __proto__x: {} },
])('refuses %j', (value) => {
  expect(parseFieldSet(value)).toBeUndefined();
});

it('refuses what is too deep for the stack', () => {
  let deep: object = {};
  for (let i = 0; i < 20_000; i++) deep = { 'f:a': deep };
  expect(parseFieldSet(deep)).toBeUndefined();
});

it('puts elements in the order of fieldsV1', () => {
  const elements = [
    'k:{"port":443}',
    'k:{"port":9}',
    'k:{"port":80,"protocol":"UDP"}',
    'k:{"port":80,"protocol":"TCP"}',
    'f:b',
    'f:a',
    '.',
    'k:{"name":"ab"}',
    'k:{"name":"a"}',
    'k:{"name":"a b"}',
  ];
  expect(elements.sort(compareElements)).toEqual([
    '.',
    'f:a',
    'f:b',
    'k:{"name":"a"}',
    'k:{"name":"a b"}',
    'k:{"name":"ab"}',
    'k:{"port":9}',
    'k:{"port":80,"protocol":"TCP"}',
    'k:{"port":80,"protocol":"UDP"}',
    'k:{"port":443}',
  ]);
});

it('writes paths as messages have them', () => {
  expect(pathText(['f:spec', 'k:{"name":"c","port":80}', 'v:"x/y"', 'i:3'])).toBe('.spec[name="c",port=80][="x/y"][3]');
});
