import type { Draft, ObjectMeta } from '../object.js';
import { validateLabels, validateObjectMeta, validateObjectMetaUpdate } from './object-meta.js';

const rules = { namespaced: true, nameRule: 'subdomain' } as const;
const good: Draft<ObjectMeta> = { name: 'a', namespace: 'default' };

function broken(meta: Draft<ObjectMeta>): string[] {
  return validateObjectMeta({ ...good, ...meta }, rules).map(({ field, message }) => `${field}: ${message.slice(0, 60)}`);
}

test('good metadata breaks no rule', () => {
  const reference = { apiVersion: 'v1', kind: 'Pod', name: 'x', uid: 'u', controller: true };
  expect(
    broken({
      generateName: 'my-',
      labels: { 'a/b': '' },
      annotations: { 'A/b': 'x' },
      finalizers: ['x/y', 'orphan'],
      ownerReferences: [reference],
    }),
  ).toEqual([]);
  expect(validateObjectMeta({ name: 'a' }, { namespaced: false, nameRule: 'path' })).toEqual([]);
});

test('all rules at once come in the order of the reference', () => {
  const meta = {
    name: 'A',
    generateName: 'A',
    generation: -1,
    labels: { '-a': 'b' },
    annotations: { '-a': 'b' },
    ownerReferences: [{}],
    finalizers: ['-'],
  };
  expect(broken(meta).map((one) => one.split(':')[0])).toEqual([
    'metadata.generateName',
    'metadata.name',
    'metadata.generation',
    'metadata.labels',
    'metadata.annotations',
    'metadata.ownerReferences.apiVersion',
    'metadata.ownerReferences.kind',
    'metadata.ownerReferences.name',
    'metadata.ownerReferences.uid',
    'metadata.finalizers',
    'metadata.finalizers[0]',
  ]);
});

test('a name is required', () => {
  expect(validateObjectMeta({}, { namespaced: false, nameRule: 'subdomain' })).toEqual([
    { field: 'metadata.name', reason: 'FieldValueRequired', message: 'Required value: name or generateName is required' },
  ]);
});

test('annotations have 256 KiB in all', () => {
  expect(broken({ annotations: { a: 'x'.repeat(262143) } })).toEqual([]);
  expect(broken({ annotations: { a: 'x'.repeat(262144) } })).toEqual(['metadata.annotations: Too long: may not be more than 262144 bytes']);
});

test('owners', () => {
  const owner = (name: string, more = {}) => ({ apiVersion: 'v1', kind: 'Pod', name, uid: name, ...more });
  expect(broken({ ownerReferences: [owner('x', { kind: 'Event' })] })).toHaveLength(1);
  const three = [owner('x', { controller: true }), owner('y', { controller: true, apiVersion: 'a/b/c' }), owner('z', { controller: true })];
  const messages = validateObjectMeta({ ...good, ownerReferences: three }, rules).map(({ message }) => message);
  expect(messages).toHaveLength(3);
  expect(messages[0]).toBe('Invalid value: "a/b/c": version must not be empty');
  expect(messages[2]).toMatch(/Found "true" in references for Pod\/x and Pod\/z$/);
});

test('finalizers without a prefix must be standard ones, for most kinds', () => {
  expect(broken({ finalizers: ['x', 'orphan', 'foregroundDeletion'] })).toEqual([
    'metadata.finalizers: Invalid value: ["x","orphan","foregroundDeletion"]: finalize',
    'metadata.finalizers[0]: Invalid value: "x": name is neither a standard finalizer nam',
  ]);
  expect(validateObjectMeta({ ...good, finalizers: ['x'] }, { ...rules, standardFinalizers: false })).toEqual([]);
});

describe('changes', () => {
  const old: Draft<ObjectMeta> = { ...good, uid: 'u', creationTimestamp: '2020-01-01T00:00:00Z', finalizers: ['x/y'] };
  const deleting: Draft<ObjectMeta> = { ...old, deletionTimestamp: '2020-01-02T00:00:00Z', deletionGracePeriodSeconds: 0 };
  const changed = (from: Draft<ObjectMeta>, change: Draft<ObjectMeta>) =>
    validateObjectMetaUpdate({ ...from, ...change }, from).map(({ field, message }) => `${field}: ${message}`);

  test('labels, annotations and finalizers may change', () => {
    expect(changed(old, { labels: { a: 'b' }, annotations: { a: 'b' }, finalizers: ['a/b', 'x/y'] })).toEqual([]);
  });
  test('identity and deletion may not', () => {
    expect(changed(old, { uid: 'v' })).toEqual(['metadata.uid: Invalid value: "v": field is immutable']);
    expect(changed(old, { deletionTimestamp: '2020-01-01T00:00:00Z', deletionGracePeriodSeconds: 4 })).toEqual([
      'metadata.deletionTimestamp: Invalid value: "2020-01-01T00:00:00Z": field is immutable',
      'metadata.deletionGracePeriodSeconds: Invalid value: 4: field is immutable',
    ]);
    expect(changed(deleting, { deletionGracePeriodSeconds: 5 })).toEqual([
      'metadata.deletionGracePeriodSeconds: Invalid value: 5: field is immutable',
    ]);
  });
  test('an object on its way out gets no new finalizers, but may lose them', () => {
    expect(changed(deleting, { finalizers: ['x/y', 'c/d', 'a/b'] })).toEqual([
      'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"a/b", "c/d"}',
    ]);
    expect(changed(deleting, { finalizers: [] })).toEqual([]);
  });
  test('the rules of creation hold as well', () => {
    expect(changed(old, { labels: { '-a': '' } })).toHaveLength(1);
  });
});

test('labels elsewhere are told by their own path', () => {
  expect(validateLabels({ a: '-' }, 'spec.template.metadata.labels')[0]?.field).toBe('spec.template.metadata.labels');
  expect(validateLabels(undefined, 'x')).toEqual([]);
});
