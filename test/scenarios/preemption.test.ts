// A full cluster and an important pod: less important ones make room, disruption budgets are kept while there is another way, and those that
// were removed come back as soon as there is room for them.
import { resources, seededRandom, type Cluster, type ManualClock } from '../../src/index.js';
import { advanceUntil, startByHand, stopByHand } from '../support/manual-time.js';

const { DEPLOYMENTS, EVENTS, NODES, POD_DISRUPTION_BUDGETS, PODS, PRIORITY_CLASSES } = resources;
const namespace = 'default';
let cluster: Cluster;
let clock: ManualClock;

beforeEach(async () => {
  ({ cluster, clock } = await startByHand({ nodes: 2, random: seededRandom(1), freeze: true }));
  await clock.advance(1000);
  for (const [name, value] of [
    ['batch', 100],
    ['service', 10_000],
    ['critical', 1_000_000],
  ] as const)
    // prettier-ignore
    await cluster.client.create(PRIORITY_CLASSES, { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name }, value });
});
afterEach(() => stopByHand(cluster, clock));

const templateOf = (app: string, priorityClassName: string, cpu: string) => ({
  metadata: { labels: { app } },
  spec: {
    priorityClassName,
    terminationGracePeriodSeconds: 5,
    containers: [{ name: 'main', image: 'nginx', resources: { requests: { cpu } } }],
  },
});
const deploy = (app: string, priorityClassName: string, replicas: number, cpu: string) =>
  cluster.client.create(DEPLOYMENTS, {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: app, namespace },
    spec: { replicas, selector: { matchLabels: { app } }, template: templateOf(app, priorityClassName, cpu) },
  });
const podsOf = async (app: string) => (await cluster.client.list(PODS, { namespace, labelSelector: `app=${app}` })).items;
const running = async (app: string): Promise<number> =>
  (await podsOf(app)).filter(({ metadata, status }) => metadata.deletionTimestamp === undefined && status?.phase === 'Running').length;
const untilRunning = (app: string, count: number, most = 60_000) =>
  advanceUntil(clock, most, async () => ((await running(app)) === count ? true : undefined), 500);
const events = async (reason: string) =>
  (await cluster.client.list(EVENTS, { namespace })).items.filter((event) => event.reason === reason);

it('important pods take the place of others, which come back when there is room', async () => {
  await deploy('batch', 'batch', 4, '3500m');
  await untilRunning('batch', 4);
  await deploy('critical', 'critical', 1, '6');
  await untilRunning('critical', 1);

  // Both of one node had to go, none of the other.
  const preempted = await events('Preempted');
  expect(preempted).toHaveLength(2);
  const [critical] = await podsOf('critical');
  expect(preempted[0]?.message).toBe(`Preempted by pod ${critical!.metadata.uid} on node ${critical!.spec.nodeName!}`);
  expect(await running('batch')).toBe(2);
  const waiting = (await podsOf('batch')).filter(({ spec }) => spec.nodeName === undefined);
  expect(waiting).toHaveLength(2);
  for (const { status } of waiting) {
    expect(status?.conditions?.find(({ type }) => type === 'PodScheduled')?.message).toBe(
      '0/2 nodes are available: 2 Insufficient cpu. no new claims to deallocate, preemption: 0/2 nodes are available: 2 No preemption victims found for incoming pod.',
    );
  }

  await cluster.client.delete(DEPLOYMENTS, { namespace, name: 'critical' });
  await untilRunning('batch', 4);
});

it('spares what a disruption budget protects', async () => {
  // Nobody would make this one again.
  const { metadata, spec } = templateOf('service', 'service', '6');
  await cluster.client.create(PODS, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'service', namespace, ...metadata }, spec });
  await untilRunning('service', 1);
  await deploy('batch', 'batch', 1, '6');
  await untilRunning('batch', 1);
  await cluster.client.create(POD_DISRUPTION_BUDGETS, {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'batch', namespace },
    spec: { minAvailable: 1, selector: { matchLabels: { app: 'batch' } } },
  });
  await clock.advance(2000);
  await deploy('critical', 'critical', 1, '6');
  await untilRunning('critical', 1);
  // The service is more important than the batch, but nobody guards it.
  expect(await running('batch')).toBe(1);
  expect(await running('service')).toBe(0);
});

it('a pod that never preempts waits for room', async () => {
  await deploy('batch', 'batch', 2, '6');
  await untilRunning('batch', 2);
  await cluster.client.create(PRIORITY_CLASSES, {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name: 'patient' },
    value: 2_000_000,
    preemptionPolicy: 'Never',
  });
  await deploy('patient', 'patient', 1, '6');
  await clock.advance(5000);
  expect(await running('patient')).toBe(0);
  const [failed] = await events('FailedScheduling');
  expect(failed?.message).toBe(
    '0/2 nodes are available: 2 Insufficient cpu. no new claims to deallocate, preemption: not eligible due to preemptionPolicy=Never.',
  );
  // Room comes: it goes first.
  await cluster.client.patch(DEPLOYMENTS, { namespace, name: 'batch' }, 'merge', { spec: { replicas: 1 } });
  await untilRunning('patient', 1);
  expect(await events('Preempted')).toEqual([]);
  expect((await cluster.client.list(NODES)).items).toHaveLength(2);
});
