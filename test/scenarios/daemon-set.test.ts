// Daemon sets from beginning to end: a pod a node, nodes that change, updates in the place of a pod or beside it.
import { conflict, internalError } from '../../src/apimachinery/errors/api-error.js';
import { resources, startCluster, type Client, type Cluster } from '../../src/index.js';
import { startChaos } from '../support/chaos.js';
import { advanceUntil } from '../support/manual-time.js';
import { until, untilList } from '../support/until.js';
import { createNamespace } from '../support/workloads.js';

const { CONTROLLER_REVISIONS, DAEMON_SETS, NODES, PODS } = resources;
let cluster: Cluster;
let client: Client;

beforeAll(async () => {
  cluster = await startCluster({ nodes: 4, freeze: true });
  client = cluster.client;
});
afterAll(() => cluster.stop());

async function createAgent(namespace: string, spec: object = {}, podSpec: object = {}): Promise<void> {
  const labels = { app: 'agent' };
  await client.create(DAEMON_SETS, {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'agent', namespace },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { terminationGracePeriodSeconds: 1, containers: [{ name: 'main', image: 'nginx:1.27' }], ...podSpec },
      },
      ...spec,
    },
  });
}

const rolledOut = (namespace: string, nodes: number) =>
  until(
    client,
    DAEMON_SETS,
    { namespace, name: 'agent' },
    ({ metadata, status }) =>
      status.observedGeneration === metadata.generation &&
      status.desiredNumberScheduled === nodes &&
      (status.updatedNumberScheduled ?? 0) === nodes &&
      (status.numberAvailable ?? 0) === nodes,
  );
const setImage = (namespace: string, image: string) =>
  client.patch(DAEMON_SETS, { namespace, name: 'agent' }, 'strategic', {
    spec: { template: { spec: { containers: [{ name: 'main', image }] } } },
  });
const nodesOf = async (namespace: string): Promise<readonly string[]> =>
  (await client.list(PODS, { namespace })).items
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .map(({ spec }) => spec.nodeName!)
    .sort();
const untilNodes = async (namespace: string, nodes: readonly string[]): Promise<void> => {
  await untilList(client, PODS, { namespace }, (pods) => {
    const there = pods.filter(({ status }) => status.phase === 'Running').map(({ spec }) => spec.nodeName!);
    return pods.length === nodes.length && there.sort().join() === nodes.join();
  });
};

it('runs on every node, cordoned ones too, and follows labels and taints', async () => {
  const namespace = await createNamespace(client, 'everywhere');
  await client.patch(NODES, { name: 'node-3' }, 'strategic', { spec: { unschedulable: true } });
  await createAgent(namespace);
  await rolledOut(namespace, 4);
  expect(await nodesOf(namespace)).toEqual(['node-0', 'node-1', 'node-2', 'node-3']);
  await client.patch(NODES, { name: 'node-3' }, 'strategic', { spec: { unschedulable: false } });

  await client.patch(DAEMON_SETS, { namespace, name: 'agent' }, 'strategic', {
    spec: { template: { spec: { nodeSelector: { disk: 'ssd' } } } },
  });
  await untilNodes(namespace, []);
  for (const name of ['node-1', 'node-2']) await client.patch(NODES, { name }, 'merge', { metadata: { labels: { disk: 'ssd' } } });
  await untilNodes(namespace, ['node-1', 'node-2']);
  await client.patch(NODES, { name: 'node-2' }, 'strategic', { spec: { taints: [{ key: 'broken', effect: 'NoExecute' }] } });
  await untilNodes(namespace, ['node-1']);
  await until(client, DAEMON_SETS, { namespace, name: 'agent' }, ({ status }) => {
    return status.desiredNumberScheduled === 1 && status.numberAvailable === 1 && status.numberMisscheduled === 0;
  });
  await client.patch(NODES, { name: 'node-2' }, 'merge', { spec: { taints: null } });
  await untilNodes(namespace, ['node-1', 'node-2']);
});

it('an update replaces one pod after the other, or brings the new one first', async () => {
  const namespace = await createNamespace(client, 'rolling-agent');
  await createAgent(namespace);
  await rolledOut(namespace, 4);
  const most = new Map<string, number>();
  const present = new Map<string, string>();
  const { metadata } = await client.list(PODS, { namespace });
  for (const pod of (await client.list(PODS, { namespace })).items) present.set(pod.metadata.name, pod.spec.nodeName!);
  const watch = client.watch(
    PODS,
    { namespace, resourceVersion: metadata.resourceVersion! },
    {
      event: ({ type, object }) => {
        if (type === 'DELETED') present.delete(object.metadata.name);
        else if (object.spec.nodeName !== undefined) present.set(object.metadata.name, object.spec.nodeName);
        for (const node of present.values()) {
          const here = [...present.values()].filter((other) => other === node).length;
          most.set(node, Math.max(most.get(node) ?? 0, here));
        }
      },
      end: () => undefined,
    },
  );
  await setImage(namespace, 'nginx:1.28');
  await rolledOut(namespace, 4);
  expect([...most.values()]).toEqual([1, 1, 1, 1]);
  await client.patch(DAEMON_SETS, { namespace, name: 'agent' }, 'merge', {
    spec: { updateStrategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } },
  });
  await setImage(namespace, 'nginx:1.27');
  await rolledOut(namespace, 4);
  watch.stop();
  expect([...most.values()]).toEqual([2, 2, 2, 2]);
  const revisions = (await client.list(CONTROLLER_REVISIONS, { namespace })).items;
  expect(revisions.map(({ revision }) => revision).sort()).toEqual([2, 3]);
});

it.each([1, 2, 3])(
  'faults of every kind, and controllers that start anew, leave one pod a node of the newest template (seed %i)',
  async (seed) => {
    const chaos = await startChaos(seed, 4);
    try {
      const labels = { app: 'agent' };
      const container = (image: string) => ({ containers: [{ name: 'main', image }] });
      await chaos.client.create(DAEMON_SETS, {
        metadata: { name: 'agent', namespace: 'default' },
        spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: container('nginx:1') } },
      });
      const writes = ['create', 'update', 'patch', 'delete'] as const;
      chaos.fail({ verbs: writes, probability: 0.15, error: internalError('no') });
      chaos.fail({ verbs: writes, probability: 0.05, error: internalError('no answer'), afterwards: true });
      chaos.fail({
        verbs: ['update', 'patch'],
        probability: 0.1,
        error: conflict({ group: 'apps', resource: 'daemonsets' }, 'agent', 'no'),
      });
      for (let round = 2; round < 6; round++) {
        await chaos.clock.advance(3000);
        const rollingUpdate = round % 2 === 0 ? { maxSurge: 1, maxUnavailable: 0 } : { maxSurge: 0, maxUnavailable: '50%' };
        const spec = { template: { spec: container(`nginx:${round}`) }, updateStrategy: { rollingUpdate } };
        await chaos.settle(chaos.client.patch(DAEMON_SETS, { namespace: 'default', name: 'agent' }, 'strategic', { spec }));
        await chaos.clock.advance(2000);
        if (round === 3) await chaos.restart('controllers');
        else chaos.cutWatches();
      }
      chaos.calm();
      const there = async (): Promise<readonly string[]> =>
        (await chaos.client.list(PODS, { namespace: 'default' })).items.map(
          ({ spec, status }) => `${spec.nodeName} ${spec.containers[0]!.image} ${status.phase}`,
        );
      const wanted = chaos.nodes.map((node) => `${node} nginx:5 Running`).sort();
      await advanceUntil(chaos.clock, 20 * 60_000, async () => ([...(await there())].sort().join() === wanted.join() ? true : undefined));
      await chaos.clock.advance(60_000);
      expect([...(await there())].sort()).toEqual(wanted);
      const { status } = await chaos.client.get(DAEMON_SETS, { namespace: 'default', name: 'agent' });
      expect(status).toMatchObject({ desiredNumberScheduled: 4, numberAvailable: 4, updatedNumberScheduled: 4 });
      const numbers = (await chaos.client.list(CONTROLLER_REVISIONS, { namespace: 'default' })).items.map(({ revision }) => revision);
      expect(new Set(numbers).size).toBe(numbers.length);
    } finally {
      await chaos.stop();
    }
  },
);
