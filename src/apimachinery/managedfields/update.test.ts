import { applyPatch } from './apply.js';
import { compareObjects } from './compare.js';
import { nodeOf } from './golden/golden.js';
import { setOf } from './set-of.js';
import { structureOf } from './structure.js';
import { isSameButForTimesWork, statusFields, updateManagedFields, withManagedFields } from './update.js';
import type { ManagedFieldsEntry } from '../object.js';
import type { SchemaNode } from '../schema/node.js';
import { finish } from '../../clock/slices.js';

const node = nodeOf('io.k8s.api.core.v1.ConfigMap');
const isSame = (before: unknown, after: unknown): boolean => finish(isSameButForTimesWork(before, after));
const writer = { manager: 'one', apiVersion: 'v1', subresource: '', time: '2026-01-01T00:00:00Z', node };
const object = (data: Record<string, string>): Record<string, unknown> => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'x' },
  data,
});
const created = (data: Record<string, string>): Record<string, unknown> =>
  withManagedFields(object(data), updateManagedFields({ ...writer, old: undefined, new: object(data) }));
const entriesOf = (of: unknown): readonly ManagedFieldsEntry[] =>
  (of as { metadata: { managedFields: readonly ManagedFieldsEntry[] } }).metadata.managedFields;

it('returns the very array when nothing changed', () => {
  const old = created({ a: '1' });
  const again = { ...object({ a: '1' }) };
  expect(updateManagedFields({ ...writer, time: '2027-01-01T00:00:00Z', old, new: again })).toBe(entriesOf(old));
  expect(updateManagedFields({ ...writer, old, new: structuredClone(old) })).toBe(entriesOf(old));
});

it('keeps the entries of managers that it does not touch', () => {
  const old = created({ a: '1' });
  const next = updateManagedFields({ ...writer, manager: 'two', old, new: object({ a: '1', b: '2' }) })!;
  expect(next[0]).toBe(entriesOf(old)[0]);
  expect(next[1]!.manager).toBe('two');
});

it('puts applies first, then the older, then by name', () => {
  const second = (n: number): string => `2026-01-01T00:00:0${n}Z`;
  const write = (old: unknown, manager: string, n: number, data: Record<string, string>): unknown =>
    withManagedFields(object(data), updateManagedFields({ ...writer, manager, time: second(n), old, new: object(data) }));
  let live = write(created({ a: '1' }), 'z', 1, { a: '1', b: '2' });
  live = write(live, 'y', 2, { a: '1', b: '2', c: '3' });
  live = write(live, 'x', 2, { a: '1', b: '2', c: '3', d: '4' });
  live = applyPatch({ ...writer, manager: 'w', time: second(3), live, config: object({ e: '5' }), force: false });
  expect(entriesOf(live).map(({ manager }) => manager)).toEqual(['w', 'one', 'z', 'x', 'y']);
});

it('notices keys with the names of object methods come and go', () => {
  const old = created({ constructor: '1', toString: '2' });
  expect(JSON.stringify(entriesOf(old)[0]!.fieldsV1)).toBe('{"f:data":{".":{},"f:constructor":{},"f:toString":{}}}');
  expect(updateManagedFields({ ...writer, old, new: object({ toString: '2' }) })![0]!.fieldsV1).toEqual({
    'f:data': { '.': {}, 'f:toString': {} },
  });
  const proto = JSON.parse('{"__proto__":"1"}') as Record<string, string>;
  expect(updateManagedFields({ ...writer, old, new: object(proto) })![0]!.fieldsV1).toEqual({ 'f:data': { '.': {}, 'f:__proto__': {} } });
});

it('drops managers of versions that are not served', () => {
  const old = withManagedFields(object({ a: '1' }), [{ ...entriesOf(created({ a: '1' }))[0], apiVersion: 'v7' }]);
  expect(
    updateManagedFields({ ...writer, old, new: object({ a: '1', b: '2' }), otherVersions: () => undefined })!.map(
      ({ apiVersion }) => apiVersion,
    ),
  ).toEqual(['v1']);
});

it('gives nobody what the endpoint resets', () => {
  const withStatus = { ...object({ a: '1' }), status: { phase: 'x' } };
  const namespace = nodeOf('io.k8s.api.core.v1.Namespace');
  const entries = updateManagedFields({
    ...writer,
    node: namespace,
    old: undefined,
    new: { ...withStatus, spec: { finalizers: ['kubernetes'] } },
    resetFields: statusFields,
  });
  expect(entries![0]!.fieldsV1).toEqual({ 'f:spec': { 'f:finalizers': {} } });
});

it('tells a write that changes nothing but times', () => {
  const old = created({ a: '1' });
  const later = withManagedFields(
    structuredClone(old),
    entriesOf(old).map((entry) => ({ ...entry, time: '2030-01-01T00:00:00Z' })),
  );
  expect(isSame(old, later)).toBe(true);
  expect(isSame(old, withManagedFields(old, []))).toBe(false);
  expect(isSame(old, { ...later, data: { a: '2' } })).toBe(false);
});

it('returns the live object itself for an apply that changes nothing', () => {
  const config = object({ a: '1' });
  const live = applyPatch({ ...writer, live: undefined, config, force: false });
  expect(applyPatch({ ...writer, time: '2027-01-01T00:00:00Z', live, config: structuredClone(config), force: false })).toBe(live);
});

it('shares with the live object what an apply does not change', () => {
  const live: Record<string, unknown> = { ...created({ a: '1' }), binaryData: { x: 'eA==' } };
  const result = applyPatch({
    ...writer,
    live,
    config: { ...object({}), metadata: { name: 'x', labels: { a: 'b' } } },
    force: false,
  }) as typeof live;
  expect(result['data']).toBe(live['data']);
  expect(result['binaryData']).toBe(live['binaryData']);
});

const leaf = (type: SchemaNode['type']): SchemaNode => ({
  type,
  name: '',
  fields: new Map(),
  items: undefined,
  additional: undefined,
  format: undefined,
  enum: undefined,
});

it('owns values without a schema by field, lists in them as a whole', () => {
  const free: SchemaNode = { ...leaf('map'), additional: leaf('any') };
  const value = { a: { b: 1, l: [{ x: 1 }], e: {} }, s: 1 };
  expect(setOf(free, value)).toEqual({ 'f:a': { '.': {}, 'f:b': {}, 'f:e': {}, 'f:l': {} }, 'f:s': {} });
  expect(compareObjects(structureOf(free), value, { ...value, a: { b: 2, l: [{ x: 1 }], e: {} } }).changed).toEqual({
    'f:a': { 'f:b': {} },
  });
});
