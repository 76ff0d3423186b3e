// Stateful sets from beginning to end: order, identity, updates by partition, claims that outlive pods or do not.
import { resources, startCluster, type Client, type Cluster } from '../../src/index.js';
import { advanceUntil, startByHand, stopByHand } from '../support/manual-time.js';
import { until, untilGone, untilList } from '../support/until.js';
import { createNamespace } from '../support/workloads.js';

const { CONTROLLER_REVISIONS, EVENTS, PERSISTENT_VOLUME_CLAIMS, PODS, STATEFUL_SETS } = resources;
let cluster: Cluster;
let client: Client;

beforeAll(async () => {
  cluster = await startCluster({ freeze: true });
  client = cluster.client;
});
afterAll(() => cluster.stop());

async function createSet(namespace: string, name: string, replicas: number, more: object = {}, image = 'nginx:1.27'): Promise<void> {
  const labels = { app: name };
  await client.create(STATEFUL_SETS, {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name, namespace },
    spec: {
      serviceName: 'peers',
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { terminationGracePeriodSeconds: 1, containers: [{ name: 'main', image }] } },
      ...more,
    },
  });
}

/** Resolves when all replicas are available and of the newest revision from the partition on. */
const rolledOut = (namespace: string, name: string, partition = 0) =>
  until(client, STATEFUL_SETS, { namespace, name }, ({ metadata, spec, status }) => {
    const replicas = spec.replicas ?? 1;
    return (
      status.observedGeneration === metadata.generation &&
      status.replicas === replicas &&
      (status.availableReplicas ?? 0) === replicas &&
      (status.updatedReplicas ?? 0) >= replicas - partition &&
      (partition > 0 || status.currentRevision === status.updateRevision)
    );
  });
const setImage = (namespace: string, name: string, image: string) =>
  client.patch(STATEFUL_SETS, { namespace, name }, 'strategic', {
    spec: { template: { spec: { containers: [{ name: 'main', image }] } } },
  });
const podsOf = async (namespace: string) =>
  [...(await client.list(PODS, { namespace })).items].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
const images = async (namespace: string) => (await podsOf(namespace)).map(({ spec }) => spec.containers[0]!.image);

it('comes up in order, keeps names over replacements, and goes down in the reverse order', async () => {
  const namespace = await createNamespace(client, 'ordered');
  const order: string[] = [];
  const { metadata } = await client.list(PODS, { namespace });
  const watch = client.watch(
    PODS,
    { namespace, resourceVersion: metadata.resourceVersion! },
    {
      event: ({ type, object }) => {
        if (type === 'ADDED') order.push(`+${object.metadata.name}`);
        if (type === 'DELETED') order.push(`-${object.metadata.name}`);
      },
      end: () => undefined,
    },
  );
  await createSet(namespace, 'db', 3);
  await rolledOut(namespace, 'db');
  const [first] = await podsOf(namespace);
  expect(first!.spec).toMatchObject({ hostname: 'db-0', subdomain: 'peers' });
  await client.delete(PODS, { namespace, name: 'db-0' });
  const again = await until(client, PODS, { namespace, name: 'db-0' }, (pod) => pod.metadata.uid !== first!.metadata.uid);
  expect(again.metadata.labels).toEqual(first!.metadata.labels);
  await rolledOut(namespace, 'db');
  await client.patch(STATEFUL_SETS, { namespace, name: 'db' }, 'merge', { spec: { replicas: 0 } });
  await untilList(client, PODS, { namespace }, (pods) => pods.length === 0);
  watch.stop();
  expect(order).toEqual(['+db-0', '+db-1', '+db-2', '-db-0', '+db-0', '-db-2', '-db-1', '-db-0']);
  const ofSet = (event: { readonly involvedObject: { readonly kind?: string } }): boolean => event.involvedObject.kind === 'StatefulSet';
  const recorded = await untilList(client, EVENTS, { namespace }, (events) => events.filter(ofSet).length === 6);
  const events = recorded.filter(ofSet).map(({ reason, message, source }) => `${reason} ${source?.component}: ${message}`);
  expect(new Set(events)).toEqual(
    new Set(
      ['db-0', 'db-1', 'db-2'].flatMap((pod) => [
        `SuccessfulCreate statefulset-controller: Create Pod ${pod} in StatefulSet db successful`,
        `SuccessfulDelete statefulset-controller: Delete Pod ${pod} in StatefulSet db successful`,
      ]),
    ),
  );
});

it('a canary by partition, then all, then back to the revision of before', async () => {
  const namespace = await createNamespace(client, 'canary');
  await createSet(namespace, 'db', 3, { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } } });
  const { status: before } = await rolledOut(namespace, 'db');
  await setImage(namespace, 'db', 'nginx:1.28');
  await rolledOut(namespace, 'db', 2);
  expect(await images(namespace)).toEqual(['nginx:1.27', 'nginx:1.27', 'nginx:1.28']);
  await client.patch(STATEFUL_SETS, { namespace, name: 'db' }, 'merge', { spec: { updateStrategy: { rollingUpdate: { partition: 0 } } } });
  await rolledOut(namespace, 'db');
  expect(await images(namespace)).toEqual(['nginx:1.28', 'nginx:1.28', 'nginx:1.28']);
  await setImage(namespace, 'db', 'nginx:1.27');
  const { status: after } = await rolledOut(namespace, 'db');
  expect(after.currentRevision).toBe(before.currentRevision);
  const revisions = (await client.list(CONTROLLER_REVISIONS, { namespace })).items;
  expect(revisions.map(({ revision }) => revision).sort()).toEqual([2, 3]);
});

it('a broken update waits at its first pod, and needs a hand to go back', async () => {
  const namespace = await createNamespace(client, 'broken');
  await createSet(namespace, 'db', 2);
  await rolledOut(namespace, 'db');
  await setImage(namespace, 'db', 'nosuch/image');
  await until(client, STATEFUL_SETS, { namespace, name: 'db' }, ({ status }) => status.updatedReplicas === 1 && status.replicas === 2);
  expect(await images(namespace)).toEqual(['nginx:1.27', 'nosuch/image']);
  await setImage(namespace, 'db', 'nginx:1.27');
  await until(
    client,
    STATEFUL_SETS,
    { namespace, name: 'db' },
    ({ metadata, status }) => status.observedGeneration === metadata.generation,
  );
  expect(await images(namespace)).toEqual(['nginx:1.27', 'nosuch/image']);
  await client.delete(PODS, { namespace, name: 'db-1' });
  await rolledOut(namespace, 'db');
  expect(await images(namespace)).toEqual(['nginx:1.27', 'nginx:1.27']);
});

it('claims stay when pods go, unless the retention policy gives them to the pod or the set', async () => {
  const namespace = await createNamespace(client, 'claims');
  const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
  const policy = (whenScaled: string, whenDeleted: string) => ({ persistentVolumeClaimRetentionPolicy: { whenScaled, whenDeleted } });
  await createSet(namespace, 'db', 3, {
    podManagementPolicy: 'Parallel',
    volumeClaimTemplates: [{ metadata: { name: 'data' }, spec }],
  });
  const scale = async (replicas: number): Promise<void> => {
    await client.patch(STATEFUL_SETS, { namespace, name: 'db' }, 'merge', { spec: { replicas } });
    await untilList(client, PODS, { namespace }, (pods) => pods.length === replicas);
  };
  const claims = async () => (await client.list(PERSISTENT_VOLUME_CLAIMS, { namespace })).items.map(({ metadata }) => metadata.name).sort();
  await untilList(client, PODS, { namespace }, (pods) => pods.length === 3);
  await scale(2);
  expect(await claims()).toEqual(['data-db-0', 'data-db-1', 'data-db-2']);
  await client.patch(STATEFUL_SETS, { namespace, name: 'db' }, 'merge', { spec: policy('Delete', 'Retain') });
  await scale(1);
  await untilGone(client, PERSISTENT_VOLUME_CLAIMS, { namespace, name: 'data-db-1' });
  expect(await claims()).toEqual(['data-db-0', 'data-db-2']);
  await client.patch(STATEFUL_SETS, { namespace, name: 'db' }, 'merge', { spec: policy('Delete', 'Delete') });
  await until(client, PERSISTENT_VOLUME_CLAIMS, { namespace, name: 'data-db-0' }, ({ metadata }) => metadata.ownerReferences?.[0]?.kind === 'StatefulSet'); // prettier-ignore
  await client.delete(STATEFUL_SETS, { namespace, name: 'db' }, { propagationPolicy: 'Background' });
  await untilGone(client, PERSISTENT_VOLUME_CLAIMS, { namespace, name: 'data-db-0' });
  expect(await claims()).toEqual(['data-db-2']);
});

it('a pod on a node that fell silent is not made a second time, until somebody says that it is gone', async () => {
  const namespace = 'default';
  const { cluster: other, clock } = await startByHand({ nodes: 2, freeze: true });
  try {
    await clock.advance(1000);
    const labels = { app: 'db' };
    await other.client.create(STATEFUL_SETS, {
      metadata: { name: 'db', namespace },
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'nginx:1' }] } },
      },
    });
    await clock.advance(5000);
    const first = await other.client.get(PODS, { namespace, name: 'db-0' });
    expect(first.status.phase).toBe('Running');
    await other.nodes.stop(first.spec.nodeName!);
    const going = await advanceUntil(clock, 600_000, async () => {
      const now = await other.client.get(PODS, { namespace, name: 'db-0' });
      return now.metadata.deletionTimestamp === undefined ? undefined : now;
    });
    expect(going.value.metadata.uid).toBe(first.metadata.uid);
    await clock.advance(30 * 60_000);
    expect((await other.client.get(PODS, { namespace, name: 'db-0' })).metadata.uid).toBe(first.metadata.uid);
    await other.client.delete(PODS, { namespace, name: 'db-0' }, { gracePeriodSeconds: 0 });
    await clock.advance(5000);
    const second = await other.client.get(PODS, { namespace, name: 'db-0' });
    expect(second.metadata.uid).not.toBe(first.metadata.uid);
    expect(second.status.phase).toBe('Running');
    expect(second.spec.nodeName).not.toBe(first.spec.nodeName);
  } finally {
    await stopByHand(other, clock);
  }
});
