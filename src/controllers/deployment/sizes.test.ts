import type { ReplicaSet } from '../../../openapi/types/apps.v1.js';
import { deployment, replicaSet } from '../testing/objects.js';
import { templateHash } from './hash.js';
import { sizesForRollingUpdate } from './rolling.js';
import { isScaling, sizesForScale, type SizedSet } from './scale.js';
import { resolveShare } from '../shared/shares.js';
import { newSetReplicas, rollingLimits } from './strategy.js';

const rolling = (replicas: number, maxSurge: number | string, maxUnavailable: number | string) =>
  deployment('web', replicas, { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } } });
const sized = (name: string, replicas: number, available: number, max = 0, desired = 0): ReplicaSet =>
  replicaSet(name, replicas, {
    metadata: {
      annotations: { 'deployment.kubernetes.io/max-replicas': String(max), 'deployment.kubernetes.io/desired-replicas': String(desired) },
    },
    status: { availableReplicas: available },
  });
const told = (sizes: readonly SizedSet[]): Record<string, number> =>
  Object.fromEntries(sizes.map(({ set, replicas }) => [set.metadata.name, replicas]));

test.each([
  [4, '25%', '25%', 1, 1],
  [10, '25%', '25%', 3, 2],
  [1, '25%', '25%', 1, 0],
  [3, 0, 0, 0, 1],
  [3, '0%', '10%', 0, 1],
  [2, 1, 5, 1, 2],
  [0, '25%', '25%', 0, 0],
])('%d replicas with surge %s and unavailable %s', (replicas, surge, unavailable, maxSurge, maxUnavailable) => {
  expect(rollingLimits(rolling(replicas, surge, unavailable))).toEqual({ maxSurge, maxUnavailable });
});

test('a share is a number or a percentage', () => {
  expect([
    resolveShare('33%', 10, Math.ceil),
    resolveShare(7, 10, Math.ceil),
    resolveShare('x', 10, Math.ceil),
    resolveShare(undefined, 10, Math.ceil),
  ]).toEqual([4, 7, 0, 0]);
});

test('the new set fills the room that surge leaves', () => {
  const wanted = rolling(10, 3, 2);
  expect(newSetReplicas(wanted, [sized('old', 10, 10), sized('new', 0, 0)], sized('new', 0, 0))).toBe(3);
  expect(newSetReplicas(wanted, [sized('old', 8, 8), sized('new', 3, 0)], sized('new', 3, 0))).toBe(5);
  expect(newSetReplicas(wanted, [sized('old', 10, 10), sized('new', 3, 0)], sized('new', 3, 0))).toBe(3);
});

test('proportional scaling as the real controller did it', () => {
  expect(told(sizesForScale(rolling(15, 3, 2), [sized('old', 8, 8, 13, 10)], sized('new', 5, 0, 13, 10)))).toEqual({ old: 11, new: 7 });
  expect(told(sizesForScale(rolling(7, 3, 2), [sized('old', 11, 11, 18, 15)], sized('new', 7, 0, 18, 15)))).toEqual({ old: 6, new: 4 });
  expect(told(sizesForScale(rolling(0, 3, 2), [sized('old', 11, 11, 18, 15)], sized('new', 7, 0, 18, 15)))).toEqual({ old: 0, new: 0 });
});

test('what is the only one takes all', () => {
  expect(told(sizesForScale(rolling(6, 1, 1), [sized('old', 0, 0)], sized('new', 4, 4)))).toEqual({ new: 6 });
  expect(told(sizesForScale(rolling(6, 1, 1), [sized('old', 0, 0)], undefined))).toEqual({ old: 6 });
  expect(told(sizesForScale(rolling(4, 1, 1), [sized('old', 2, 2)], sized('new', 4, 4, 5, 4)))).toEqual({ old: 0 });
  expect(isScaling(rolling(6, 1, 1), [sized('new', 4, 4, 5, 4)])).toBe(true);
  expect(isScaling(rolling(4, 1, 1), [sized('new', 4, 4, 5, 4), sized('old', 0, 0, 9, 9)])).toBe(false);
});

test('old replicas go as availability allows, unhealthy ones first', () => {
  expect(told(sizesForRollingUpdate(rolling(10, 3, 2), [sized('old', 10, 10)], sized('new', 3, 0)))).toEqual({ old: 8 });
  expect(told(sizesForRollingUpdate(rolling(10, 3, 2), [sized('old', 8, 8)], sized('new', 5, 0)))).toEqual({});
  expect(told(sizesForRollingUpdate(rolling(10, 3, 2), [sized('old', 8, 4)], sized('new', 5, 4)))).toEqual({ old: 4 });
  expect(told(sizesForRollingUpdate(rolling(2, 1, 0), [sized('old', 2, 2)], sized('new', 1, 1)))).toEqual({ old: 1 });
});

test('the hash is stable, whatever the order of fields, and changes with collisions', () => {
  const a = { metadata: { labels: { a: '1', b: '2' } }, spec: { containers: [] } } as never;
  const b = { spec: { containers: [] }, metadata: { labels: { b: '2', a: '1', c: undefined } } } as never;
  expect(templateHash(a, undefined)).toBe(templateHash(b, 0));
  expect(templateHash(a, undefined)).toBe('65c788f9cb');
  expect(templateHash(a, 1)).not.toBe(templateHash(a, undefined));
});
