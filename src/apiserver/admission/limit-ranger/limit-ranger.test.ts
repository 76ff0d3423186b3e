// Defaults and rules on objects alone; what a client sees is compared with a real server in test/parity.
import type { LimitRange, LimitRangeItem, PersistentVolumeClaim, Pod } from '../../../../openapi/types/core.v1.js';
import type { Mutable } from '../../../apimachinery/object.js';
import { applyLimitRange } from './defaults.js';
import { claimProblems, podProblems } from './rules.js';

const range = (...limits: LimitRangeItem[]): LimitRange => ({ metadata: { name: 'r' }, spec: { limits } }) as unknown as LimitRange;
const pod = (requests: object, limits: object): Pod => ({ metadata: {}, spec: { containers: [{ name: 'a', resources: { requests, limits } }] } }) as unknown as Pod; // prettier-ignore

test('what containers name themselves stays; a pod that gets nothing has no annotation', () => {
  const draft: Mutable = {
    metadata: {},
    spec: { containers: [{ name: 'a', resources: { requests: { cpu: '1' }, limits: { cpu: '2' } } }] },
  };
  applyLimitRange(range({ type: 'Container', default: { cpu: '5' }, defaultRequest: { cpu: '3' } }), draft);
  expect(draft).toEqual({
    metadata: {},
    spec: { containers: [{ name: 'a', resources: { requests: { cpu: '1' }, limits: { cpu: '2' } } }] },
  });
  applyLimitRange(range({ type: 'Pod', max: { cpu: '1' } }), draft);
  expect(draft['metadata']).toEqual({});
  applyLimitRange(range({ type: 'Container', defaultRequest: { memory: '1024Ki' } }), draft);
  expect(draft['spec']).toMatchObject({ containers: [{ resources: { requests: { cpu: '1', memory: '1Mi' } } }] });
});

test('a ratio is exact at its edge, however large the amounts', () => {
  const rule = range({ type: 'Container', maxLimitRequestRatio: { memory: '3' } });
  expect(podProblems(rule, pod({ memory: '1Pi' }, { memory: '3Pi' }))).toEqual([]);
  expect(podProblems(rule, pod({ memory: '1125899906842624' }, { memory: '3377699720527873' }))).toHaveLength(1);
  expect(podProblems(range({ type: 'Container', maxLimitRequestRatio: { cpu: '1.5' } }), pod({ cpu: '2m' }, { cpu: '3m' }))).toEqual([]);
});

test('pods are added up with their init containers, claims have requests only', () => {
  const rule = range({ type: 'Pod', max: { cpu: '1' } });
  const spec = { initContainers: [{ name: 'i', resources: { limits: { cpu: '1100m' } } }], containers: [{ name: 'a', resources: { limits: { cpu: '500m' } } }] }; // prettier-ignore
  expect(podProblems(rule, { metadata: {}, spec } as unknown as Pod)).toEqual(['maximum cpu usage per Pod is 1, but limit is 1100m']);
  const claim = { metadata: {}, spec: { resources: { requests: { storage: '3Gi' } } } } as unknown as PersistentVolumeClaim;
  expect(claimProblems(range({ type: 'PersistentVolumeClaim', min: { storage: '1Gi' }, max: { storage: '3Gi' } }), claim)).toEqual([]);
  expect(claimProblems(range({ type: 'PersistentVolumeClaim', min: { storage: '4Gi' } }), claim)).toHaveLength(1);
});
