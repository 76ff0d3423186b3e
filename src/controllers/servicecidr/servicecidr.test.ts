import { advanceUntil, startByHand, stopByHand } from '../../../test/support/manual-time.js';
import { isReason } from '../../apimachinery/errors/api-error.js';
import { SERVICE_CIDRS, SERVICES } from '../../client/resources.js';
import type { Cluster } from '../../index.js';

type Clock = Awaited<ReturnType<typeof startByHand>>['clock'];
let cluster: Cluster;
let clock: Clock;

beforeAll(async () => {
  ({ cluster, clock } = await startByHand({ components: ['apiserver', 'controllers'] }));
});

afterAll(() => stopByHand(cluster, clock));

const finalizer = 'networking.k8s.io/service-cidr-finalizer';

async function condition(name: string): Promise<string> {
  const { status } = await cluster.client.get(SERVICE_CIDRS, { name });
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  return ready === undefined ? '' : `${ready.status} ${ready.message}`;
}

const reads = (name: string, text: string) => async (): Promise<true | undefined> =>
  (await condition(name)).includes(text) ? true : undefined;

test('a range is made ready, and stays as long as services have addresses of it', async () => {
  const { client } = cluster;
  const name = 'more';
  await client.create(SERVICE_CIDRS, {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'ServiceCIDR',
    metadata: { name },
    spec: { cidrs: ['10.200.0.0/28'] },
  });
  await advanceUntil(clock, 5000, reads(name, 'True Kubernetes Service CIDR is ready'));
  expect((await client.get(SERVICE_CIDRS, { name })).metadata.finalizers).toEqual([finalizer]);
  const key = { namespace: 'default', name: 's' };
  await client.create(SERVICES, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: key,
    spec: { clusterIP: '10.200.0.5', ports: [{ port: 80 }] },
  });
  await client.delete(SERVICE_CIDRS, { name });
  await advanceUntil(clock, 5000, reads(name, 'False There are still IPAddresses'));
  await clock.advance(30_000);
  expect((await client.get(SERVICE_CIDRS, { name })).metadata.finalizers).toEqual([finalizer]);
  await client.delete(SERVICES, key);
  await advanceUntil(clock, 20_000, () =>
    client.get(SERVICE_CIDRS, { name }).then(
      () => undefined,
      (error: unknown) => isReason(error, 'NotFound') || undefined,
    ),
  );
});

test('the range of the cluster is kept too', async () => {
  await advanceUntil(clock, 5000, reads('kubernetes', 'ready'));
  expect((await cluster.client.get(SERVICE_CIDRS, { name: 'kubernetes' })).metadata.finalizers).toEqual([finalizer]);
});
