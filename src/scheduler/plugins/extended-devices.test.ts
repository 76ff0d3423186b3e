// Extended resources that device classes stand for. Requests, mappings and sentences are those of a real kube-scheduler v1.36.3.
import type { DeviceClass } from '../../../openapi/types/resource.v1.js';
import { DEVICE_CLASSES, NODES, PODS, RESOURCE_CLAIMS } from '../../client/resources.js';
import { extendedClaimOf } from '../devices/extended-resources.js';
import { setUpDevices } from '../testing/devices.js';
import { nodeOf as makeNode, podOf } from '../testing/world.js';

const gpu = 'example.com/gpu';
const classes = new Map([[gpu, { metadata: { name: 'gpu' } } as unknown as DeviceClass]]);
const wanting = (name: string, amount: number, more = {}) => ({
  name,
  image: 'x',
  ...(amount > 0 ? { resources: { requests: { cpu: '1', [gpu]: String(amount) } } } : {}),
  ...more,
});
const sidecar = { restartPolicy: 'Always' };

test.each([
  [
    'an init container uses what starts later, not what runs already',
    [wanting('s0', 1, sidecar), wanting('i1', 3)],
    [wanting('c0', 2)],
    ['0: 1', '1: 1', '2: 2'],
    ['s0 0', 'c0 2', 'i1 2', 'i1 1'],
  ],
  ['a container has enough for the init container before it', [wanting('i0', 1)], [wanting('c0', 3)], ['1: 3'], ['c0 1', 'i0 1']],
  [
    'init containers share what they lack',
    [wanting('i0', 3), wanting('i1', 5), wanting('i2', 2)],
    [wanting('c0', 1)],
    ['1: 4', '3: 1'],
    ['c0 3', 'i0 3', 'i0 1', 'i1 3', 'i1 1', 'i2 3', 'i2 1'],
  ],
  ['only init containers', [wanting('i0', 3), wanting('i1', 5)], [wanting('c0', 0)], ['1: 5'], ['i0 1', 'i1 1']],
  [
    'everything at once',
    [wanting('i0', 3), wanting('s1', 1, sidecar), wanting('i2', 4), wanting('s3', 1, sidecar), wanting('i4', 6)],
    [wanting('c0', 2), wanting('c1', 2)],
    ['1: 1', '3: 1', '4: 2', '5: 2', '6: 2'],
    ['s1 1', 's3 3', 'c0 5', 'c1 6', 'i0 1', 'i0 3', 'i0 5', 'i2 3', 'i2 5', 'i2 6', 'i4 5', 'i4 6', 'i4 4'],
  ],
])('%s', (_name, initContainers, containers, requests, mappings) => {
  const short = (name: string): string => name.replace('container-', '').replace('-request-1', '');
  const made = extendedClaimOf(podOf('p', { spec: { initContainers, containers } }), classes);
  expect(made.spec.devices?.requests?.map(({ name, exactly }) => `${short(name)}: ${exactly?.count}`)).toEqual(requests);
  expect(made.mappings.map(({ containerName, requestName }) => `${containerName} ${short(requestName)}`)).toEqual(mappings);
});

function cluster() {
  const set = setUpDevices();
  const { client } = set;
  const standFor = (name: string, extendedResourceName: string, creationTimestamp = '2026-01-01T00:00:00Z') =>
    client.seed(DEVICE_CLASSES, { metadata: { name, creationTimestamp }, spec: { extendedResourceName } });
  const asking = (name: string, amount: number, resource = gpu) => set.pod(name, { requests: { [resource]: String(amount) } });
  const claims = async () => (await client.list(RESOURCE_CLAIMS, { namespace: 't' })).items;
  set.slice('n0', [set.device('d0'), set.device('d1')]);
  return { ...set, standFor, asking, claims };
}

test('a pod gets devices through a claim that is made for it', async () => {
  const { standFor, asking, claims, get, nodeOf, why, start, stop } = cluster();
  standFor('older', gpu);
  standFor('newer', gpu, '2026-01-01T00:00:01Z');
  asking('a', 2);
  asking('b', 1);
  await start();
  expect(await nodeOf('a')).toBe('n0');
  const [claim, ...others] = await claims();
  expect(others).toEqual([]);
  expect(claim?.metadata).toMatchObject({
    name: expect.stringMatching(/^a-extended-resources-/),
    annotations: { 'resource.kubernetes.io/extended-resource-claim': 'true' },
    finalizers: ['resource.kubernetes.io/delete-protection'],
    ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'a', controller: true }],
  });
  expect(claim?.spec).toEqual({
    devices: {
      requests: [{ name: 'container-0-request-0', exactly: { allocationMode: 'ExactCount', count: 2, deviceClassName: 'newer' } }],
    },
  });
  expect(claim?.status).toMatchObject({
    allocation: { devices: { results: [{ device: 'd0' }, { device: 'd1' }] } },
    reservedFor: [{ name: 'a' }],
  });
  expect((await get('a')).status?.extendedResourceClaimStatus).toEqual({
    resourceClaimName: claim?.metadata.name,
    requestMappings: [{ containerName: 'c', resourceName: gpu, requestName: 'container-0-request-0' }],
  });
  expect(await why('b')).toBe('3 cannot allocate all claims.');
  await stop();
});

test('a class can be asked for by its own name', async () => {
  const { asking, nodeOf, start, stop } = cluster();
  asking('a', 1, 'deviceclass.resource.kubernetes.io/gpu');
  await start();
  expect(await nodeOf('a')).toBe('n0');
  await stop();
});

test('a node that offers the resource by itself is counted as ever', async () => {
  const { standFor, asking, claims, why, nodeOf, client, start, stop } = cluster();
  standFor('gpu', gpu);
  client.seed(NODES, makeNode('n1', { allocatable: { [gpu]: '3' } }));
  asking('many', 4);
  asking('three', 3);
  await start();
  expect(await why('many')).toBe('1 Insufficient example.com/gpu, 2 cannot allocate all claims.');
  expect(await nodeOf('three')).toBe('n1');
  expect(await claims()).toEqual([]);
  await stop();
});

test('a pod waits for the class', async () => {
  const { standFor, asking, why, nodeOf, clock, settle, start, stop } = cluster();
  asking('a', 1);
  await start();
  expect(await why('a')).toBe('3 Insufficient example.com/gpu.');
  standFor('gpu', gpu);
  await clock.advance(1000);
  await settle();
  expect(await nodeOf('a')).toBe('n0');
  await stop();
});

test('a claim for a pod that cannot be bound is taken back', async () => {
  let broken = true;
  const set = setUpDevices({
    reactor({ verb, subresource }) {
      if (broken && verb === 'create' && subresource === 'binding') throw new Error('no');
    },
  });
  set.client.seed(DEVICE_CLASSES, { metadata: { name: 'gpu' }, spec: { extendedResourceName: gpu } });
  set.slice('n0', [set.device('d0')]);
  set.pod('a', { requests: { [gpu]: '1' } });
  await set.start();
  expect(await set.nodeOf('a')).toBeUndefined();
  expect(set.client.requests.some(({ verb, resource }) => verb === 'create' && resource === 'resourceclaims')).toBe(true);
  expect((await set.client.list(RESOURCE_CLAIMS, { namespace: 't' })).items).toEqual([]);
  broken = false;
  await set.clock.advance(2000);
  await set.settle();
  expect(await set.nodeOf('a')).toBe('n0');
  expect((await set.client.list(RESOURCE_CLAIMS, { namespace: 't' })).items).toHaveLength(1);
  expect((await set.client.get(PODS, { namespace: 't', name: 'a' })).status?.extendedResourceClaimStatus).toBeDefined();
  await set.stop();
});
