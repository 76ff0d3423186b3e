import type { EndpointSlice } from '../../../openapi/types/discovery.v1.js';
import { ENDPOINT_SLICES, ENDPOINTS, SERVICES } from '../../client/resources.js';
import { createKit, type Kit } from '../testing/kit.js';
import { service } from '../testing/objects.js';
import { createEndpointSliceMirroringController } from './index.js';

let kit: Kit;
afterEach(() => kit?.stop());

const endpoints = (subsets: readonly object[], metadata: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'Endpoints',
  metadata: { name: 'ext', namespace: 'default', ...metadata },
  subsets,
});
const key = { namespace: 'default', name: 'ext' };
const slices = async (): Promise<readonly EndpointSlice[]> => (await kit.client.list(ENDPOINT_SLICES)).items;
const shown = async (): Promise<string[]> =>
  (await slices()).map(
    ({ addressType, endpoints: list, ports }) =>
      `${addressType} ${(ports ?? []).map(({ name, port }) => `${name}:${port}`).join()} ${(list ?? [])
        .map(({ addresses, conditions }) => `${addresses[0]}${conditions?.ready === true ? '' : '!'}`)
        .join()}`,
  );

test('mirrors by family and ports, with labels, annotations and owner', async () => {
  kit = createKit();
  kit.client.seed(SERVICES, service('ext', { ports: [{ port: 80 }] }));
  const object = kit.client.seed(
    ENDPOINTS,
    endpoints(
      [
        {
          addresses: [{ ip: '192.0.2.1', hostname: 'h1', nodeName: 'n1' }, { ip: '2001:db8::1' }],
          notReadyAddresses: [{ ip: '192.0.2.3' }],
          ports: [{ name: 'http', port: 8080, appProtocol: 'http' }],
        },
        { addresses: [{ ip: '192.0.2.9' }], ports: [{ name: 'http', port: 9090 }] },
      ],
      {
        labels: { my: 'label' },
        annotations: {
          note: 'hi',
          'kubectl.kubernetes.io/last-applied-configuration': '{}',
          'endpoints.kubernetes.io/last-change-trigger-time': 'x',
        },
      },
    ),
  );
  await kit.start(createEndpointSliceMirroringController);
  expect(await shown()).toEqual(['IPv4 http:8080 192.0.2.1,192.0.2.3!', 'IPv6 http:8080 2001:db8::1', 'IPv4 http:9090 192.0.2.9']);
  const [first] = await slices();
  expect(first).toMatchObject({
    metadata: {
      generateName: 'ext-',
      annotations: { note: 'hi' },
      labels: {
        'endpointslice.kubernetes.io/managed-by': 'endpointslicemirroring-controller.k8s.io',
        'kubernetes.io/service-name': 'ext',
        my: 'label',
      },
      ownerReferences: [
        { apiVersion: 'v1', kind: 'Endpoints', name: 'ext', uid: object.metadata.uid, controller: true, blockOwnerDeletion: true },
      ],
    },
    endpoints: [{ addresses: ['192.0.2.1'], conditions: { ready: true }, hostname: 'h1', nodeName: 'n1' }, {}],
    ports: [{ name: 'http', port: 8080, protocol: 'TCP', appProtocol: 'http' }],
  });

  const writes = kit.client.requests.length;
  await kit.run(60_000);
  expect(kit.client.requests).toHaveLength(writes);
  await kit.client.update(
    ENDPOINTS,
    endpoints([{ addresses: [{ ip: '192.0.2.5' }], ports: [{ name: 'http', port: 8080, appProtocol: 'http' }] }]),
  );
  await kit.run();
  expect(await shown()).toEqual(['IPv4 http:8080 192.0.2.5']);
  expect((await slices())[0]?.metadata).toMatchObject({ name: first?.metadata.name, labels: expect.not.objectContaining({ my: 'label' }) });
});

test.each([
  ['a label says so', { labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } }, {}],
  ['it is a lock', { annotations: { 'control-plane.alpha.kubernetes.io/leader': '{}' } }, {}],
  ['the service selects pods', {}, { selector: { a: 'b' } }],
])('mirrors nothing when %s', async (_why, metadata, spec) => {
  kit = createKit();
  kit.client.seed(SERVICES, service('ext', spec));
  const subsets = [{ addresses: [{ ip: '192.0.2.1' }], ports: [{ port: 1 }] }];
  kit.client.seed(ENDPOINTS, endpoints(subsets, metadata));
  await kit.start(createEndpointSliceMirroringController);
  expect(await slices()).toEqual([]);
  kit.client.seed(SERVICES, service('ext', {}));
  kit.client.seed(ENDPOINTS, endpoints(subsets));
  await kit.run();
  expect(await slices()).toHaveLength(1);
  await kit.client.delete(SERVICES, key);
  await kit.run();
  expect(await slices()).toEqual([]);
});

test('tells once of addresses beyond a thousand', async () => {
  kit = createKit();
  kit.client.seed(SERVICES, service('ext', {}));
  const addresses = Array.from({ length: 1005 }, (_, index) => ({ ip: `10.9.${Math.floor(index / 250)}.${(index % 250) + 1}` }));
  kit.client.seed(ENDPOINTS, endpoints([{ addresses, ports: [{ port: 1 }] }]));
  await kit.start(createEndpointSliceMirroringController);
  await kit.run(60_000);
  expect((await slices()).map(({ endpoints: list }) => list?.length)).toEqual([1000]);
  expect(await kit.events()).toEqual([
    'TooManyAddressesToMirror: A max of 1000 addresses can be mirrored to EndpointSlices per Endpoints subset. 5 addresses were skipped',
  ]);
});
