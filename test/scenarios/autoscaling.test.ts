// A web server gets more visitors, and then fewer: an autoscaler follows, by what its pods use.
import { resources, type Cluster, type Client } from '../../src/index.js';
import { advanceUntil, startByHand, stopByHand } from '../support/manual-time.js';

const { DEPLOYMENTS, EVENTS, HORIZONTAL_POD_AUTOSCALERS, PODS, SERVICE_ACCOUNTS } = resources;
const namespace = 'default';
const minute = 60_000;

let cluster: Cluster;
let clock: Awaited<ReturnType<typeof startByHand>>['clock'];
let client: Client;

beforeAll(async () => {
  ({ cluster, clock } = await startByHand({ nodes: 3, freeze: true }));
  ({ client } = cluster);
  await advanceUntil(clock, minute, async () => {
    const { items } = await client.list(SERVICE_ACCOUNTS, { namespace });
    return items.length > 0 ? true : undefined;
  });
});

afterAll(() => stopByHand(cluster, clock));

async function createWeb(name: string, replicas: number): Promise<void> {
  const labels = { app: name };
  const container = { name: 'main', image: 'nginx', resources: { requests: { cpu: '100m', memory: '100Mi' } } };
  await client.create(DEPLOYMENTS, {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [container] } } },
  });
}

async function autoscale(name: string, spec: object): Promise<void> {
  const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name };
  const draft = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { name, namespace } };
  await client.create(HORIZONTAL_POD_AUTOSCALERS, { ...draft, spec: { scaleTargetRef, minReplicas: 1, maxReplicas: 10, ...spec } });
}

const cpu = [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } }];
const replicasOf = async (name: string): Promise<number | undefined> => (await client.get(DEPLOYMENTS, { namespace, name })).spec?.replicas;
const statusOf = async (name: string) => (await client.get(HORIZONTAL_POD_AUTOSCALERS, { namespace, name })).status;
const conditionsOf = async (name: string): Promise<string[]> =>
  ((await statusOf(name)).conditions ?? []).map(({ type, status, reason }) => `${type}=${status} ${reason}`);
const eventsOf = async (name: string): Promise<string[]> =>
  (await client.list(EVENTS, { namespace })).items
    .filter(({ involvedObject }) => involvedObject.kind === 'HorizontalPodAutoscaler' && involvedObject.name === name)
    .map(({ reason, message }) => `${reason}: ${message}`);
const until = (name: string, replicas: number, most: number) =>
  advanceUntil(clock, most, async () => ((await replicasOf(name)) === replicas ? true : undefined));

it('more load, more pods, in steps of twice as many; less load, fewer once it has been so for five minutes', async () => {
  await createWeb('web', 2);
  await autoscale('web', { metrics: cpu });
  cluster.usage.set({ labels: { app: 'web' } }, { cpu: '200m' });
  await until('web', 4, 2 * minute);
  await until('web', 8, minute);
  await until('web', 10, minute);
  expect(await conditionsOf('web')).toEqual([
    'AbleToScale=True SucceededRescale',
    'ScalingActive=True ValidMetricFound',
    'ScalingLimited=True TooManyReplicas',
  ]);
  await clock.advance(2 * minute);
  expect(await statusOf('web')).toMatchObject({
    currentReplicas: 10,
    desiredReplicas: 10,
    currentMetrics: [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 200, averageValue: '200m' } } }],
  });

  cluster.usage.set({ labels: { app: 'web' } }, { cpu: '10m' });
  await clock.advance(4 * minute);
  expect(await replicasOf('web')).toBe(10);
  expect(await conditionsOf('web')).toContain('AbleToScale=True ScaleDownStabilized');
  const { took } = await until('web', 2, 3 * minute);
  expect(took).toBeLessThanOrEqual(2 * minute);
  expect((await eventsOf('web')).filter((event) => event.startsWith('SuccessfulRescale'))).toEqual([
    'SuccessfulRescale: New size: 4; reason: cpu resource utilization (percentage of request) above target',
    'SuccessfulRescale: New size: 8; reason: cpu resource utilization (percentage of request) above target',
    'SuccessfulRescale: New size: 10; reason: cpu resource utilization (percentage of request) above target',
    'SuccessfulRescale: New size: 2; reason: All metrics below target',
  ]);
});

it('rules of its own make it slow or quick', async () => {
  await createWeb('slow', 4);
  const behavior = {
    scaleUp: { policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }] },
    scaleDown: { stabilizationWindowSeconds: 0, policies: [{ type: 'Pods', value: 2, periodSeconds: 30 }] },
  };
  cluster.usage.set({ labels: { app: 'slow' } }, { cpu: '10m' });
  await autoscale('slow', { metrics: cpu, behavior });
  const first = await until('slow', 2, 2 * minute);
  expect(first.took).toBeLessThanOrEqual(45_000);
  expect(await conditionsOf('slow')).toContain('ScalingLimited=True ScaleDownLimit');
  await until('slow', 1, minute);
  // What went within the last minute may come back at once: wait until that is over.
  await clock.advance(2 * minute);
  cluster.usage.set({ labels: { app: 'slow' } }, { cpu: '400m' });
  await until('slow', 2, minute);
  await clock.advance(30_000);
  expect(await replicasOf('slow')).toBe(2);
  expect(await conditionsOf('slow')).toContain('ScalingLimited=True ScaleUpLimit');
  await until('slow', 3, minute);
});

it('says what it lacks', async () => {
  await createWeb('lacking', 1);
  const pods = { metric: { name: 'requests-per-second' }, target: { type: 'AverageValue', averageValue: '5' } };
  await autoscale('lacking', { metrics: [{ type: 'Pods', pods }] });
  await autoscale('nobody', { metrics: cpu });
  await clock.advance(40_000);
  const text =
    'unable to get metric requests-per-second: unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered';
  expect(await eventsOf('lacking')).toContain(`FailedGetPodsMetric: ${text}`);
  expect((await statusOf('lacking')).conditions?.[1]).toMatchObject({
    type: 'ScalingActive',
    status: 'False',
    reason: 'FailedGetPodsMetric',
    message: `the HPA was unable to compute the replica count: ${text}`,
  });
  expect(await eventsOf('nobody')).toContain('FailedGetScale: deployments.apps "nobody" not found');
  expect(await conditionsOf('nobody')).toEqual(['AbleToScale=False FailedGetScale']);
  expect((await client.list(PODS, { namespace, labelSelector: 'app=lacking' })).items).toHaveLength(1);
});
