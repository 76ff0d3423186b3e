// What goes when an owner goes, in the three ways of deletion; and a namespace with all that is in it.
import { ApiError, resources, startCluster, type Cluster, type ResourceType } from '../../src/index.js';
import { untilGone, untilList } from '../support/until.js';
import { createDeployment, createNamespace, rolledOut } from '../support/workloads.js';

const { CONFIG_MAPS, DEPLOYMENTS, NAMESPACES, PODS, REPLICA_SETS, SECRETS, SERVICES } = resources;
const namespace = 'garbage';
let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster({ freeze: true });
  await createNamespace(cluster.client, namespace);
});

afterAll(() => cluster.stop());

const gone = async (app: string): Promise<void> => {
  for (const type of [REPLICA_SETS, PODS] as readonly ResourceType[])
    await untilList(cluster.client, type, { namespace, labelSelector: `app=${app}` }, (left) => left.length === 0);
};

it('in the background: the owner at once, the rest after it', async () => {
  const { client } = cluster;
  await createDeployment(client, namespace, 'back');
  await rolledOut(client, namespace, 'back');
  await client.delete(DEPLOYMENTS, { namespace, name: 'back' }, { propagationPolicy: 'Background' });
  await expect(client.get(DEPLOYMENTS, { namespace, name: 'back' })).rejects.toMatchObject({ code: 404 });
  await gone('back');
});

it('in the foreground: the owner last', async () => {
  const { client } = cluster;
  await createDeployment(client, namespace, 'fore');
  await rolledOut(client, namespace, 'fore');
  const deleted: string[] = [];
  const all = await client.list(PODS, { namespace });
  const watches = ([DEPLOYMENTS, REPLICA_SETS, PODS] as readonly ResourceType[]).map((type) =>
    client.watch(
      type,
      { namespace, resourceVersion: all.metadata.resourceVersion! },
      {
        event: ({ type: change, object }) => {
          if (change === 'DELETED') deleted.push(object.kind);
        },
        end: () => undefined,
      },
    ),
  );
  const answer = await client.delete(DEPLOYMENTS, { namespace, name: 'fore' }, { propagationPolicy: 'Foreground' });
  expect(answer).toMatchObject({
    kind: 'Deployment',
    metadata: { finalizers: ['foregroundDeletion'], deletionTimestamp: expect.any(String) },
  });
  await untilGone(client, DEPLOYMENTS, { namespace, name: 'fore' });
  for (const watch of watches) watch.stop();
  expect(deleted).toEqual(['Pod', 'Pod', 'ReplicaSet', 'Deployment']);
});

it('orphaned: the rest stays, without an owner', async () => {
  const { client } = cluster;
  await createDeployment(client, namespace, 'orphan');
  await rolledOut(client, namespace, 'orphan');
  await client.delete(DEPLOYMENTS, { namespace, name: 'orphan' }, { propagationPolicy: 'Orphan' });
  await untilGone(client, DEPLOYMENTS, { namespace, name: 'orphan' });
  const [set, ...more] = await untilList(client, REPLICA_SETS, { namespace, labelSelector: 'app=orphan' }, (sets) =>
    sets.every(({ metadata }) => (metadata.ownerReferences ?? []).length === 0),
  );
  expect(more).toEqual([]);
  expect(
    (await client.list(PODS, { namespace, labelSelector: 'app=orphan' })).items.map(({ metadata }) => metadata.ownerReferences?.[0]?.uid),
  ).toEqual([set!.metadata.uid, set!.metadata.uid]);
  await client.delete(REPLICA_SETS, { namespace, name: set!.metadata.name }, { propagationPolicy: 'Background' });
  await gone('orphan');
});

it('an object whose owner never was goes', async () => {
  const { client } = cluster;
  await client.create(CONFIG_MAPS, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: 'astray',
      namespace,
      ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'never', uid: '00000000-0000-0000-0000-000000000000' }],
    },
  });
  await untilGone(client, CONFIG_MAPS, { namespace, name: 'astray' });
});

it('a namespace empties before it goes, and takes nothing new meanwhile', async () => {
  const { client } = cluster;
  const doomed = await createNamespace(client, 'doomed');
  await createDeployment(client, doomed, 'web', { replicas: 3 });
  await rolledOut(client, doomed, 'web');
  for (const name of ['a', 'b'])
    await client.create(CONFIG_MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: doomed } });
  await client.create(SECRETS, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 's', namespace: doomed, finalizers: ['example.com/hold'] },
  });
  await client.create(SERVICES, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: doomed },
    spec: { ports: [{ port: 80 }] },
  });

  await client.delete(NAMESPACES, { name: doomed });
  const refused: unknown = await client
    .create(CONFIG_MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'late', namespace: doomed } })
    .catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(ApiError);
  expect(refused).toMatchObject({
    code: 403,
    message: `configmaps "late" is forbidden: unable to create new content in namespace doomed because it is being terminated`,
  });
  for (const type of [DEPLOYMENTS, REPLICA_SETS, PODS, CONFIG_MAPS, SERVICES] as readonly ResourceType[])
    await untilList(client, type, { namespace: doomed }, (left) => left.length === 0);
  // The finalizer holds the secret, and that holds the namespace.
  expect((await client.get(NAMESPACES, { name: doomed })).status?.phase).toBe('Terminating');
  await client.patch(SECRETS, { namespace: doomed, name: 's' }, 'merge', { metadata: { finalizers: null } });
  await untilGone(client, NAMESPACES, { name: doomed });
});
