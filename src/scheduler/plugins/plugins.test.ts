import type { PodSpec, Taint, Toleration } from '../../../openapi/types/core.v1.js';
import { createResourceReader } from '../cycle/resources.js';
import { compileRequired, compileTerm, namedNodes } from './node-affinity-terms.js';
import { normalize, reverseNormalize } from './normalize.js';
import { tolerates } from './tolerations.js';

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

test('requests: containers together, the largest init container, sidecars with both, overhead, and those of the whole pod', () => {
  const reader = createResourceReader();
  const container = (cpu: string, more: object = {}) => ({ name: 'c', resources: { requests: { cpu } }, ...more });
  const cpu = (value: unknown) => reader.requests(spec(value)).cpu;
  expect(cpu({ containers: [container('100m'), container('1')] })).toBe(1100);
  expect(cpu({ containers: [container('1')], initContainers: [container('2')] })).toBe(2000);
  expect(cpu({ containers: [container('1')], initContainers: [container('500m', { restartPolicy: 'Always' }), container('2')] })).toBe(
    2500,
  );
  expect(cpu({ containers: [container('1')], overhead: { cpu: '250m' } })).toBe(1250);
  expect(cpu({ containers: [container('1')], resources: { requests: { cpu: '3' } } })).toBe(3000);
  const requests = reader.requests(
    spec({ containers: [{ name: 'c' }, { name: 'd', resources: { requests: { 'example.com/foo': '2' } } }] }),
  );
  expect(requests).toMatchObject({ cpu: 0, memory: 0, scoredCpu: 200, scoredMemory: 400 * 1024 * 1024 });
  expect(requests.others).toEqual(new Map([['example.com/foo', 2]]));
});

test('scores come to 0 to 100', () => {
  const scores = [1, 2, 4];
  normalize(scores);
  expect(scores).toEqual([25, 50, 100]);
  reverseNormalize(scores);
  expect(scores).toEqual([75, 50, 0]);
  const zeros = [0, 0];
  reverseNormalize(zeros);
  expect(zeros).toEqual([100, 100]);
});
