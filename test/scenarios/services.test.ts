// The endpoints of a service follow its pods.
import { resources, startCluster, type Cluster } from '../../src/index.js';
import { until, untilList } from '../support/until.js';
import { createDeployment, createNamespace, pod, rolledOut } from '../support/workloads.js';

const { DEPLOYMENTS, ENDPOINTS, ENDPOINT_SLICES, PODS, SERVICES } = resources;
const namespace = 'services';
let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster({ freeze: true });
  await createNamespace(cluster.client, namespace);
});

afterAll(() => cluster.stop());

const service = (name: string, selector: Readonly<Record<string, string>>) =>
  cluster.client.create(SERVICES, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec: { selector, ports: [{ port: 80, targetPort: 8080 }] },
  });

/** Resolves when these, and only these, addresses are ready behind the service, in both kinds of endpoints. */
const serves = async (name: string, addresses: readonly string[]): Promise<void> => {
  const wanted = [...addresses].sort().join(' ');
  await untilList(cluster.client, ENDPOINT_SLICES, { namespace, labelSelector: `kubernetes.io/service-name=${name}` }, (slices) => {
    const ready = slices.flatMap(({ endpoints }) =>
      (endpoints ?? []).filter(({ conditions }) => conditions?.ready === true).flatMap((one) => one.addresses),
    );
    return slices.length > 0 && [...ready].sort().join(' ') === wanted;
  });
  await until(
    cluster.client,
    ENDPOINTS,
    { namespace, name },
    ({ subsets }) => [...(subsets ?? []).flatMap(({ addresses: of }) => (of ?? []).map(({ ip }) => ip))].sort().join(' ') === wanted,
  );
};

const addressesOf = async (app: string): Promise<string[]> =>
  (await cluster.client.list(PODS, { namespace, labelSelector: `app=${app}` })).items.map(({ status }) => status.podIP!);

it('follow a deployment as it scales', async () => {
  const { client } = cluster;
  await service('web', { app: 'web' });
  await serves('web', []);
  await createDeployment(client, namespace, 'web', { replicas: 3 });
  await rolledOut(client, namespace, 'web');
  await serves('web', await addressesOf('web'));
  for (const replicas of [5, 1]) {
    await client.patch(DEPLOYMENTS, { namespace, name: 'web' }, 'merge', { spec: { replicas } });
    await rolledOut(client, namespace, 'web');
    const addresses = await addressesOf('web');
    expect(addresses).toHaveLength(replicas);
    await serves('web', addresses);
  }
});

it('a pod joins and leaves with its label, and leaves when it goes', async () => {
  const { client } = cluster;
  await service('single', { role: 'front' });
  await client.create(PODS, pod(namespace, 'one', {}, { role: 'front' }));
  const { status } = await until(client, PODS, { namespace, name: 'one' }, ({ status: now }) => now?.phase === 'Running');
  await serves('single', [status.podIP!]);
  await client.patch(PODS, { namespace, name: 'one' }, 'merge', { metadata: { labels: { role: 'back' } } });
  await serves('single', []);
  await client.patch(PODS, { namespace, name: 'one' }, 'merge', { metadata: { labels: { role: 'front' } } });
  await serves('single', [status.podIP!]);
  await client.delete(PODS, { namespace, name: 'one' });
  await serves('single', []);
});

it('follow the selector of the service, and go with it', async () => {
  const { client } = cluster;
  await client.create(PODS, pod(namespace, 'a', {}, { set: 'a' }));
  await client.create(PODS, pod(namespace, 'b', {}, { set: 'b' }));
  const ready = async (name: string): Promise<string> =>
    (await until(client, PODS, { namespace, name }, ({ status }) => status?.phase === 'Running')).status.podIP!;
  const [a, b] = [await ready('a'), await ready('b')];
  await service('moves', { set: 'a' });
  await serves('moves', [a]);
  await client.patch(SERVICES, { namespace, name: 'moves' }, 'merge', { spec: { selector: { set: 'b' } } });
  await serves('moves', [b]);
  await client.delete(SERVICES, { namespace, name: 'moves' });
  await untilList(
    client,
    ENDPOINT_SLICES,
    { namespace, labelSelector: 'kubernetes.io/service-name=moves' },
    (slices) => slices.length === 0,
  );
  await untilList(client, ENDPOINTS, { namespace }, (all) => all.every(({ metadata }) => metadata.name !== 'moves'));
});

it('a pod that ends serves no more', async () => {
  const { client } = cluster;
  await service('ends', { app: 'ends' });
  const draft = pod(namespace, 'ends', { image: 'busybox', command: ['sh', '-c', 'sleep 0.5'] }, { app: 'ends' });
  await client.create(PODS, { ...draft, spec: { ...draft.spec, restartPolicy: 'Never' } });
  await until(client, PODS, { namespace, name: 'ends' }, ({ status }) => status?.phase === 'Succeeded');
  await serves('ends', []);
});
