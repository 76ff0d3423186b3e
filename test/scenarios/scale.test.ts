// Deployments of thousands: everything runs, spread over the nodes, and goes again. Time is moved by hand, so a slow machine changes nothing.
import { resources, seededRandom, type Cluster, type ManualClock } from '../../src/index.js';
import { advanceUntil, startByHand, stopByHand } from '../support/manual-time.js';
import { createDeployment } from '../support/workloads.js';

const { DEPLOYMENTS, ENDPOINT_SLICES, PODS, SERVICES } = resources;
const namespace = 'default';
const replicas = 2000;
let cluster: Cluster;
let clock: ManualClock;

beforeAll(async () => {
  ({ cluster, clock } = await startByHand({ nodes: 40, random: seededRandom(3) }));
  await clock.advance(1000);
}, 300_000);

afterAll(() => stopByHand(cluster, clock));

const scaleTo = (wanted: number) => cluster.client.patch(DEPLOYMENTS, { namespace, name: 'many' }, 'merge', { spec: { replicas: wanted } });
const pods = async () => (await cluster.client.list(PODS, { namespace })).items;

it('thousands run, spread over the nodes, each with an address of its own from its node, behind one service', async () => {
  const { client } = cluster;
  await createDeployment(client, namespace, 'many', { replicas: 0 });
  await client.create(SERVICES, { metadata: { name: 'many', namespace }, spec: { selector: { app: 'many' }, ports: [{ port: 80 }] } });
  await clock.advance(1000);
  await scaleTo(replicas);
  await advanceUntil(
    clock,
    30_000,
    async () => (await client.get(DEPLOYMENTS, { namespace, name: 'many' })).status?.readyReplicas === replicas || undefined,
  );
  const items = await pods();
  expect(items).toHaveLength(replicas);
  expect(new Set(items.map(({ status }) => status?.podIP)).size).toBe(replicas);
  const perNode = new Map<string, string[]>();
  for (const { spec, status } of items) perNode.set(spec.nodeName!, [...(perNode.get(spec.nodeName!) ?? []), status.podIP!]);
  expect([...perNode.keys()].sort()).toEqual([...cluster.nodes].sort());
  for (const addresses of perNode.values()) {
    expect(addresses.length).toBeGreaterThanOrEqual(40);
    expect(addresses.length).toBeLessThanOrEqual(60);
    expect(new Set(addresses.map((address) => address.replace(/\.\d+$/, ''))).size).toBe(1);
  }

  await clock.advance(5000);
  const { items: slices } = await client.list(ENDPOINT_SLICES, { namespace, labelSelector: 'kubernetes.io/service-name=many' });
  const endpoints = slices.flatMap((slice) => slice.endpoints ?? []);
  expect(new Set(endpoints.flatMap(({ addresses }) => addresses)).size).toBe(replicas);
  expect(endpoints).toHaveLength(replicas);
  expect(slices.every((slice) => (slice.endpoints ?? []).length <= 100)).toBe(true);
}, 300_000);

it('they go again, and nothing of them is left', async () => {
  await scaleTo(0);
  await advanceUntil(clock, 60_000, async () => ((await pods()).length === 0 ? true : undefined));
  await clock.advance(5000);
  const { items: slices } = await cluster.client.list(ENDPOINT_SLICES, { namespace, labelSelector: 'kubernetes.io/service-name=many' });
  expect(slices.flatMap((slice) => slice.endpoints ?? [])).toEqual([]);
  expect((await cluster.client.get(DEPLOYMENTS, { namespace, name: 'many' })).status).toMatchObject({ observedGeneration: 3 });
}, 300_000);
