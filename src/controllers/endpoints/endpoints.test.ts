import type { Endpoints } from '../../../openapi/types/core.v1.js';
import { ENDPOINTS, PODS, SERVICES } from '../../client/resources.js';
import { createKit, type Kit } from '../testing/kit.js';
import { pod, service } from '../testing/objects.js';
import { createEndpointsController } from './index.js';
import { subsetsOf } from './subsets.js';

let kit: Kit;
afterEach(() => kit?.stop());

const web = { name: 'http', port: 80, targetPort: 'web', protocol: 'TCP' };
const metrics = { name: 'm', port: 81, targetPort: 9000, protocol: 'TCP', appProtocol: 'grpc' };
const withPort = (containerPort: number) => ({
  spec: { containers: [{ name: 'c', image: 'i', ports: [{ name: 'web', containerPort, protocol: 'TCP' }] }] },
});
const ref = (name: string) => ({ kind: 'Pod', namespace: 'default', name, uid: `uid-${name}` });
const get = (name: string): Promise<Endpoints> => kit.client.get(ENDPOINTS, { namespace: 'default', name });

test('ports that lead to other numbers in other pods are in subsets of their own', () => {
  const pods = [
    pod('p1', { ip: '10.0.0.8', ...withPort(8080) }),
    pod('p2', { ip: '10.0.0.15', ...withPort(8081) }),
    pod('p3', { ip: '10.0.0.17', ready: false }),
  ];
  const { subsets } = subsetsOf(service('s', { selector: {}, ports: [web, metrics] }), pods);
  const p1 = { ip: '10.0.0.8', targetRef: ref('p1') };
  const p2 = { ip: '10.0.0.15', targetRef: ref('p2') };
  expect(subsets).toEqual(
    expect.arrayContaining([
      { addresses: [p1], ports: [{ name: 'http', port: 8080, protocol: 'TCP' }] },
      { addresses: [p2], ports: [{ name: 'http', port: 8081, protocol: 'TCP' }] },
      {
        addresses: [p2, p1],
        notReadyAddresses: [{ ip: '10.0.0.17', targetRef: ref('p3') }],
        ports: [{ name: 'm', port: 9000, protocol: 'TCP', appProtocol: 'grpc' }],
      },
    ]),
  );
  expect(subsets).toHaveLength(3);
});

test('deleted and finished pods are left out, unready ones published on demand', () => {
  const deleted = pod('deleted', { ip: '10.0.0.1', metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } });
  const finished = pod('finished', { ip: '10.0.0.2', status: { phase: 'Failed' } });
  const unready = pod('unready', { ip: '10.0.0.3', ready: false });
  const pods = [deleted, finished, unready, pod('no-address')];
  const ips = (publishNotReadyAddresses: boolean) =>
    subsetsOf(service('s', { ports: [{ port: 80 }], publishNotReadyAddresses }), pods).subsets.map(({ addresses, notReadyAddresses }) => [
      addresses?.map(({ ip }) => ip),
      notReadyAddresses?.map(({ ip }) => ip),
    ]);
  expect(ips(false)).toEqual([[undefined, ['10.0.0.3']]]);
  expect(ips(true)).toEqual([[['10.0.0.1', '10.0.0.3'], undefined]]);
});

test('a headless service has host names, and addresses without ports', () => {
  const named = pod('p', { ip: '10.0.0.1', spec: { hostname: 'h', subdomain: 's' } });
  expect(subsetsOf(service('s', { clusterIP: 'None' }), [named]).subsets).toEqual([
    { addresses: [{ ip: '10.0.0.1', hostname: 'h', targetRef: ref('p') }] },
  ]);
});

test('holds a thousand addresses, ready ones first', () => {
  const pods = Array.from({ length: 1100 }, (_, i) => pod(`p${i}`, { ip: `10.0.${i >> 8}.${i & 255}`, ready: i >= 200 }));
  const { subsets, truncated } = subsetsOf(service('s', { ports: [{ port: 80 }] }), pods);
  expect(truncated).toBe(true);
  expect([subsets[0]!.addresses?.length, subsets[0]!.notReadyAddresses?.length]).toEqual([900, 100]);
});

test('follows its service and pods, and goes with the service', async () => {
  kit = createKit();
  await kit.start(createEndpointsController);
  kit.client.seed(SERVICES, service('s', { selector: { app: 'x' }, ports: [{ port: 80 }] }, { labels: { team: 'a' } }));
  kit.client.seed(SERVICES, service('manual', { ports: [{ port: 80 }] }));
  await kit.run();
  expect((await get('s')).metadata).toMatchObject({
    labels: { team: 'a', 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' },
    annotations: { 'endpoints.kubernetes.io/last-change-trigger-time': '2026-01-01T00:00:00Z' },
  });
  await expect(get('manual')).rejects.toThrow('not found');
  kit.client.seed(PODS, pod('p', { ip: '10.0.0.1', node: 'n', labels: { app: 'x' } }));
  kit.client.seed(PODS, pod('other', { ip: '10.0.0.2', labels: { app: 'y' } }));
  await kit.run();
  expect((await get('s')).subsets).toEqual([
    { addresses: [{ ip: '10.0.0.1', nodeName: 'n', targetRef: ref('p') }], ports: [{ port: 80, protocol: 'TCP' }] },
  ]);
  await kit.client.patch(PODS, { namespace: 'default', name: 'p' }, 'merge', { metadata: { labels: { app: 'z' } } });
  await kit.run();
  expect(await get('s')).not.toHaveProperty('subsets');
  const writes = kit.client.requests.length;
  await kit.run(60_000);
  expect(kit.client.requests.length).toBe(writes);
  await kit.client.delete(SERVICES, { namespace: 'default', name: 's' });
  await kit.run();
  await expect(get('s')).rejects.toThrow('not found');
});
