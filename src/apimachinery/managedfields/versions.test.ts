import type { ManagedFieldsEntry } from '../object.js';
import { applyPatch } from './apply.js';
import { nodeOf } from './golden/golden.js';
import { updateManagedFields, withManagedFields } from './update.js';
import type { OtherVersion } from './versions.js';

// A kind in two versions: what is `one` in v1 is `two` in v2.
const node = nodeOf('io.k8s.api.core.v1.ConfigMap');
type Data = Readonly<Record<string, string>>;

function object(version: string, data: Data): Record<string, unknown> {
  return { apiVersion: version, kind: 'ConfigMap', metadata: { name: 'x' }, data };
}

function renamed(value: unknown, from: string, to: string): unknown {
  const { data, ...rest } = value as { data?: Data };
  if (data === undefined) return value;
  const entries = Object.entries(data).map(([name, one]) => [name === from ? to : name, one] as const);
  return { ...rest, data: Object.fromEntries(entries) };
}

const v1: OtherVersion = { node, convert: (value) => renamed(value, 'two', 'one'), convertBack: (value) => renamed(value, 'one', 'two') };
const otherVersions = (apiVersion: string): OtherVersion | undefined => (apiVersion === 'v1' ? v1 : undefined);
const entry = (manager: string, apiVersion: string, fields: Readonly<Record<string, unknown>>): ManagedFieldsEntry => ({
  manager,
  operation: 'Apply',
  apiVersion,
  time: '2026-01-01T00:00:00Z',
  fieldsType: 'FieldsV1',
  fieldsV1: { 'f:data': fields },
});
const writer = { manager: 'b', apiVersion: 'v2', subresource: '', time: '2026-01-02T00:00:00Z', node, otherVersions };
const entriesOf = (value: unknown): readonly ManagedFieldsEntry[] =>
  (value as { metadata: { managedFields: readonly ManagedFieldsEntry[] } }).metadata.managedFields;

it('takes from a manager what changed in the version that it wrote in', () => {
  const old = withManagedFields(object('v2', { two: '1', c: '1' }), [entry('a', 'v1', { 'f:one': {}, 'f:c': {} })]);
  const entries = updateManagedFields({ ...writer, old, new: object('v2', { two: '2', c: '1' }) });
  expect(entries).toEqual([
    entry('a', 'v1', { 'f:c': {} }),
    expect.objectContaining({ manager: 'b', apiVersion: 'v2', fieldsV1: { 'f:data': { 'f:two': {} } } }),
  ]);
});

it('finds conflicts there', () => {
  const live = withManagedFields(object('v2', { two: '1' }), [entry('a', 'v1', { 'f:one': {} })]);
  const config = object('v2', { two: '2' });
  expect(() => applyPatch({ ...writer, live, config, force: false })).toThrow('Apply failed with 1 conflict: conflict with "a": .data.one');
});

it('leaves what is applied no longer to those who own it in another version', () => {
  const live = withManagedFields(object('v2', { two: '1', c: '1' }), [
    entry('a', 'v1', { 'f:one': {} }),
    entry('b', 'v2', { 'f:two': {}, 'f:c': {} }),
  ]);
  const result = applyPatch({ ...writer, live, config: object('v2', { d: '1' }), force: false });
  expect((result as { data: Data }).data).toEqual({ two: '1', d: '1' });
  expect(entriesOf(result).map(({ manager }) => manager)).toEqual(['a', 'b']);
});

it('drops managers of versions that there are no more', () => {
  const old = withManagedFields(object('v2', { c: '1' }), [entry('a', 'v0', { 'f:c': {} })]);
  expect(updateManagedFields({ ...writer, old, new: object('v2', { c: '1', d: '1' }) })!.map(({ manager }) => manager)).toEqual(['b']);
});
