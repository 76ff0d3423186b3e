// Long sets and values of apply: what is done in slices is what is done at once.
import { inSteps } from '../../../test/support/in-steps.js';
import { finish, Steps } from '../../clock/slices.js';
import { recordedCodec } from '../protobuf/testing/codec.js';
import { conflictError, findConflicts } from './conflicts.js';
import { intersection, type FieldSet } from './field-set.js';
import { intersectionWork } from './intersection-work.js';
import { indexItems, indexItemsWork } from './list-items.js';
import { managerOf, readSentManagers } from './managers.js';
import { prune } from './merge.js';
import { pruneWork } from './prune-work.js';
import { setOf } from './set-of.js';
import { structureOf } from './structure.js';

const { schemas } = recordedCodec();
const configMap = schemas.schemaFor('io.k8s.api.core.v1.ConfigMap');
const pod = schemas.schemaFor('io.k8s.api.core.v1.Pod');
const data = (from: number, count: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${from + index}`, 'v']));
const env = (from: number, count: number): { name: string }[] =>
  Array.from({ length: count }, (_, index) => ({ name: `E${from + index}` }));
const withEnv = (list: object[]): object => ({ spec: { containers: [{ name: 'c', env: list }] } });

test.each([
  ['a map', configMap, { data: data(0, 20_000) }, { data: data(10_000, 5000) }],
  ['all of a map but one', configMap, { data: data(0, 20_000) }, { data: data(0, 1) }],
  ['nothing', configMap, { data: data(0, 20_000) }, { data: data(0, 20_000) }],
  ['a list', pod, withEnv(env(0, 20_000)), withEnv(env(7, 9000))],
])('prunes %s', (_, node, value, kept) => {
  const [structure, last, managed] = [structureOf(node), setOf(node, value), setOf(node, kept)];
  const found = inSteps(pruneWork(structure, value, last, managed));
  const expected = prune(structure, value, last, managed);
  expect(JSON.stringify(found.value)).toBe(JSON.stringify(expected));
  expect(found.value === value).toBe(expected === value);
  expect(found.steps).toBeGreaterThan(50);
});

test('what is in both of two sets', () => {
  const [a, b] = [setOf(configMap, { data: data(0, 20_000) }), setOf(configMap, { data: data(5000, 20_000) })];
  const found = inSteps(intersectionWork(a, b, new Steps(256)));
  expect(JSON.stringify(found.value)).toBe(JSON.stringify(intersection(a, b)));
  expect(found.steps).toBeGreaterThan(50);
});

test('names the fields of a conflict, member before what is below', () => {
  const fields: FieldSet = { 'f:spec': { '.': {}, 'f:a': { 'f:b': {} }, 'f:c': {} }, ...setOf(configMap, { data: data(0, 20_000) }) };
  const other = managerOf({ name: 'm', operation: 'Apply', apiVersion: 'v1', subresource: '' }, '', fields);
  const found = inSteps(findConflicts([other], () => ({ changed: fields, removed: {} })));
  const told = inSteps(conflictError(found.value));
  const causes = told.value.status.details?.causes ?? [];
  expect(causes.slice(0, 3).map(({ field }) => field)).toEqual(['.spec', '.spec.c', '.spec.a.b']);
  expect(causes).toHaveLength(20_003);
  expect(told.steps).toBeGreaterThan(100);
});

test('finds the items of a long list', () => {
  const list = [...env(0, 20_000), ...env(5, 3)];
  const at = structureOf(pod).below('spec')!.below('containers')!.items.below('env')!;
  const found = inSteps(indexItemsWork(at, list, new Steps(256)));
  expect(found.value).toEqual(indexItems(at, list));
  expect(found.value.duplicates.size).toBe(3);
  expect(found.steps).toBeGreaterThan(50);
});

test('reads thousands of managers that a client sends back, each compared with its own alone', () => {
  let compared = 0;
  const stored = Array.from({ length: 4000 }, (_, index) => ({
    manager: `m${index}`,
    operation: 'Apply' as const,
    // Whoever compares two entries asks for this.
    get apiVersion() {
      compared++;
      return 'v1';
    },
    fieldsType: 'FieldsV1' as const,
    fieldsV1: { 'f:data': { [`f:k${index}`]: {} } },
  }));
  const sent = stored
    .slice(1)
    .map(({ manager, operation, apiVersion, fieldsType, fieldsV1 }) => ({ manager, operation, apiVersion, fieldsType, fieldsV1 }));
  const found = inSteps(readSentManagers(sent, stored));
  const managers = found.value as readonly { entry: unknown }[];
  expect(managers).toHaveLength(3999);
  expect(managers[0]!.entry).toBe(stored[1]);
  expect(compared).toBeLessThan(50_000);
  expect(found.steps).toBeGreaterThan(50);
  expect(finish(readSentManagers([], stored))).toBe('reset');
});
