import type { Pod } from '../../../openapi/types/core.v1.js';
import { byAverage, byRatio, byShare, byUtilization, type Situation } from './calculator.js';
import { durationOf } from './duration.js';
import type { PodMetrics } from './metrics-client.js';

const now = Date.parse('2026-01-01T01:00:00Z');
const window = 15_000;

interface Shape {
  readonly phase?: string;
  readonly ready?: string;
  /** Seconds since its start, and since it became ready or ceased to be. */
  readonly started?: number;
  readonly changed?: number;
  readonly deleted?: boolean;
  readonly request?: string | null;
}

const ago = (seconds: number): string => new Date(now - seconds * 1000).toISOString();

function pod(
  name: string,
  { phase = 'Running', ready = 'True', started = 3000, changed = 2990, deleted, request = '100m' }: Shape = {},
): Pod {
  const resources = request === null ? {} : { requests: { cpu: request, memory: '100Mi' } };
  const metadata = { name, namespace: 'a', ...(deleted ? { deletionTimestamp: ago(1) } : {}) };
  const conditions = [{ type: 'Ready', status: ready, lastTransitionTime: ago(changed) }];
  return {
    metadata,
    spec: { containers: [{ name: 'main', resources }] },
    status: { phase, startTime: ago(started), conditions },
  } as unknown as Pod;
}

const situation = (replicas: number, pods: readonly Pod[], tolerance = 0.1): Situation => ({
  replicas,
  pods,
  tolerances: { up: tolerance, down: tolerance },
  now,
});
const metrics = (values: Record<string, number>): PodMetrics =>
  new Map(Object.entries(values).map(([name, value]) => [name, { value, timestamp: now, window }]));
const names = (count: number, shape: Shape = {}): Pod[] => Array.from({ length: count }, (_, index) => pod(`p${index}`, shape));
const all = (count: number, value: number): PodMetrics =>
  metrics(Object.fromEntries(names(count).map(({ metadata }) => [metadata.name, value])));
const cpu = (of: Situation, values: PodMetrics, target = 50) => byUtilization(of, values, 'cpu', '', target);

test('usage over target times the ready pods, rounded up', () => {
  expect(cpu(situation(3, names(3)), all(3, 90))).toEqual({ replicas: 6, utilization: 90, value: 90 });
  expect(cpu(situation(3, names(3)), all(3, 60))).toEqual({ replicas: 4, utilization: 60, value: 60 });
  expect(cpu(situation(4, names(4)), all(4, 10)).replicas).toBe(1);
});

test('within the tolerance nothing changes, at its edges included', () => {
  for (const value of [45, 50, 55]) expect(cpu(situation(3, names(3)), all(3, value)).replicas).toBe(3);
  expect(cpu(situation(3, names(3)), all(3, 56)).replicas).toBe(4);
  expect(cpu(situation(3, names(3), 0), all(3, 51)).replicas).toBe(4);
});

test('pods without metrics make the step smaller, and never turn it round', () => {
  // Two of three use too much: the third is taken to use nothing.
  expect(cpu(situation(3, names(3)), metrics({ p0: 100, p1: 100 })).replicas).toBe(4);
  expect(cpu(situation(3, names(3)), metrics({ p0: 60, p1: 60 })).replicas).toBe(3);
  // Two of three use too little: the third is taken to use all that it asks for.
  expect(cpu(situation(3, names(3)), metrics({ p0: 10, p1: 10 })).replicas).toBe(3);
  expect(cpu(situation(10, names(10)), metrics(Object.fromEntries([...all(9, 1)].map(([name]) => [name, 1])))).replicas).toBe(2);
});

test('pods that start do not count for CPU, but hold back more', () => {
  const starting = { started: 20, changed: 5 };
  const mixed = [...names(2), pod('new', starting)];
  expect(cpu(situation(3, mixed), metrics({ p0: 100, p1: 100, new: 1000 })).replicas).toBe(4);
  expect(byUtilization(situation(3, mixed), metrics({ p0: 100, p1: 100, new: 100 }), 'cpu', '', 50).utilization).toBe(100);
  // Once all that was measured is of the time since it is ready, it counts.
  const settled = [...names(2), pod('new', { started: 60, changed: 16 })];
  expect(cpu(situation(3, settled), metrics({ p0: 100, p1: 100, new: 100 })).replicas).toBe(6);
  // One that was ready for a long time and ceased to be counts; one that never was does not.
  const ceased = [...names(2), pod('new', { ready: 'False', started: 3000, changed: 100 })];
  expect(cpu(situation(3, ceased), metrics({ p0: 100, p1: 100, new: 100 })).replicas).toBe(6);
  const never = [...names(2), pod('new', { ready: 'False', started: 3000, changed: 2999 })];
  expect(cpu(situation(3, never), metrics({ p0: 100, p1: 100, new: 100 })).replicas).toBe(4);
});

test('pods that are going or have failed are left out', () => {
  const mixed = [...names(2), pod('gone', { deleted: true }), pod('failed', { phase: 'Failed' })];
  expect(cpu(situation(2, mixed), metrics({ p0: 50, p1: 50, gone: 1000, failed: 1000 })).replicas).toBe(2);
});

test('says why nothing can be told', () => {
  expect(() => cpu(situation(1, []), metrics({}))).toThrow('no pods returned by selector while calculating replica count');
  expect(() => cpu(situation(1, names(1)), metrics({}))).toThrow('did not receive metrics for targeted pods (pods might be unready)');
  expect(() => cpu(situation(1, names(1, { request: null })), all(1, 5))).toThrow('missing request for cpu in container main of Pod p0');
  expect(() => cpu(situation(1, names(1)), metrics({ other: 5 }))).toThrow('no metrics returned matched known pods');
});

test('a target per pod needs no requests', () => {
  expect(byAverage(situation(2, names(2, { request: null })), all(2, 8000), '', 5000)).toEqual({ replicas: 4, value: 8000 });
  expect(byAverage(situation(3, names(3)), metrics({ p0: 8000, p1: 8000 }), '', 5000).replicas).toBe(3);
  expect(byAverage(situation(3, names(3)), metrics({ p0: 9000, p1: 9000 }), '', 5000).replicas).toBe(4);
  expect(byAverage(situation(3, names(3)), metrics({ p0: 1000, p1: 1000 }), '', 5000).replicas).toBe(2);
});

test('one value for all: by its ratio to the target, or shared among the replicas', () => {
  expect(byRatio(situation(2, names(2)), 17_000, 5000)).toEqual({ replicas: 7, value: 17_000 });
  expect(byRatio(situation(2, [pod('a'), pod('b', { ready: 'False' })]), 17_000, 5000).replicas).toBe(4);
  expect(byRatio(situation(0, []), 17_000, 5000).replicas).toBe(4);
  expect(byShare(situation(4, names(4)), 4, 15_500, 5000)).toEqual({ replicas: 4, value: 3875 });
  expect(byShare(situation(2, names(2)), 2, 15_500, 5000)).toEqual({ replicas: 4, value: 7750 });
});

test('lengths of time as metrics have them', () => {
  expect(['15s', '1m30s', '0.5s', '1h', 'x', ''].map(durationOf)).toEqual([15_000, 90_000, 500, 3_600_000, 0, 0]);
});
