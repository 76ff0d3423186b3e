// Nodes that fall silent or lose power: marked after 40 to 50 seconds, emptied five minutes later, and nothing is doubled when they come
// back. Time is moved by hand, so each story takes moments, and the same ones on every run.
import { resources, seededRandom, type Cluster, type KubeObject, type ManualClock, type ResourceType } from '../../src/index.js';
import { advanceUntil, startByHand, stopByHand } from '../support/manual-time.js';
import { createDeployment } from '../support/workloads.js';

const { DEPLOYMENTS, ENDPOINT_SLICES, EVENTS, NODES, PODS, REPLICA_SETS, SERVICES } = resources;
const namespace = 'default';
let cluster: Cluster;
let clock: ManualClock;

const begin = async (nodes: number, seed = 1): Promise<void> => {
  ({ cluster, clock } = await startByHand({ nodes, random: seededRandom(seed), freeze: true }));
  await clock.advance(1000);
};
afterEach(() => stopByHand(cluster, clock));

const ready = async (name: string): Promise<string | undefined> =>
  (await cluster.client.get(NODES, { name })).status?.conditions?.find(({ type }) => type === 'Ready')?.status;
const taints = async (name: string): Promise<readonly string[]> =>
  ((await cluster.client.get(NODES, { name })).spec?.taints ?? []).map(({ key, effect }) => `${key}:${effect}`).sort();
const pods = async () => (await cluster.client.list(PODS, { namespace })).items;
const names = async (node: string): Promise<readonly string[]> =>
  (await pods()).filter(({ spec }) => spec.nodeName === node).map(({ metadata }) => metadata.name);
const running = async () =>
  (await pods()).filter(({ metadata, status }) => metadata.deletionTimestamp === undefined && status?.phase === 'Running');
const endpoints = async (): Promise<readonly string[]> =>
  (await cluster.client.list(ENDPOINT_SLICES, { namespace, labelSelector: 'kubernetes.io/service-name=web' })).items.flatMap((slice) =>
    (slice.endpoints ?? []).filter(({ conditions }) => conditions?.ready).map(({ nodeName }) => nodeName ?? ''),
  );
const serveWeb = async (replicas: number): Promise<void> => {
  await createDeployment(cluster.client, namespace, 'web', { replicas });
  await cluster.client.create(SERVICES, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace },
    spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
  });
  await clock.advance(5000);
  expect(await endpoints()).toHaveLength(replicas);
};
/** The node has been found out. */
const untilUnknown = (name: string) => advanceUntil(clock, 70_000, async () => ((await ready(name)) === 'Unknown' ? true : undefined));
const start = async (name: string): Promise<void> => {
  const starting = cluster.nodes.start(name);
  await clock.advance(1000);
  await starting;
};

it.each(['stop', 'drainPower'] as const)(
  '%s: marked, tainted, emptied; the pods run elsewhere, and late deletions are done',
  async (how) => {
    await begin(3);
    await serveWeb(6);
    const doomed = await names('node-1');
    expect(doomed.length).toBeGreaterThan(0);
    await cluster.nodes[how]('node-1');
    expect(cluster.nodes.power('node-1')).toBe(how === 'stop' ? 'stopped' : 'off');

    const unknown = await untilUnknown('node-1');
    expect(unknown.took).toBeGreaterThanOrEqual(40_000);
    expect(unknown.took).toBeLessThanOrEqual(60_000);
    await clock.advance(2000);
    expect(await taints('node-1')).toEqual(['node.kubernetes.io/unreachable:NoExecute', 'node.kubernetes.io/unreachable:NoSchedule']);
    expect(await taints('node-0')).toEqual([]);
    expect((await endpoints()).filter((node) => node === 'node-1')).toEqual([]);
    expect(await endpoints()).toHaveLength(6 - doomed.length);

    const { took } = await advanceUntil(clock, 400_000, async () =>
      (await pods()).every(({ metadata }) => metadata.deletionTimestamp !== undefined || !doomed.includes(metadata.name))
        ? true
        : undefined,
    );
    expect(took).toBeGreaterThanOrEqual(290_000);
    expect(took).toBeLessThanOrEqual(310_000);
    await clock.advance(2000);
    expect(await endpoints()).toHaveLength(6);
    // Nobody can say that they are gone, so they stay, marked.
    expect(await names('node-1')).toEqual(doomed);
    expect(await running()).toHaveLength(6);

    await start('node-1');
    await clock.advance(40_000);
    expect(await ready('node-1')).toBe('True');
    expect(await taints('node-1')).toEqual([]);
    expect(await names('node-1')).toEqual([]);
    expect(await pods()).toHaveLength(6);
    expect((await cluster.client.get(DEPLOYMENTS, { namespace, name: 'web' })).status).toMatchObject({ replicas: 6, readyReplicas: 6 });
  },
  120_000,
);

it('a kubelet that is back in time finds its containers; after a loss of power they are started again', async () => {
  await begin(1);
  await serveWeb(2);
  const restarts = async (): Promise<readonly (number | undefined)[]> =>
    (await pods()).map(({ status }) => status?.containerStatuses?.[0]?.restartCount);
  const before = (await pods()).map(({ metadata, status }) => [metadata.uid, status?.containerStatuses?.[0]?.containerID]);
  for (const how of ['stop', 'drainPower'] as const) {
    await cluster.nodes[how]('node-0');
    await untilUnknown('node-0');
    expect(await endpoints()).toEqual([]);
    await start('node-0');
    await clock.advance(20_000);
    expect(await endpoints()).toHaveLength(2);
    expect(await restarts()).toEqual(how === 'stop' ? [0, 0] : [1, 1]);
    const after = (await pods()).map(({ metadata, status }) => [metadata.uid, status?.containerStatuses?.[0]?.containerID]);
    if (how === 'stop') expect(after).toEqual(before);
    else expect(after.map(([uid]) => uid)).toEqual(before.map(([uid]) => uid));
  }
}, 120_000);

it('a removed node’s pods are collected; the node that comes back under its name starts empty', async () => {
  await begin(2);
  await serveWeb(4);
  const lost = await names('node-1');
  await cluster.nodes.drainPower('node-1');
  await cluster.client.delete(NODES, { name: 'node-1' });
  await advanceUntil(clock, 120_000, async () => ((await names('node-1')).length === 0 ? true : undefined));
  await clock.advance(5000);
  expect(await running()).toHaveLength(4);
  expect((await pods()).map(({ metadata }) => metadata.name)).not.toEqual(expect.arrayContaining([...lost]));
  await start('node-1');
  await clock.advance(20_000);
  expect(await ready('node-1')).toBe('True');
  expect(await pods()).toHaveLength(4);
});

describe('zones', () => {
  const zoned = async (): Promise<void> => {
    await begin(8);
    for (const [index, name] of cluster.nodes.entries()) {
      const labels = { 'topology.kubernetes.io/region': 'r', 'topology.kubernetes.io/zone': index < 4 ? 'a' : 'b' };
      await cluster.client.patch(NODES, { name }, 'merge', { metadata: { labels } });
    }
    await clock.advance(10_000);
  };
  const evicted = async (): Promise<readonly string[]> => {
    const { items } = await cluster.client.list(NODES);
    return items.filter(({ spec }) => spec?.taints?.some(({ effect }) => effect === 'NoExecute')).map(({ metadata }) => metadata.name);
  };

  it('a whole zone that is silent is emptied node by node, one in ten seconds', async () => {
    await zoned();
    for (const name of cluster.nodes.slice(0, 4)) await cluster.nodes.stop(name);
    await clock.advance(110_000);
    expect(await evicted()).toEqual(cluster.nodes.slice(0, 4));
    const times = await Promise.all(
      cluster.nodes
        .slice(0, 4)
        .map(async (name) =>
          Date.parse(
            (await cluster.client.get(NODES, { name })).spec?.taints?.find(({ effect }) => effect === 'NoExecute')?.timeAdded ?? '',
          ),
        ),
    );
    times.sort((a, b) => a - b);
    for (let i = 1; i < times.length; i++) expect(times[i]! - times[i - 1]!).toBeGreaterThanOrEqual(10_000);
  });

  it('most of a small zone silent: nothing of it is emptied until it is better', async () => {
    await zoned();
    for (const name of cluster.nodes.slice(0, 3)) await cluster.nodes.stop(name);
    await clock.advance(300_000);
    // The first may have been found out before the others.
    const early = await evicted();
    expect(early.length).toBeLessThanOrEqual(2);
    for (const name of cluster.nodes.slice(0, 3)) expect(await ready(name)).toBe('Unknown');
    const missing = cluster.nodes.slice(0, 3).filter((name) => !early.includes(name));
    await start(missing[0]!);
    await clock.advance(60_000);
    expect((await evicted()).length).toBe(2);
    expect(await ready(missing[0]!)).toBe('True');
  });

  it('nobody is heard of: it is the network, and nothing is emptied', async () => {
    await zoned();
    await serveWeb(8);
    for (const name of cluster.nodes) await cluster.nodes.stop(name);
    await clock.advance(700_000);
    expect(await evicted()).toEqual([]);
    expect((await pods()).filter(({ metadata }) => metadata.deletionTimestamp !== undefined)).toEqual([]);
    for (const name of cluster.nodes) await start(name);
    await clock.advance(30_000);
    expect(await running()).toHaveLength(8);
    expect(await endpoints()).toHaveLength(8);
  });
});

it('the same seed tells the same story, event for event; another seed another', async () => {
  const tell = async (seed: number): Promise<readonly string[]> => {
    await begin(3, seed);
    const story: string[] = [];
    const types: readonly ResourceType<KubeObject>[] = [NODES, PODS, EVENTS, REPLICA_SETS, DEPLOYMENTS, ENDPOINT_SLICES];
    for (const type of types) {
      const event = ({ type: change, object }: { readonly type: string; readonly object: KubeObject }): void =>
        void story.push(`${clock.now()} ${change} ${JSON.stringify(object)}`);
      cluster.client.watch(type, {}, { event, end: () => {} });
    }
    await serveWeb(5);
    await cluster.nodes.drainPower('node-2');
    await clock.advance(400_000);
    await start('node-2');
    await clock.advance(60_000);
    return story;
  };
  const first = await tell(7);
  await stopByHand(cluster, clock);
  const second = await tell(7);
  await stopByHand(cluster, clock);
  const third = await tell(8);
  expect(first.length).toBeGreaterThan(100);
  expect(second).toEqual(first);
  expect(third).not.toEqual(first);
}, 120_000);
