// What is compared in slices is compared as at once.
import * as fc from 'fast-check';
import { finish, type Work } from '../../clock/slices.js';
import type { SchemaNode } from '../schema/node.js';
import { compareObjects } from './compare.js';
import { compareObjectsWork } from './compare-work.js';
import { deepEqual } from '../equality.js';
import { deepEqualWork } from '../equality-work.js';
import { typeErrors } from './check-types.js';
import { typeErrorsWork } from './check-types-work.js';
import type { FieldSet } from './field-set.js';
import { KeylessItem } from './list-items.js';
import { setOf } from './set-of.js';
import { setOfWork } from './set-of-work.js';
import { mergeConfig } from './merge.js';
import { mergeConfigWork } from './merge-work.js';
import { sorted } from '../sort-work.js';
import { structureOf } from './structure.js';

const leaf = (type: string): SchemaNode =>
  ({ type, name: '', fields: new Map(), items: undefined, additional: undefined }) as unknown as SchemaNode;
const text = leaf('string');
const node = {
  ...leaf('object'),
  fields: new Map(
    Object.entries({
      data: { node: { ...leaf('map'), additional: text } },
      any: { node: leaf('any') },
      set: { node: { ...leaf('array'), items: text }, listType: 'set' },
      list: {
        node: {
          ...leaf('array'),
          items: { ...leaf('object'), fields: new Map(['k', 'v'].map((name) => [name, { name, node: text, whenEmpty: 'kept' }])) },
        },
        listType: 'map',
        listMapKeys: ['k'],
      },
      atomic: { node: { ...leaf('array'), items: text } },
    }).map(([name, field]) => [name, { name, whenEmpty: 'kept', ...field }]),
  ),
} as unknown as SchemaNode;
const structure = structureOf(node);

const few = fc.constantFrom('a', 'b', '');
const long = { minLength: 0, maxLength: 40 };
/** Now and then repeated until it is long. */
const texts = fc.tuple(fc.array(fc.constantFrom<string[]>('a', 'b', 'c', 'z', '10', '9', '__proto__', 'é'), long), fc.constantFrom(1, 60));
const spread = <T>([list, times]: readonly [readonly T[], number], make: (one: T, round: number) => T): T[] =>
  Array.from({ length: times }, (_, round) => list.map((one) => make(one, round))).flat();
const names = texts.map((given) => spread(given, (one, round) => (round === 0 ? one : `${one}${round}`)));
const fieldsOf = (given: readonly string[], value: string): Record<string, unknown> =>
  Object.fromEntries(given.map((name) => [name, value]));
const object = fc.record(
  {
    data: fc.tuple(names, few).map(([given, value]) => fieldsOf(given, value)),
    any: fc.oneof(
      fc.tuple(names, few).map(([given, value]) => ({ deep: fieldsOf(given, value), [value]: given })),
      names,
      few,
    ),
    set: names,
    list: fc.tuple(names, few).map(([given, v]) => given.map((k) => ({ k, v }))),
    atomic: names,
  },
  { requiredKeys: [] },
);

test('long and short objects, new and changed', () => {
  fc.assert(
    fc.property(fc.option(object, { nil: undefined }), object, (before, after) => {
      const found = finish(compareObjectsWork(structure, before, after));
      const expected = compareObjects(structure, before, after);
      expect(found).toEqual(expected);
      // The order of what is stored counts as well.
      expect(JSON.stringify(found.changed)).toBe(JSON.stringify(expected.changed));
    }),
    { numRuns: 150 },
  );
});

test('what long and short configurations name, and where they do not fit', () => {
  const configuration = fc.oneof(
    object,
    fc
      .tuple(object, names)
      .map(([fields, given]) => ({ ...fields, data: given, odd: given, list: [...given, { k: 'a' }, { k: 'a' }, { v: 'a' }] })),
  );
  fc.assert(
    fc.property(configuration, (config) => {
      expect(finish(typeErrorsWork(node, config))).toEqual(typeErrors(node, config));
      const outcome = (name: () => FieldSet): string => {
        try {
          return JSON.stringify(name());
        } catch (error) {
          if (error instanceof KeylessItem) return 'keyless';
          throw error;
        }
      };
      expect(outcome(() => finish(setOfWork(node, config)))).toBe(outcome(() => setOf(node, config)));
    }),
    { numRuns: 150 },
  );
});

test('what long configurations are merged into', () => {
  fc.assert(
    fc.property(object, object, (live, config) => {
      expect(JSON.stringify(finish(mergeConfigWork(structure, live, config)))).toBe(JSON.stringify(mergeConfig(structure, live, config)));
    }),
    { numRuns: 150 },
  );
  const data = Object.fromEntries(Array.from({ length: 3000 }, (_, index) => [`k${index}`, 'v']));
  const live = { data };
  expect(finish(mergeConfigWork(structure, live, { data: { ...data } }))).toBe(live);
});

test('long values are equal as they are at once', () => {
  fc.assert(
    fc.property(object, object, fc.boolean(), (a, b, same) => {
      const other = same ? (JSON.parse(JSON.stringify(a)) as unknown) : b;
      expect(finish(deepEqualWork(a, other))).toBe(deepEqual(a, other));
    }),
    { numRuns: 150 },
  );
});

test('lists are sorted as Array.sort does', () => {
  const list = Array.from({ length: 5000 }, (_, index) => ({ key: (index * 7919) % 1000, index }));
  const compare = (a: { key: number }, b: { key: number }): number => a.key - b.key;
  expect(finish(sorted(list, compare))).toEqual([...list].sort(compare));
  const words = list.map(({ key }) => `w${key}`);
  expect(finish(sorted(words))).toEqual([...words].sort());
});

test('gives way in the midst of a long object', () => {
  const data = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`k${index}`, 'v']));
  const set = Array.from({ length: 20_000 }, (_, index) => `k${index}`);
  for (const after of [{ data }, { set }, { any: { deep: data } }]) {
    const others = [setOfWork(node, after), deepEqualWork(after, structuredClone(after))] as Work<unknown>[];
    if (!('any' in after)) others.push(typeErrorsWork(node, after));
    if (!('set' in after)) others.push(mergeConfigWork(structure, { data: {}, any: { deep: {} } }, after));
    for (const work of others) {
      let steps = 0;
      while (work.next().done !== true) steps++;
      expect(steps).toBeGreaterThan(15);
    }
    let steps = 0;
    for (const work = compareObjectsWork(structure, undefined, after); work.next().done !== true;) steps++;
    expect(steps).toBeGreaterThan(100);
  }
});
