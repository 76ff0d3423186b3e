import type { Endpoint, EndpointSlice } from '../../../openapi/types/discovery.v1.js';
import { ENDPOINT_SLICES, PODS, SERVICES } from '../../client/resources.js';
import { createKit, type Kit } from '../testing/kit.js';
import { pod, service } from '../testing/objects.js';
import type { PortGroup } from './desired.js';
import { createEndpointSliceController } from './index.js';
import { planSlices } from './plan.js';

let kit: Kit;
afterEach(() => kit?.stop());

const slices = async (): Promise<readonly EndpointSlice[]> => (await kit.client.list(ENDPOINT_SLICES)).items;
const writes = (): number => kit.client.requests.filter(({ verb }) => verb === 'create' || verb === 'update' || verb === 'delete').length;
const addresses = ({ endpoints }: EndpointSlice): string[] => (endpoints ?? []).flatMap((endpoint) => endpoint.addresses);

test('a slice with the real names, labels and owner; one empty slice without pods', async () => {
  kit = createKit();
  await kit.start(createEndpointSliceController);
  kit.client.seed(SERVICES, service('s', { clusterIP: 'None', selector: { app: 'x' }, ports: [{ port: 80 }] }, { labels: { team: 'a' } }));
  kit.client.seed(SERVICES, service('external', { type: 'ExternalName', selector: { app: 'x' } }));
  await kit.run();
  const [slice, ...others] = await slices();
  expect(others).toEqual([]);
  expect(slice).toMatchObject({
    addressType: 'IPv4',
    metadata: {
      generateName: 's-',
      labels: {
        team: 'a',
        'service.kubernetes.io/headless': '',
        'kubernetes.io/service-name': 's',
        'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
      },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Service', name: 's', uid: 'uid-s', controller: true, blockOwnerDeletion: true }],
    },
  });
  kit.client.seed(PODS, pod('p', { ip: '10.0.0.1', node: 'n', labels: { app: 'x' }, spec: { hostname: 'h', subdomain: 's' } }));
  await kit.run();
  expect(await slices()).toHaveLength(1);
  expect((await slices())[0]).toMatchObject({
    metadata: { name: slice!.metadata.name },
    ports: [{ name: '', port: 80, protocol: 'TCP' }],
    endpoints: [
      {
        addresses: ['10.0.0.1'],
        conditions: { ready: true, serving: true, terminating: false },
        hostname: 'h',
        nodeName: 'n',
        targetRef: { kind: 'Pod', namespace: 'default', name: 'p', uid: 'uid-p' },
      },
    ],
  });
  await kit.client.delete(PODS, { namespace: 'default', name: 'p' }, { gracePeriodSeconds: 0 });
  await kit.run();
  const [{ ...emptied }] = (await slices()) as [EndpointSlice];
  expect(emptied).not.toHaveProperty('endpoints');
});

test('conditions of unready and terminating pods, published or not', async () => {
  kit = createKit();
  await kit.start(createEndpointSliceController);
  kit.client.seed(PODS, pod('unready', { ip: '10.0.0.1', ready: false, labels: { app: 'x' } }));
  kit.client.seed(PODS, pod('going', { ip: '10.0.0.2', labels: { app: 'x' }, metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }));
  kit.client.seed(SERVICES, service('s', { selector: { app: 'x' }, ports: [{ port: 80 }] }));
  await kit.run();
  const conditions = async () =>
    Object.fromEntries(
      (await slices()).flatMap(({ endpoints = [] }) => endpoints.map((endpoint) => [endpoint.targetRef?.name, endpoint.conditions])),
    );
  expect(await conditions()).toEqual({
    unready: { ready: false, serving: false, terminating: false },
    going: { ready: false, serving: true, terminating: true },
  });
  await kit.client.patch(SERVICES, { namespace: 'default', name: 's' }, 'merge', { spec: { publishNotReadyAddresses: true } });
  await kit.run();
  expect(await conditions()).toEqual({
    unready: { ready: true, serving: false, terminating: false },
    going: { ready: true, serving: true, terminating: true },
  });
});

test('a hundred endpoints a slice, and one write for one change', async () => {
  kit = createKit();
  for (let i = 0; i < 250; i++) kit.client.seed(PODS, pod(`p${i}`, { ip: `10.0.${i >> 7}.${i & 127}`, labels: { app: 'x' } }));
  kit.client.seed(SERVICES, service('s', { selector: { app: 'x' }, ports: [{ port: 80 }] }));
  await kit.start(createEndpointSliceController);
  await kit.run(1000);
  expect((await slices()).map((slice) => addresses(slice).length).sort()).toEqual([100, 100, 50]);
  const before = writes();
  const changed = pod('p7', { ip: '10.0.0.7', labels: { app: 'x' }, ready: false });
  await kit.client.update(
    PODS,
    { ...(await kit.client.get(PODS, { namespace: 'default', name: 'p7' })), status: changed.status },
    { subresource: 'status' },
  );
  await kit.run(1000);
  expect(writes()).toBe(before + 2);
  await kit.run(60_000);
  expect(writes()).toBe(before + 2);
  expect(new Set((await slices()).flatMap(addresses)).size).toBe(250);
});

test('restores what others delete or relabel', async () => {
  kit = createKit();
  kit.client.seed(PODS, pod('p', { ip: '10.0.0.1', labels: { app: 'x' } }));
  kit.client.seed(SERVICES, service('s', { selector: { app: 'x' }, ports: [{ port: 80 }] }));
  await kit.start(createEndpointSliceController);
  const [slice] = await slices();
  await kit.client.patch(ENDPOINT_SLICES, slice!.metadata, 'merge', { metadata: { labels: { stray: 'x' } } });
  await kit.run();
  expect((await slices())[0]!.metadata.labels).not.toHaveProperty('stray');
  await kit.client.delete(ENDPOINT_SLICES, slice!.metadata);
  await kit.run();
  expect((await slices()).map(addresses)).toEqual([['10.0.0.1']]);
});

describe('plan', () => {
  const endpoint = (name: string): Endpoint => ({ addresses: [name], conditions: { ready: true }, targetRef: { uid: name } });
  const group = (names: readonly string[]): Map<string, PortGroup> =>
    new Map([['', { ports: [], endpoints: new Map(names.map((name) => [name, endpoint(name)])) }]]);
  const slice = (name: string, names: readonly string[]): EndpointSlice =>
    ({ metadata: { name }, endpoints: names.map(endpoint) }) as unknown as EndpointSlice;
  const many = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${prefix}${i}`);

  test('fills the slice that is written anyway', () => {
    const plan = planSlices(group([...many('a', 49), 'new', ...many('b', 90)]), [slice('one', many('a', 50)), slice('two', many('b', 90))]);
    expect([
      plan.create.length,
      plan.remove.length,
      plan.update.map((update) => [update.slice.metadata.name, update.content.endpoints.length]),
    ]).toEqual([0, 0, [['one', 50]]]);
  });

  test('takes the fullest slice with room for all', () => {
    const plan = planSlices(group([...many('a', 50), ...many('b', 90), 'new']), [slice('one', many('a', 50)), slice('two', many('b', 90))]);
    expect(plan.update.map((update) => update.slice.metadata.name)).toEqual(['two']);
  });

  test('nothing to do, nothing planned', () => {
    expect(planSlices(group(['a']), [slice('one', ['a'])])).toEqual({ create: [], update: [], remove: [] });
    expect(planSlices(new Map(), [slice('one', [])])).toEqual({ create: [], update: [], remove: [] });
  });
});
