// Node affinity and tolerations.
import type { PodSpec, Taint, Toleration } from '../../../openapi/types/core.v1.js';
import { compileRequired, compileTerm, namedNodes } from './node-affinity.js';
import { tolerates, toleratedByAny } from './tolerations.js';

const spec = (value: unknown): PodSpec => value as PodSpec;

test.each([
  [{ key: 'a', operator: 'In', values: ['1', '2'] }, true],
  [{ key: 'a', operator: 'In', values: ['2'] }, false],
  [{ key: 'a', operator: 'NotIn', values: ['2'] }, true],
  [{ key: 'b', operator: 'NotIn', values: ['2'] }, true],
  [{ key: 'a', operator: 'Exists' }, true],
  [{ key: 'b', operator: 'Exists' }, false],
  [{ key: 'b', operator: 'DoesNotExist' }, true],
  [{ key: 'n', operator: 'Gt', values: ['4'] }, true],
  [{ key: 'n', operator: 'Gt', values: ['5'] }, false],
  [{ key: 'n', operator: 'Lt', values: ['10'] }, true],
  [{ key: 'a-word', operator: 'Lt', values: ['10'] }, false],
  [{ key: 'toString', operator: 'Exists' }, false],
] as const)('the node requirement %j is %s', (requirement, expected) => {
  const matches = compileTerm({ matchExpressions: [requirement] });
  expect(matches('n0', { a: '1', n: '5', 'a-word': 'x' })).toBe(expected);
});

test('an empty term matches nothing, and of several terms one is enough', () => {
  expect(compileTerm({})('n0', {})).toBe(false);
  const terms = [
    { matchExpressions: [{ key: 'x', operator: 'Exists' }] },
    { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n0'] }] },
  ];
  const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } } };
  const required = compileRequired(spec({ containers: [], affinity }))!;
  expect([required('n0', {}), required('n1', {}), required('n1', { x: '' })]).toEqual([true, false, true]);
  expect(namedNodes(spec({ containers: [], affinity }))).toBeUndefined();
  expect(compileRequired(spec({ containers: [] }))).toBeUndefined();
});

test.each<[Toleration, Taint, boolean]>([
  [{ operator: 'Exists' }, { key: 'k', effect: 'NoSchedule' }, true],
  [{ key: 'k' }, { key: 'k', effect: 'NoSchedule' }, true],
  [{ key: 'k', value: 'v' }, { key: 'k', effect: 'NoSchedule' }, false],
  [{ key: 'k', value: 'v' }, { key: 'k', value: 'v', effect: 'NoExecute' }, true],
  [{ key: 'k', operator: 'Exists', effect: 'NoExecute' }, { key: 'k', effect: 'NoSchedule' }, false],
  [{ key: 'other', operator: 'Exists' }, { key: 'k', effect: 'NoSchedule' }, false],
])('toleration %j of taint %j: %s', (toleration, taint, expected) => {
  expect(tolerates(toleration, taint)).toBe(expected);
});

test('one toleration of several is enough', () => {
  const taint = { key: 'k', effect: 'NoSchedule' } as const;
  expect(toleratedByAny([{ key: 'other' }, { key: 'k' }], taint)).toBe(true);
  expect(toleratedByAny([{ key: 'other' }], taint)).toBe(false);
  expect(toleratedByAny([], taint)).toBe(false);
});
