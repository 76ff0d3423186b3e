// Claims as users know them from kind or minikube: a pod that names one runs, the volume is there, grows, outlives the pod and goes with the claim.
import { resources, startCluster, type Cluster } from '../../src/index.js';
import { until, untilGone, untilList } from '../support/until.js';
import { createNamespace } from '../support/workloads.js';

const { CSI_NODES, EVENTS, NODES, PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, PODS, STATEFUL_SETS, STORAGE_CLASSES, VOLUME_ATTACHMENTS } =
  resources;
type Volume = NonNullable<(typeof PERSISTENT_VOLUMES)['object']>;
const namespace = 'volumes';
let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster({ nodes: 2, freeze: true });
  await createNamespace(cluster.client, namespace);
});

afterAll(() => cluster.stop());

async function createClaim(name: string, spec: object = {}): Promise<void> {
  await cluster.client.create(PERSISTENT_VOLUME_CLAIMS, {
    metadata: { name, namespace },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
  });
}

async function createPod(name: string, volume: object, spec: object = {}): Promise<void> {
  const containers = [{ name: 'c', image: 'nginx:1', volumeMounts: [{ name: 'data', mountPath: '/data' }] }];
  await cluster.client.create(PODS, {
    metadata: { name, namespace },
    spec: { terminationGracePeriodSeconds: 0, containers, volumes: [{ name: 'data', ...volume }], ...spec },
  });
}
const claimed = (claimName: string): object => ({ persistentVolumeClaim: { claimName } });
const running = (name: string) => until(cluster.client, PODS, { namespace, name }, ({ status }) => status.phase === 'Running');
const bound = (name: string) =>
  until(cluster.client, PERSISTENT_VOLUME_CLAIMS, { namespace, name }, ({ status }) => status.phase === 'Bound');
const volumeOf = async (name: string): Promise<Volume> => {
  const { spec } = await bound(name);
  return cluster.client.get(PERSISTENT_VOLUMES, { name: spec.volumeName! });
};
const said = (reason: string, name: string) =>
  untilList(cluster.client, EVENTS, { namespace }, (events) =>
    events.some((one) => one.reason === reason && one.involvedObject.name === name),
  );

it('a claim without a class waits for its first pod, then gets a volume, and both run', async () => {
  const { client } = cluster;
  expect((await client.get(STORAGE_CLASSES, { name: 'standard' })).provisioner).toBe('kubedouble.dev/hostpath');
  await createClaim('data');
  await said('WaitForFirstConsumer', 'data');
  await createPod('web', claimed('data'));
  await running('web');
  const claim = await bound('data');
  expect(claim.spec.storageClassName).toBe('standard');
  expect(claim.metadata.annotations).toMatchObject({
    'volume.kubernetes.io/storage-provisioner': 'kubedouble.dev/hostpath',
    'pv.kubernetes.io/bind-completed': 'yes',
    'volume.kubernetes.io/selected-node': (await client.get(PODS, { namespace, name: 'web' })).spec.nodeName,
  });
  expect(await volumeOf('data')).toMatchObject({ metadata: { name: `pvc-${claim.metadata.uid}` }, spec: { capacity: { storage: '1Gi' } } });
});

it('the volume grows with the claim, outlives the pod, and goes with the claim', async () => {
  const { client } = cluster;
  const { metadata } = await volumeOf('data');
  await client.patch(PERSISTENT_VOLUME_CLAIMS, { namespace, name: 'data' }, 'merge', {
    spec: { resources: { requests: { storage: '3Gi' } } },
  });
  await until(client, PERSISTENT_VOLUME_CLAIMS, { namespace, name: 'data' }, ({ status }) => status.capacity?.['storage'] === '3Gi');
  expect((await volumeOf('data')).spec.capacity).toEqual({ storage: '3Gi' });
  await said('ExternalExpanding', 'data');
  await client.delete(PODS, { namespace, name: 'web' });
  await untilGone(client, PODS, { namespace, name: 'web' });
  await createPod('again', claimed('data'));
  await running('again');
  expect((await volumeOf('data')).metadata.uid).toBe(metadata.uid);
  await client.delete(PERSISTENT_VOLUME_CLAIMS, { namespace, name: 'data' });
  await client.delete(PODS, { namespace, name: 'again' });
  await untilGone(client, PERSISTENT_VOLUME_CLAIMS, { namespace, name: 'data' });
  await untilGone(client, PERSISTENT_VOLUMES, { name: metadata.name });
});

it('a class that binds at once needs no pod', async () => {
  const { client } = cluster;
  await client.create(STORAGE_CLASSES, {
    metadata: { name: 'immediate' },
    provisioner: 'kubedouble.dev/hostpath',
    volumeBindingMode: 'Immediate',
    reclaimPolicy: 'Retain',
  });
  await createClaim('now', { storageClassName: 'immediate' });
  const { metadata } = await volumeOf('now');
  await client.delete(PERSISTENT_VOLUME_CLAIMS, { namespace, name: 'now' });
  await until(client, PERSISTENT_VOLUMES, { name: metadata.name }, ({ status }) => status.phase === 'Released');
});

it('a pod waits for a volume that somebody has yet to make', async () => {
  const { client } = cluster;
  await createClaim('static', { storageClassName: 'by-hand' });
  await createPod('patient', claimed('static'));
  await said('ProvisioningFailed', 'static');
  await said('FailedScheduling', 'patient');
  await client.create(PERSISTENT_VOLUMES, {
    metadata: { name: 'by-hand' },
    spec: { capacity: { storage: '2Gi' }, accessModes: ['ReadWriteOnce'], storageClassName: 'by-hand', hostPath: { path: '/tmp/by-hand' } },
  });
  await running('patient');
  expect((await bound('static')).status.capacity).toEqual({ storage: '2Gi' });
});

it('a local volume takes its pod to its node', async () => {
  const { client } = cluster;
  const node = (await client.list(NODES)).items.at(-1)!.metadata.name;
  await client.create(STORAGE_CLASSES, {
    metadata: { name: 'local' },
    provisioner: 'kubernetes.io/no-provisioner',
    volumeBindingMode: 'WaitForFirstConsumer',
  });
  const matchExpressions = [{ key: 'kubernetes.io/hostname', operator: 'In' as const, values: [node] }];
  await client.create(PERSISTENT_VOLUMES, {
    metadata: { name: 'local' },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'local',
      local: { path: '/mnt/disk' },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions }] } },
    },
  });
  await until(client, PERSISTENT_VOLUMES, { name: 'local' }, ({ status }) => status?.phase === 'Available');
  await createClaim('local', { storageClassName: 'local' });
  await said('WaitForFirstConsumer', 'local');
  await createPod('local', claimed('local'));
  expect((await running('local')).spec.nodeName).toBe(node);
  expect((await bound('local')).spec.volumeName).toBe('local');
});

it('an ephemeral volume comes and goes with its pod', async () => {
  const { client } = cluster;
  const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
  await createPod('brief', { ephemeral: { volumeClaimTemplate: { spec } } });
  await running('brief');
  const { metadata } = await volumeOf('brief-data');
  await client.delete(PODS, { namespace, name: 'brief' });
  await untilGone(client, PERSISTENT_VOLUME_CLAIMS, { namespace, name: 'brief-data' });
  await untilGone(client, PERSISTENT_VOLUMES, { name: metadata.name });
});

it('each pod of a stateful set has a volume, and finds it again', async () => {
  const { client } = cluster;
  const labels = { app: 'store' };
  const spec = { accessModes: ['ReadWriteOnce' as const], resources: { requests: { storage: '1Gi' } } };
  const containers = [{ name: 'c', image: 'nginx:1', volumeMounts: [{ name: 'data', mountPath: '/data' }] }];
  await client.create(STATEFUL_SETS, {
    metadata: { name: 'store', namespace },
    spec: {
      replicas: 2,
      serviceName: 'store',
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { terminationGracePeriodSeconds: 0, containers } },
      volumeClaimTemplates: [{ metadata: { name: 'data' }, spec }],
    },
  });
  const { metadata } = await running('store-0');
  await running('store-1');
  const volumes = [(await volumeOf('data-store-0')).metadata.uid, (await volumeOf('data-store-1')).metadata.uid];
  expect(new Set(volumes).size).toBe(2);
  await client.delete(PODS, { namespace, name: 'store-0' });
  await until(client, PODS, { namespace, name: 'store-0' }, (pod) => pod.metadata.uid !== metadata.uid && pod.status.phase === 'Running');
  expect((await volumeOf('data-store-0')).metadata.uid).toBe(volumes[0]);
});

it('a volume of a driver is attached before its pod runs, and detached after it', async () => {
  const { client } = cluster;
  const [node] = (await client.list(NODES)).items;
  const nodeName = node!.metadata.name;
  await client.patch(CSI_NODES, { name: nodeName }, 'merge', { spec: { drivers: [{ name: 'disk.example.com', nodeID: nodeName }] } });
  await client.create(PERSISTENT_VOLUMES, {
    metadata: { name: 'disk' },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'disk',
      csi: { driver: 'disk.example.com', volumeHandle: 'd1' },
    },
  });
  await createClaim('disk', { storageClassName: 'disk' });
  await createPod('disk', claimed('disk'), { nodeName });
  const [attachment] = await untilList(client, VOLUME_ATTACHMENTS, {}, (all) => all.length > 0);
  expect((await client.get(PODS, { namespace, name: 'disk' })).status.phase).toBe('Pending');
  // What the driver's attacher would say.
  const key = { name: attachment!.metadata.name };
  await client.patch(VOLUME_ATTACHMENTS, key, 'merge', { status: { attached: true } }, { subresource: 'status' });
  await running('disk');
  await said('SuccessfulAttachVolume', 'disk');
  expect((await client.get(NODES, { name: nodeName })).status.volumesAttached).toEqual([
    { name: 'kubernetes.io/csi/disk.example.com^d1', devicePath: '' },
  ]);
  await client.delete(PODS, { namespace, name: 'disk' });
  await untilGone(client, VOLUME_ATTACHMENTS, key);
  await until(client, NODES, { name: nodeName }, ({ status }) => (status.volumesAttached ?? []).length === 0);
});
