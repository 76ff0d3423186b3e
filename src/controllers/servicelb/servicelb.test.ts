import type { Service } from '../../../openapi/types/core.v1.js';
import { SERVICES } from '../../client/resources.js';
import { createKit, type Kit } from '../testing/kit.js';
import { service } from '../testing/objects.js';
import { createAddressPool } from './address-pool.js';
import { createServiceLbController } from './index.js';

let kit: Kit;
afterEach(() => kit?.stop());

const balanced = (name: string, spec: Readonly<Record<string, unknown>> = {}, metadata: Readonly<Record<string, unknown>> = {}): Service =>
  service(name, { type: 'LoadBalancer', ...spec }, metadata);
const get = (name: string): Promise<Service> => kit.client.get(SERVICES, { namespace: 'default', name });
const addresses = async (name: string): Promise<unknown> => (await get(name)).status.loadBalancer?.ingress?.map(({ ip }) => ip);
const finalizer = 'service.kubernetes.io/load-balancer-cleanup';

test('gives an address, in the order of a real cloud, and takes it back', async () => {
  kit = createKit();
  await kit.start(createServiceLbController);
  kit.client.seed(SERVICES, balanced('web'));
  kit.client.seed(SERVICES, service('plain', {}));
  kit.client.seed(SERVICES, balanced('other', { loadBalancerClass: 'example.com/lb' }));
  await kit.run();
  const web = await get('web');
  expect(web.status.loadBalancer).toEqual({ ingress: [{ ip: '203.0.113.1', ipMode: 'VIP' }] });
  expect(web.metadata.finalizers).toEqual([finalizer]);
  expect(await addresses('other')).toBeUndefined();
  expect(await kit.events()).toEqual(['EnsuringLoadBalancer: Ensuring load balancer', 'EnsuredLoadBalancer: Ensured load balancer']);

  await kit.client.patch(SERVICES, { namespace: 'default', name: 'web' }, 'merge', { spec: { type: 'ClusterIP' } });
  await kit.run();
  expect((await get('web')).metadata.finalizers ?? []).toEqual([]);
  expect(await addresses('web')).toBeUndefined();
  expect((await kit.events()).slice(2)).toEqual([
    'Type: LoadBalancer -> ClusterIP',
    'DeletingLoadBalancer: Deleting load balancer',
    'DeletedLoadBalancer: Deleted load balancer',
  ]);
  kit.client.seed(SERVICES, balanced('next'));
  await kit.run();
  expect(await addresses('next')).toEqual(['203.0.113.1']);
});

test('a deleted service goes when its address is given back', async () => {
  kit = createKit();
  await kit.start(createServiceLbController);
  kit.client.seed(SERVICES, balanced('web', { ipFamilies: ['IPv4', 'IPv6'] }));
  await kit.run();
  expect(await addresses('web')).toEqual(['203.0.113.1', '2001:db8::1']);
  await kit.client.delete(SERVICES, { namespace: 'default', name: 'web' });
  await kit.run();
  expect((await kit.client.list(SERVICES)).items).toEqual([]);
});

test('keeps what services had before it ran, and what they ask for', async () => {
  kit = createKit();
  kit.client.seed(SERVICES, {
    ...balanced('old', {}, { finalizers: [finalizer] }),
    status: { loadBalancer: { ingress: [{ ip: '203.0.113.1', ipMode: 'VIP' }] } },
  });
  kit.client.seed(SERVICES, balanced('new', {}));
  await kit.start(createServiceLbController);
  await kit.run();
  expect([await addresses('old'), await addresses('new')]).toEqual([['203.0.113.1'], ['203.0.113.2']]);
  kit.client.seed(SERVICES, balanced('more'));
  kit.client.seed(SERVICES, balanced('asking', { loadBalancerIP: '192.0.2.1' }));
  await kit.run();
  expect(await addresses('more')).toBeUndefined();
  expect(await kit.events()).toEqual(
    expect.arrayContaining([
      'SyncLoadBalancerFailed: Error syncing load balancer: failed to ensure load balancer: no free IPv4 address is left in the pool 203.0.113.0/30, 2001:db8::/126',
      'SyncLoadBalancerFailed: Error syncing load balancer: failed to ensure load balancer: the address 192.0.2.1 is not in the pool 203.0.113.0/30, 2001:db8::/126',
    ]),
  );
  await kit.client.delete(SERVICES, { namespace: 'default', name: 'old' });
  await kit.run(600_000);
  expect(await addresses('more')).toEqual(['203.0.113.1']);
});

test('a pool gives out each address once, whatever it is asked', () => {
  const pool = createAddressPool(['198.51.100.7/32', '203.0.113.0/30']);
  expect([pool.take('a', 'IPv4'), pool.take('a', 'IPv4'), pool.take('b', 'IPv4')]).toEqual(['198.51.100.7', '198.51.100.7', '203.0.113.1']);
  expect(() => pool.take('c', 'IPv4', '203.0.113.1')).toThrow('belongs to another service');
  expect(() => pool.take('c', 'IPv4', 'x')).toThrow('is not in the pool');
  expect(() => pool.take('c', 'IPv6')).toThrow('no free IPv6 address');
  expect(() => createAddressPool(['10.0.0.1'])).toThrow('"10.0.0.1" is no CIDR');
});
