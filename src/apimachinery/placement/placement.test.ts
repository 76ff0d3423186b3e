// Node affinity and tolerations.
import fc from 'fast-check';
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

test('of very many terms those that may match are found by labels, as if all were looked at', () => {
  const value = fc.constantFrom('1', '2', '3', '4', '5', '6', '7', '8', '9', '10', 'x');
  const key = fc.constantFrom('a', 'b', 'c', 'toString');
  const requirement = fc.record({
    key,
    operator: fc.constantFrom('In' as const, 'In' as const, 'NotIn' as const, 'Exists' as const, 'DoesNotExist' as const, 'Gt' as const),
    values: fc.array(value, { minLength: 1, maxLength: 12 }),
  });
  const field = fc.record({
    key: fc.constant('metadata.name'),
    operator: fc.constant('In' as const),
    values: fc.array(fc.constantFrom('n0', 'n1'), { minLength: 1 }),
  });
  const term = fc.record({ matchExpressions: fc.array(requirement, { maxLength: 3 }), matchFields: fc.array(field, { maxLength: 1 }) });
  const labels = fc.dictionary(fc.constantFrom('a', 'b', 'c'), value);
  fc.assert(
    fc.property(fc.array(term, { maxLength: 20 }), labels, (terms, given) => {
      const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } } };
      const one = terms.some((each) => compileTerm(each)('n0', given));
      expect(compileRequired(spec({ containers: [], affinity }))!('n0', given)).toBe(one);
    }),
  );
});
