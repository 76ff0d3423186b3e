// Cluster addresses in a running API server: their objects, what failed writes leave behind, repair, and the server's own lease.
import { advanceUntil, startByHand, stopByHand } from '../../../test/support/manual-time.js';
import { resources, type Cluster } from '../../index.js';
import { isReason } from '../../apimachinery/errors/api-error.js';
import { IP_ADDRESSES, LEASES } from '../../client/resources.js';
import { allocatorName, ipAddressFor, managedBy } from './allocator.js';

const { SERVICES } = resources;
type Clock = Awaited<ReturnType<typeof startByHand>>['clock'];
let cluster: Cluster;
let clock: Clock;

beforeAll(async () => {
  ({ cluster, clock } = await startByHand({ components: ['apiserver'], freeze: true }));
});

afterAll(() => stopByHand(cluster, clock));

function service(name: string, spec: object = {}) {
  return {
    apiVersion: 'v1' as const,
    kind: 'Service' as const,
    metadata: { name, namespace: 'default' },
    spec: { ports: [{ port: 80 }], ...spec },
  };
}

const addresses = async (): Promise<readonly string[]> =>
  (await cluster.client.list(IP_ADDRESSES)).items.map(({ metadata }) => metadata.name);
const found = async (name: string): Promise<true | undefined> => ((await addresses()).includes(name) ? true : undefined);
const gone = async (name: string): Promise<true | undefined> => ((await addresses()).includes(name) ? undefined : true);

it('gives every service of many made at once an address of its own, with an object that names the service', async () => {
  const names = Array.from({ length: 40 }, (_, i) => `many-${i}`);
  const made = await Promise.all(names.map((name) => cluster.client.create(SERVICES, service(name))));
  const given = made.map(({ spec }) => spec?.clusterIP ?? '');
  expect(new Set(given).size).toBe(names.length);
  expect(await addresses()).toEqual(expect.arrayContaining(given));
  const object = await cluster.client.get(IP_ADDRESSES, { name: given[0]! });
  expect(object.metadata.labels).toEqual({ 'ipaddress.kubernetes.io/ip-family': 'IPv4', [managedBy]: allocatorName });
  expect(object.spec?.parentRef).toEqual({ resource: 'services', namespace: 'default', name: 'many-0' });
  await Promise.all(names.map((name) => cluster.client.delete(SERVICES, { namespace: 'default', name })));
  expect(await addresses()).toEqual(['10.96.0.1']);
});

it('leaves nothing taken behind creates that fail, whatever they fail of', async () => {
  const before = await addresses();
  await cluster.client.create(SERVICES, service('here', { type: 'NodePort', ports: [{ port: 80, nodePort: 30500 }] }));
  const wrong = [
    service('here', { clusterIP: '10.96.3.1' }),
    service('label', { clusterIP: '10.96.3.2', selector: { 'not a key': 'x' } }),
    service('port', { clusterIP: '10.96.3.3', type: 'NodePort', ports: [{ port: 80, nodePort: 30500 }] }),
    service('NAME', { clusterIP: '10.96.3.4' }),
    service('ports', {
      clusterIP: '10.96.3.5',
      type: 'NodePort',
      ports: [
        { port: 80, nodePort: 30501 },
        { port: 81, nodePort: 1 },
      ],
    }),
  ];
  for (const draft of wrong) await expect(cluster.client.create(SERVICES, draft)).rejects.toThrow();
  await cluster.client.create(SERVICES, service('dry', { type: 'NodePort', ports: [{ port: 80, nodePort: 30502 }] }), { dryRun: true });
  await cluster.client.delete(SERVICES, { namespace: 'default', name: 'here' });
  expect(await addresses()).toEqual(before);
  for (const [index, nodePort] of [30500, 30501, 30502].entries()) {
    await cluster.client.create(SERVICES, service(`free-${index}`, { type: 'NodePort', ports: [{ port: 80, nodePort }] }));
  }
});

it('gives a service back the object of its address, and deletes those that no service has', async () => {
  await cluster.client.create(SERVICES, service('robbed', { clusterIP: '10.96.7.7' }));
  await cluster.client.delete(IP_ADDRESSES, { name: '10.96.7.7' });
  await cluster.client.create(IP_ADDRESSES, ipAddressFor('10.96.7.8', { namespace: 'default', name: 'nobody' }));
  const { metadata, ...own } = ipAddressFor('10.96.7.9', { namespace: 'default', name: 'nobody' });
  await cluster.client.create(IP_ADDRESSES, { ...own, metadata: { name: metadata.name } });
  expect((await advanceUntil(clock, 40_000, () => found('10.96.7.7'))).took).toBeLessThanOrEqual(30_000);
  expect((await advanceUntil(clock, 120_000, () => gone('10.96.7.8'))).took).toBeGreaterThan(20_000);
  expect(await found('10.96.7.9')).toBe(true);
});

it('renews the identity lease every ten seconds, and makes it again when it is deleted', async () => {
  const [lease] = (await cluster.client.list(LEASES, { namespace: 'kube-system' })).items;
  const key = { namespace: 'kube-system', name: lease!.metadata.name };
  const renewed = async (): Promise<string | undefined> => {
    const now = await cluster.client.get(LEASES, key).catch((error: unknown) => {
      if (isReason(error, 'NotFound')) return undefined;
      throw error;
    });
    return now?.spec?.renewTime !== lease!.spec?.renewTime ? now?.spec?.renewTime : undefined;
  };
  expect((await advanceUntil(clock, 11_000, renewed)).took).toBeLessThanOrEqual(10_000);
  await cluster.client.delete(LEASES, key);
  expect(await renewed()).toBeUndefined();
  const { value } = await advanceUntil(clock, 11_000, renewed);
  expect(value).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
});
