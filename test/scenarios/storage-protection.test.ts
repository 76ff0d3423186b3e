// A claim that a pod uses outlives its own deletion until the pod is gone; so does a class of attributes that a claim has.
import { ApiError, resources, startCluster, type Cluster } from '../../src/index.js';
import { untilGone } from '../support/until.js';
import { createNamespace } from '../support/workloads.js';

const { NAMESPACES, PERSISTENT_VOLUME_CLAIMS, PODS, VOLUME_ATTRIBUTES_CLASSES } = resources;
const namespace = 'protection';
let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster({ nodes: 1, freeze: true });
  await createNamespace(cluster.client, namespace);
});

afterAll(() => cluster.stop());

async function createClaim(name: string, spec: object = {}): Promise<void> {
  await cluster.client.create(PERSISTENT_VOLUME_CLAIMS, {
    metadata: { name, namespace },
    spec: { accessModes: ['ReadWriteOnce'], storageClassName: '', resources: { requests: { storage: '1Gi' } }, ...spec },
  });
}

async function createPod(name: string, claimName: string): Promise<void> {
  const [node] = (await cluster.client.list(resources.NODES)).items;
  await cluster.client.create(PODS, {
    metadata: { name, namespace },
    spec: {
      nodeName: node!.metadata.name,
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'c', image: 'nginx:1' }],
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }],
    },
  });
}

it('a claim in use waits for its pod, one that nobody uses does not', async () => {
  const { client } = cluster;
  await createClaim('used');
  await createClaim('idle');
  await createPod('user', 'used');
  for (const name of ['used', 'idle']) {
    const answer = await client.delete(PERSISTENT_VOLUME_CLAIMS, { namespace, name });
    expect(answer).toMatchObject({ metadata: { finalizers: ['kubernetes.io/pvc-protection'], deletionTimestamp: expect.any(String) } });
  }
  await untilGone(client, PERSISTENT_VOLUME_CLAIMS, { namespace, name: 'idle' });
  expect((await client.get(PERSISTENT_VOLUME_CLAIMS, { namespace, name: 'used' })).metadata.deletionTimestamp).toBeDefined();
  await client.delete(PODS, { namespace, name: 'user' });
  await untilGone(client, PERSISTENT_VOLUME_CLAIMS, { namespace, name: 'used' });
  await expect(client.get(PODS, { namespace, name: 'user' })).rejects.toThrow(ApiError);
});

it('a class of attributes waits for the claim that has it', async () => {
  const { client } = cluster;
  const name = 'fast';
  await client.create(VOLUME_ATTRIBUTES_CLASSES, { metadata: { name }, driverName: 'example.com', parameters: { iops: '500' } });
  await createClaim('tuned', { volumeAttributesClassName: name });
  await client.delete(VOLUME_ATTRIBUTES_CLASSES, { name });
  await client.delete(PERSISTENT_VOLUME_CLAIMS, { namespace, name: 'tuned' });
  await untilGone(client, VOLUME_ATTRIBUTES_CLASSES, { name });
  await expect(client.get(PERSISTENT_VOLUME_CLAIMS, { namespace, name: 'tuned' })).rejects.toThrow(ApiError);
});

it('a namespace goes with its pods and the claims that they use', async () => {
  await createClaim('last');
  await createPod('last', 'last');
  await cluster.client.delete(NAMESPACES, { name: namespace });
  await untilGone(cluster.client, NAMESPACES, { name: namespace });
});
