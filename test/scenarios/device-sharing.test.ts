// Devices that pods share, extended resources that are devices, and devices that are prepared first, from the pod to the driver and back.
import { resources, startCluster, type Cluster } from '../../src/index.js';
import { until, untilGone, untilList } from '../support/until.js';
import { createNamespace } from '../support/workloads.js';

const { DEVICE_CLASSES, EVENTS, PODS, RESOURCE_CLAIMS, RESOURCE_SLICES } = resources;
const namespace = 'sharing';
const driver = 'gpu.example.com';
let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster({ nodes: 2, freeze: true });
  const { client } = cluster;
  await createNamespace(client, namespace);
  const ofKind = (kind: string) => [{ cel: { expression: `device.attributes["${driver}"].kind == "${kind}"` } }];
  await client.create(DEVICE_CLASSES, { metadata: { name: 'shared' }, spec: { selectors: ofKind('shared') } });
  await client.create(DEVICE_CLASSES, {
    metadata: { name: 'whole' },
    spec: { selectors: ofKind('whole'), extendedResourceName: 'example.com/gpu' },
  });
  await client.create(DEVICE_CLASSES, { metadata: { name: 'prepared' }, spec: { selectors: ofKind('prepared') } });
  const device = (name: string, kind: string, more: object) => ({ name, attributes: { kind: { string: kind } }, ...more });
  const memory = { value: '40Gi', requestPolicy: { default: '10Gi' } };
  await client.create(RESOURCE_SLICES, {
    metadata: { name: 'gpus' },
    spec: {
      driver,
      nodeName: 'node-1',
      pool: { name: 'gpus', generation: 1, resourceSliceCount: 1 },
      devices: [
        device('gpu-0', 'shared', { allowMultipleAllocations: true, capacity: { memory } }),
        device('gpu-1', 'whole', {}),
        device('gpu-2', 'prepared', { bindingConditions: ['Attached'], bindingFailureConditions: ['Broken'] }),
      ],
    },
  });
});

afterAll(() => cluster.stop());

async function createPod(name: string, { claim, limits }: { readonly claim?: string; readonly limits?: Readonly<Record<string, string>> }) {
  const container = { name: 'c', image: 'nginx:1', resources: claim === undefined ? { limits } : { claims: [{ name: 'gpu' }] } };
  await cluster.client.create(PODS, {
    metadata: { name, namespace },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [container],
      ...(claim === undefined ? {} : { resourceClaims: [{ name: 'gpu', resourceClaimName: claim }] }),
    },
  });
}

async function createClaim(name: string, deviceClassName: string, requests?: Readonly<Record<string, string>>): Promise<void> {
  const exactly = { deviceClassName, ...(requests ? { capacity: { requests } } : {}) };
  await cluster.client.create(RESOURCE_CLAIMS, {
    metadata: { name, namespace },
    spec: { devices: { requests: [{ name: 'gpu', exactly }] } },
  });
}

const running = (name: string) => until(cluster.client, PODS, { namespace, name }, ({ status }) => status.phase === 'Running');
const waiting = (name: string) =>
  until(
    cluster.client,
    PODS,
    { namespace, name },
    ({ status }) => status.conditions?.some(({ reason }) => reason === 'Unschedulable') ?? false,
  );

it('pods share a device until its capacity is used up, and the next one gets what a pod gives back', async () => {
  const { client } = cluster;
  for (const [name, memory] of [
    ['small', '10Gi'],
    ['large', '25Gi'],
    ['late', '20Gi'],
  ] as const)
    await createClaim(name, 'shared', { memory });
  await createPod('small', { claim: 'small' });
  await createPod('large', { claim: 'large' });
  await Promise.all([running('small'), running('large')]);
  await createPod('late', { claim: 'late' });
  await waiting('late');
  await client.delete(PODS, { namespace, name: 'large' });
  await running('late');
  const { status } = await client.get(RESOURCE_CLAIMS, { namespace, name: 'late' });
  expect(status?.allocation?.devices.results).toEqual([
    { request: 'gpu', driver, pool: 'gpus', device: 'gpu-0', shareID: expect.any(String), consumedCapacity: { memory: '20Gi' } },
  ]);
});

it('a pod that asks for an extended resource gets a device, and its claim goes with it', async () => {
  const { client } = cluster;
  const limits = { 'example.com/gpu': '1' };
  await createPod('first', { limits });
  const name = (await running('first')).status.extendedResourceClaimStatus!.resourceClaimName;
  await createPod('second', { limits });
  await waiting('second');
  await client.delete(PODS, { namespace, name: 'first' });
  await untilGone(client, RESOURCE_CLAIMS, { namespace, name });
  expect((await running('second')).spec.nodeName).toBe('node-1');
});

it('a pod is bound once its driver says that the device is ready', async () => {
  const { client } = cluster;
  await createClaim('prepared', 'prepared');
  await createPod('patient', { claim: 'prepared' });
  await untilList(client, EVENTS, { namespace }, (events) => events.some(({ reason }) => reason === 'BindingConditionsPending'));
  const pod = await client.get(PODS, { namespace, name: 'patient' });
  expect([pod.spec.nodeName, pod.status.nominatedNodeName]).toEqual([undefined, 'node-1']);
  const conditions = [{ type: 'Attached', status: 'True', reason: 'Attached', message: '', lastTransitionTime: '2026-01-01T00:00:00Z' }];
  const status = { devices: [{ driver, pool: 'gpus', device: 'gpu-2', conditions }] };
  await client.patch(RESOURCE_CLAIMS, { namespace, name: 'prepared' }, 'merge', { status }, { subresource: 'status' });
  await running('patient');
});
