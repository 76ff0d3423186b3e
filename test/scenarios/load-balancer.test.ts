// A service asks for a load balancer, gets an address that nobody else has, and gives it back. What listens behind it is another story.
import { resources, startCluster, type Cluster } from '../../src/index.js';
import type { Service } from '../../openapi/types/core.v1.js';
import { until, untilGone } from '../support/until.js';

const { EVENTS, SERVICES } = resources;
let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster({ nodes: 0, components: ['apiserver', 'controllers'], loadBalancerPool: ['198.51.100.0/30'], freeze: true });
});
afterAll(() => cluster?.stop());

const key = (name: string): { namespace: string; name: string } => ({ namespace: 'default', name });
const addressIn = ({ status }: Service): string | undefined => status.loadBalancer?.ingress?.[0]?.ip;
const addressOf = async (name: string): Promise<string | undefined> =>
  addressIn(await until(cluster.client, SERVICES, key(name), (service) => addressIn(service) !== undefined));
const make = (name: string, spec: object = {}): Promise<unknown> =>
  cluster.client.create<Service>(SERVICES, { metadata: key(name), spec: { type: 'LoadBalancer', ports: [{ port: 80 }], ...spec } });
/** The message of the first event of this reason about this service, as soon as there is one. */
const told = (name: string, reason: string): Promise<string> =>
  new Promise((resolve) => {
    const watch = cluster.client.watch(
      EVENTS,
      { namespace: 'default' },
      {
        event: ({ object }) => {
          if (object.reason !== reason || object.involvedObject.name !== name) return;
          resolve(object.message ?? '');
          queueMicrotask(() => watch.stop());
        },
        end: () => undefined,
      },
    );
  });

it('has an address, a finalizer and events, until it is something else', async () => {
  const { client } = cluster;
  await make('web');
  await make('others', { loadBalancerClass: 'example.com/their-own' });
  expect(await addressOf('web')).toBe('198.51.100.1');
  const { metadata, status } = await client.get(SERVICES, key('web'));
  expect(metadata.finalizers).toEqual(['service.kubernetes.io/load-balancer-cleanup']);
  expect(status.loadBalancer).toEqual({ ingress: [{ ip: '198.51.100.1', ipMode: 'VIP' }] });

  await make('api');
  expect(await addressOf('api')).toBe('198.51.100.2');
  await make('late');
  expect(await told('late', 'SyncLoadBalancerFailed')).toBe(
    'Error syncing load balancer: failed to ensure load balancer: no free IPv4 address is left in the pool 198.51.100.0/30',
  );

  await client.patch(SERVICES, key('web'), 'merge', { spec: { type: 'ClusterIP' } });
  expect(await told('web', 'Type')).toBe('LoadBalancer -> ClusterIP');
  expect(await told('web', 'DeletedLoadBalancer')).toBe('Deleted load balancer');
  const web = await client.get(SERVICES, key('web'));
  expect([web.metadata.finalizers, web.status.loadBalancer]).toEqual([undefined, {}]);
  // Whoever waited has it now.
  expect(await addressOf('late')).toBe('198.51.100.1');

  await client.delete(SERVICES, key('api'));
  await untilGone(client, SERVICES, key('api'));
  expect(addressIn(await client.get(SERVICES, key('others')))).toBeUndefined();
  expect(
    (await client.list(EVENTS, { namespace: 'default' })).items.filter(({ involvedObject }) => involvedObject.name === 'others'),
  ).toEqual([]);
});
