// A rolling update from beginning to end: enough pods all the time, not too many, history, and back again.
import { resources, startCluster, type Cluster } from '../../src/index.js';
import { createDeployment, createNamespace, rolledOut } from '../support/workloads.js';

const { DEPLOYMENTS, EVENTS, PODS, REPLICA_SETS } = resources;
const namespace = 'rolling';
const key = { namespace, name: 'web' };
let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster({ freeze: true });
  await createNamespace(cluster.client, namespace);
});

afterAll(() => cluster.stop());

it('rolls out, keeps within its bounds, and rolls back', async () => {
  const { client } = cluster;
  await createDeployment(client, namespace, 'web', { replicas: 8 });
  await rolledOut(client, namespace, 'web');

  // 25 % of 8: never fewer than 6 available, never more than 10 that are not on their way out.
  const available = new Map<string, boolean>();
  let fewest = Number.POSITIVE_INFINITY;
  let most = 0;
  const { metadata } = await client.list(PODS, { namespace });
  for (const { metadata: of } of (await client.list(PODS, { namespace })).items) available.set(of.name, true);
  const watch = client.watch(
    PODS,
    { namespace, resourceVersion: metadata.resourceVersion! },
    {
      event: ({ type, object }) => {
        if (type === 'DELETED' || object.metadata.deletionTimestamp !== undefined) available.delete(object.metadata.name);
        else
          available.set(
            object.metadata.name,
            object.status?.conditions?.some(({ type: name, status }) => name === 'Ready' && status === 'True') ?? false,
          );
        fewest = Math.min(fewest, [...available.values()].filter(Boolean).length);
        most = Math.max(most, available.size);
      },
      end: () => undefined,
    },
  );
  await client.patch(DEPLOYMENTS, key, 'strategic', {
    spec: { template: { spec: { containers: [{ name: 'main', image: 'nginx:1.28' }] } } },
  });
  await rolledOut(client, namespace, 'web');
  watch.stop();
  expect(fewest).toBeGreaterThanOrEqual(6);
  expect(most).toBeGreaterThan(8);
  expect(most).toBeLessThanOrEqual(10);

  const images = async (): Promise<ReadonlySet<string | undefined>> =>
    new Set((await client.list(PODS, { namespace })).items.map(({ spec }) => spec.containers[0]!.image));
  expect(await images()).toEqual(new Set(['nginx:1.28']));
  const sets = (await client.list(REPLICA_SETS, { namespace })).items;
  const revisions = sets
    .map(({ metadata: { annotations }, spec }) => [annotations?.['deployment.kubernetes.io/revision'], spec?.replicas])
    .sort();
  expect(revisions).toEqual([
    ['1', 0],
    ['2', 8],
  ]);

  // What kubectl rollout undo does: the template of the older replica set.
  const first = sets.find(({ metadata: { annotations } }) => annotations?.['deployment.kubernetes.io/revision'] === '1')!;
  const { 'pod-template-hash': _hash, ...labels } = first.spec.template.metadata.labels!;
  await client.patch(DEPLOYMENTS, key, 'json', [
    { op: 'replace', path: '/spec/template', value: { ...first.spec.template, metadata: { labels } } },
  ]);
  await rolledOut(client, namespace, 'web');
  expect(await images()).toEqual(new Set(['nginx:1.27']));
  const after = (await client.list(REPLICA_SETS, { namespace })).items;
  expect(after).toHaveLength(2);
  expect(
    after.find(({ metadata: { uid } }) => uid === first.metadata.uid)!.metadata.annotations?.['deployment.kubernetes.io/revision'],
  ).toBe('3');
});

it('an image that cannot be pulled stops the roll-out, and the old pods go on', async () => {
  const { client } = cluster;
  await createDeployment(client, namespace, 'stuck', { replicas: 4 });
  await rolledOut(client, namespace, 'stuck');
  await client.patch(DEPLOYMENTS, { namespace, name: 'stuck' }, 'strategic', {
    spec: { template: { spec: { containers: [{ name: 'main', image: 'registry.invalid/app' }] } } },
  });
  const failed = await new Promise<string>((resolve) => {
    const watch = client.watch(
      EVENTS,
      { namespace, fieldSelector: 'reason=Failed' },
      {
        event: ({ object }) => {
          if (!object.involvedObject.name?.startsWith('stuck-') || object.message?.includes('pull') !== true) return;
          queueMicrotask(() => watch.stop());
          resolve(object.message);
        },
        end: () => undefined,
      },
    );
  });
  expect(failed).toContain('registry.invalid/app');
  const { status } = await client.get(DEPLOYMENTS, { namespace, name: 'stuck' });
  expect(status?.availableReplicas).toBeGreaterThanOrEqual(3);
});
