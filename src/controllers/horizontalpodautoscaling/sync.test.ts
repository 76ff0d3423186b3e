// One look at an autoscaler, with its target and its metrics made up.
import type { HorizontalPodAutoscaler, MetricSpec } from '../../../openapi/types/autoscaling.v2.js';
import type { Pod } from '../../../openapi/types/core.v1.js';
import { conflict, notFound } from '../../apimachinery/errors/api-error.js';
import { PODS } from '../../client/resources.js';
import { manualClock } from '../../clock/manual-clock.js';
import { newHistory } from './behavior.js';
import type { MetricsClient, PodMetrics } from './metrics-client.js';
import { createOverlaps } from './overlap.js';
import type { ScaleTarget } from './scale-target.js';
import { createAutoscaler } from './sync.js';

const namespace = 'shop';
const clock = manualClock();

const pod = (app: string, index: number): Pod =>
  ({
    metadata: { name: `${app}-${index}`, namespace, labels: { app } },
    spec: { containers: [{ name: 'main', resources: { requests: { cpu: '100m' } } }] },
    status: { phase: 'Running', startTime: '2025-01-01T00:00:00Z', conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '2025-01-01T00:00:00Z' }] },
  }) as unknown as Pod; // prettier-ignore

const cpu: MetricSpec = { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } };
const queue: MetricSpec = { type: 'External', external: { metric: { name: 'queue' }, target: { type: 'Value', value: '5' } } };

/** A world with one target, whose pods use so much, in thousandths; undefined: nobody knows. */
function world(replicas: number, usage: number | undefined) {
  const state = { replicas, usage, failure: undefined as Error | undefined, events: [] as string[], writes: 0, overlaps: createOverlaps() };
  const metrics: MetricsClient = {
    resource: async (): Promise<PodMetrics> => {
      if (state.usage === undefined) throw new Error('no metrics returned from resource metrics API');
      const one = { value: state.usage, timestamp: clock.now(), window: 15_000 };
      return new Map(Array.from({ length: state.replicas }, (_, index) => [`web-${index}`, one]));
    },
    pods: () => Promise.reject(new Error('not asked')),
    object: () => Promise.reject(new Error('not asked')),
    external: () => Promise.reject(new Error('nobody answers')),
  };
  const sync = createAutoscaler({
    clock,
    metrics,
    overlaps: state.overlaps,
    events: {
      event: (_object, _type, reason, message) => void state.events.push(`${reason}: ${message}`),
      flush: async () => undefined,
      stop: async () => undefined,
    },
    targets: {
      get: async (_namespace, { name }) => {
        if (name !== 'web') throw notFound({ group: 'apps', resource: 'deployments' }, name);
        const scale = { spec: { replicas: state.replicas }, status: { replicas: state.replicas, selector: 'app=web' } };
        return { type: PODS, scale } as unknown as ScaleTarget;
      },
      set: async (_target, wanted) => {
        if (state.failure !== undefined) throw state.failure;
        state.replicas = wanted;
      },
      resourceOf: async () => undefined,
    },
    podsOf: (_namespace, matches) =>
      Array.from({ length: state.replicas }, (_, index) => pod('web', index)).filter(({ metadata }) => matches(metadata.labels)),
    writeStatus: async (written) => {
      state.writes++;
      autoscaler = written;
    },
  });
  let autoscaler = {
    metadata: { name: 'web', namespace, uid: 'u' },
    spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, minReplicas: 2, maxReplicas: 10, metrics: [cpu] },
  } as unknown as HorizontalPodAutoscaler;
  const history = newHistory();
  return {
    state,
    look: async (spec: Partial<HorizontalPodAutoscaler['spec']> = {}): Promise<string[]> => {
      state.events = [];
      autoscaler = { ...autoscaler, spec: { ...autoscaler.spec, ...spec } };
      await sync(autoscaler, history);
      return (autoscaler.status.conditions ?? []).map(({ type, status, reason }) => `${type}=${status} ${reason}`);
    },
    status: () => autoscaler.status,
  };
}

test('a second look at the same writes nothing', async () => {
  const { state, look, status } = world(4, 50);
  expect(await look()).toEqual(['AbleToScale=True ReadyForNewScale', 'ScalingActive=True ValidMetricFound', 'ScalingLimited=False DesiredWithinRange']); // prettier-ignore
  expect(status()).toMatchObject({ currentReplicas: 4, desiredReplicas: 4, currentMetrics: [{ resource: { current: { averageUtilization: 50, averageValue: '50m' } } }] }); // prettier-ignore
  await look();
  expect([state.writes, state.events]).toEqual([1, []]);
});

test('more than may be, and fewer than must be, are set right without asking for metrics', async () => {
  const { state, look } = world(12, undefined);
  expect(await look()).toEqual(['AbleToScale=True SucceededRescale']);
  expect([state.replicas, state.events]).toEqual([
    10,
    ['SuccessfulRescale: New size: 10; reason: Current number of replicas above Spec.MaxReplicas'],
  ]);
  state.replicas = 1;
  await look();
  expect([state.replicas, state.events]).toEqual([
    2,
    ['SuccessfulRescale: New size: 2; reason: Current number of replicas below Spec.MinReplicas'],
  ]);
});

test('a target of zero is left alone', async () => {
  const { state, look, status } = world(0, 50);
  expect(await look()).toEqual(['AbleToScale=True SucceededGetScale', 'ScalingActive=False ScalingDisabled']);
  expect([state.replicas, state.events, status()]).toEqual([0, [], expect.objectContaining({ desiredReplicas: 0, currentMetrics: null })]);
});

test('with one of two metrics it goes up, but not down', async () => {
  const { state, look, status } = world(4, 100);
  expect(await look({ metrics: [cpu, queue] })).toContain('ScalingActive=True ValidMetricFound');
  expect(state.replicas).toBe(8);
  expect(state.events).toEqual([
    'FailedGetExternalMetric: unable to get external metric shop/queue/nil: nobody answers',
    'SuccessfulRescale: New size: 8; reason: cpu resource utilization (percentage of request) above target',
  ]);
  expect(status().currentMetrics?.[1]).toEqual({ type: '' });
  state.usage = 10;
  expect(await look()).toContain('ScalingActive=False FailedGetExternalMetric');
  expect(state.replicas).toBe(8);
  expect(state.events[1]).toBe(
    'FailedComputeMetricsReplicas: invalid metrics (1 invalid out of 2), first error is: failed to get queue external metric value: failed to get external metric queue: unable to get external metric shop/queue/nil: nobody answers',
  );
});

test('says that the target could not be written, and tries again at the next look', async () => {
  const { state, look, status } = world(4, 100);
  state.failure = conflict({ group: 'apps', resource: 'deployments' }, 'web', 'changed');
  expect((await look())[0]).toBe('AbleToScale=False FailedUpdateScale');
  expect(state.events[0]).toMatch(
    /^FailedRescale: New size: 8; reason: cpu .* above target; error: Operation cannot be fulfilled on deployments.apps "web"/,
  );
  expect(status().desiredReplicas).toBe(0);
  state.failure = undefined;
  expect((await look())[0]).toBe('AbleToScale=True SucceededRescale');
  expect(state.replicas).toBe(8);
});

test('two autoscalers of the same pods do nothing, until one goes', async () => {
  const { state, look } = world(4, 100);
  state.overlaps.remember(namespace, 'other', 'app in (web, db)');
  state.overlaps.remember('elsewhere', 'third', 'app=web');
  expect(await look()).toContain('ScalingActive=False AmbiguousSelector');
  expect([state.replicas, state.events[0]]).toEqual([4, 'AmbiguousSelector: pods by selector app=web are controlled by multiple HPAs: [shop/other shop/web]']); // prettier-ignore
  state.overlaps.forget(namespace, 'other');
  await look();
  expect(state.replicas).toBe(8);
});

test('a target that is not there', async () => {
  const { state, look, status } = world(4, 100);
  const conditions = await look({ scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'gone' } });
  expect(conditions).toEqual(['AbleToScale=False FailedGetScale']);
  expect(state.events).toEqual(['FailedGetScale: deployments.apps "gone" not found']);
  expect(status().conditions?.[0]?.message).toBe(
    'the HPA controller was unable to get the target\'s current scale: deployments.apps "gone" not found',
  );
});
