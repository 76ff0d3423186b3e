// Dynamic resource allocation: a pod's claim is made from a template, gets a device, and gives it back.
import { resources, startCluster, type Cluster } from '../../src/index.js';
import { until, untilGone, untilList } from '../support/until.js';
import { createNamespace } from '../support/workloads.js';

const { DEVICE_CLASSES, EVENTS, NODES, PODS, RESOURCE_CLAIM_TEMPLATES, RESOURCE_CLAIMS, RESOURCE_SLICES } = resources;
const namespace = 'devices';
const driver = 'gpu.example.com';
let cluster: Cluster;
let node: string;

beforeAll(async () => {
  cluster = await startCluster({ nodes: 2, freeze: true });
  const { client } = cluster;
  await createNamespace(client, namespace);
  node = (await client.list(NODES)).items.at(-1)!.metadata.name;
  await client.create(DEVICE_CLASSES, { metadata: { name: 'gpu' }, spec: {} });
  const pool = { name: node, generation: 1, resourceSliceCount: 1 };
  await client.create(RESOURCE_SLICES, {
    metadata: { name: 'gpus' },
    spec: { driver, nodeName: node, pool, devices: [{ name: 'gpu-0' }] },
  });
});

afterAll(() => cluster.stop());

const spec = { devices: { requests: [{ name: 'gpu', exactly: { deviceClassName: 'gpu' } }] } };

async function createPod(name: string, claim: object): Promise<void> {
  const containers = [{ name: 'c', image: 'nginx:1', resources: { claims: [{ name: 'gpu' }] } }];
  await cluster.client.create(PODS, {
    metadata: { name, namespace },
    spec: { terminationGracePeriodSeconds: 0, containers, resourceClaims: [{ name: 'gpu', ...claim }] },
  });
}
const running = (name: string) => until(cluster.client, PODS, { namespace, name }, ({ status }) => status.phase === 'Running');

it('a pod waits for its template, gets a claim with a device, and runs where the device is', async () => {
  const { client } = cluster;
  await createPod('first', { resourceClaimTemplateName: 'gpu' });
  await untilList(client, EVENTS, { namespace }, (events) => events.some(({ reason }) => reason === 'FailedResourceClaimCreation'));
  await client.create(RESOURCE_CLAIM_TEMPLATES, { metadata: { name: 'gpu', namespace }, spec: { spec } });
  const pod = await running('first');
  expect(pod.spec.nodeName).toBe(node);
  const name = pod.status.resourceClaimStatuses![0]!.resourceClaimName!;
  expect(name).toMatch(/^first-gpu-/);
  const claim = await client.get(RESOURCE_CLAIMS, { namespace, name });
  expect(claim.metadata).toMatchObject({
    annotations: { 'resource.kubernetes.io/pod-claim-name': 'gpu' },
    finalizers: ['resource.kubernetes.io/delete-protection'],
  });
  expect(claim.status).toMatchObject({
    allocation: { devices: { results: [{ request: 'gpu', driver, pool: node, device: 'gpu-0' }] } },
    reservedFor: [{ resource: 'pods', name: 'first', uid: pod.metadata.uid }],
  });
});

it('the next pod waits for the device, and gets it when the first is gone, whose claim goes too', async () => {
  const { client } = cluster;
  const { name } = (await client.list(RESOURCE_CLAIMS, { namespace })).items[0]!.metadata;
  await client.create(RESOURCE_CLAIMS, { metadata: { name: 'own', namespace }, spec });
  await createPod('second', { resourceClaimName: 'own' });
  await until(
    client,
    PODS,
    { namespace, name: 'second' },
    ({ status }) => status.conditions?.some(({ reason }) => reason === 'Unschedulable') ?? false,
  );
  await client.delete(PODS, { namespace, name: 'first' });
  await untilGone(client, RESOURCE_CLAIMS, { namespace, name });
  await running('second');
  await client.delete(PODS, { namespace, name: 'second' });
  const free = await until(client, RESOURCE_CLAIMS, { namespace, name: 'own' }, ({ status }) => status?.allocation === undefined);
  expect(free.status?.reservedFor).toBeUndefined();
  await until(client, RESOURCE_CLAIMS, { namespace, name: 'own' }, ({ metadata: { finalizers } }) => (finalizers ?? []).length === 0);
});
