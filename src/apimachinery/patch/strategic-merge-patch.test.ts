import { inSteps } from '../../../test/support/in-steps.js';
import type { SchemaField, SchemaNode } from '../schema/node.js';
import { applyStrategicMergePatch, applyStrategicMergePatchWork } from './strategic-merge-patch.js';

const leaf = (type: SchemaNode['type']): SchemaNode => ({
  type,
  name: '',
  fields: new Map(),
  items: undefined,
  additional: undefined,
  format: undefined,
  enum: undefined,
});
const struct = (fields: readonly SchemaField[]): SchemaNode => ({
  ...leaf('object'),
  name: 'a.b.Thing',
  fields: new Map(fields.map((field) => [field.name, field])),
});
const field = (name: string, node: SchemaNode, more: Partial<SchemaField> = {}): SchemaField => ({
  name,
  node,
  required: false,
  default: undefined,
  listType: 'atomic',
  listMapKeys: [],
  mapType: 'granular',
  patchStrategy: '',
  patchMergeKey: '',
  ...more,
});
const item = struct([field('name', leaf('string')), field('value', leaf('string'))]);
const node = struct([
  field('items', { ...leaf('array'), items: item }, { patchStrategy: 'merge', patchMergeKey: 'name' }),
  field('labels', { ...leaf('map'), additional: leaf('string') }),
  field('whole', item, { patchStrategy: 'replace' }),
]);

const document = {
  items: [
    { name: 'a', value: '1' },
    { name: 'b', value: '2' },
  ],
  labels: { x: '1' },
  whole: { name: 'n', value: 'v' },
};

it('keeps what it does not touch and returns the document itself when nothing changes', () => {
  expect(applyStrategicMergePatch(node, document, { items: [{ name: 'b', value: '2' }], labels: { x: '1', y: null } })).toBe(document);
  const changed = applyStrategicMergePatch(node, document, { items: [{ name: 'b', value: '3' }] }) as typeof document;
  expect(changed.items).toEqual([
    { name: 'a', value: '1' },
    { name: 'b', value: '3' },
  ]);
  expect(changed.items[0]).toBe(document.items[0]);
  expect(changed.labels).toBe(document.labels);
  expect(document.items[1]).toEqual({ name: 'b', value: '2' });
});

it('replaces a struct of strategy replace', () => {
  expect(applyStrategicMergePatch(node, document, { whole: { name: 'm' } })).toEqual({ ...document, whole: { name: 'm' } });
});

it('takes names such as __proto__ and constructor for names', () => {
  const result = applyStrategicMergePatch(node, document, JSON.parse('{"labels":{"__proto__":"1","constructor":"2"}}')) as typeof document;
  expect(Object.keys(result.labels)).toEqual(['x', '__proto__', 'constructor']);
  expect(({} as Record<string, unknown>)['1']).toBeUndefined();
});

it('merges long lists as short ones', () => {
  const items = Array.from({ length: 2000 }, (_, i) => ({ name: `n${i}`, value: 'v' }));
  const result = applyStrategicMergePatch(
    node,
    { items },
    { items: items.map(({ name }) => ({ name, value: 'w' })).reverse() },
  ) as typeof document;
  expect(result.items).toHaveLength(2000);
  expect(result.items.every(({ value }) => value === 'w')).toBe(true);
});

/** A long list of items, from a number on. */
const manyItems = (from: number, count: number, value: string): { name: string; value: string }[] =>
  Array.from({ length: count }, (_, index) => ({ name: `n${from + index}`, value }));
const shuffled = <T>(list: readonly T[]): T[] => list.map((_, index) => list[(index * 7919) % list.length]!);
const asWhole = (patch: object): unknown => JSON.parse(JSON.stringify(applyStrategicMergePatch(node, document, patch)));

it.each([
  ['a list', { items: manyItems(0, 20_000, 'w') }],
  ['a map', { labels: Object.fromEntries(manyItems(0, 20_000, 'w').map(({ name, value }) => [name, value])) }],
  ['what was not there', { other: manyItems(0, 20_000, 'w') }],
])('gives way in the midst of %s', (_, patch) => {
  const { value, steps } = inSteps(applyStrategicMergePatchWork(node, document, patch));
  expect(steps).toBeGreaterThan(50);
  expect(JSON.stringify(value)).toBe(JSON.stringify(asWhole(patch)));
});

it('gives way while it puts a long list in order', () => {
  const items = manyItems(0, 5000, 'v');
  const order = shuffled(items).map(({ name }) => ({ name }));
  const { value, steps } = inSteps(applyStrategicMergePatchWork(node, { items }, { '$setElementOrder/items': order }));
  expect(steps).toBeGreaterThan(50);
  expect((value as { items: { name: string }[] }).items.map(({ name }) => name)).toEqual(order.map(({ name }) => name));
});
