// A webhook that converts custom resources, behind a Service that leads to this machine.
import type { ResourceType } from '../../src/client/client.js';
import { SERVICES } from '../../src/client/resources.js';
import { startCluster, type Cluster, type KubeObject } from '../../src/index.js';
import { json, startExtensionServer, type ExtensionServer } from '../support/extension-server.js';
import { until } from '../support/until.js';

const group = 'convert.example.com';
const CRD: ResourceType<KubeObject & { readonly status?: { readonly conditions?: readonly { type: string; status: string }[] } }> = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  resource: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
  namespaced: false,
};
const lamps = (version: string): ResourceType => ({ group, version, resource: 'lamps', kind: 'Lamp', namespaced: true });

let cluster: Cluster;
let server: ExtensionServer;
const asked: string[] = [];

interface Review {
  readonly request: { readonly uid: string; readonly desiredAPIVersion: string; readonly objects: readonly KubeObject[] };
}

beforeAll(async () => {
  cluster = await startCluster({ components: ['apiserver'], freeze: true });
  server = await startExtensionServer(['converter.default'], (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      asked.push(request.url ?? '');
      const { uid, desiredAPIVersion, objects } = (JSON.parse(Buffer.concat(chunks).toString()) as Review).request;
      const convertedObjects = objects.map((object) => ({ ...object, apiVersion: desiredAPIVersion }));
      json(response, {
        kind: 'ConversionReview',
        apiVersion: 'apiextensions.k8s.io/v1',
        response: { uid, result: { status: 'Success' }, convertedObjects },
      });
    });
  });
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  const service = { namespace: 'default', name: 'converter', path: '/convert', port: server.port };
  await cluster.client.create(CRD, {
    metadata: { name: `lamps.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural: 'lamps', kind: 'Lamp' },
      versions: [
        { name: 'v1', served: true, storage: true, schema },
        { name: 'v2', served: true, storage: false, schema },
      ],
      conversion: {
        strategy: 'Webhook',
        webhook: { conversionReviewVersions: ['v1'], clientConfig: { service, caBundle: server.caBundle } },
      },
    },
  } as never);
  await until(cluster.client, CRD, { name: `lamps.${group}` }, ({ status }) =>
    (status?.conditions ?? []).some(({ type, status }) => type === 'Established' && status === 'True'),
  );
  await cluster.client.create(lamps('v1'), { metadata: { name: 'desk', namespace: 'default' } });
});

afterAll(async () => {
  await cluster.stop();
  await server.close();
});

test('says that there is no such service, and converts once there is', async () => {
  const key = { namespace: 'default', name: 'desk' };
  await expect(cluster.client.get(lamps('v2'), key)).rejects.toThrow(
    `conversion webhook for ${group}/v1, Kind=Lamp failed: Post "https://converter.default.svc:${server.port}/convert?timeout=30s": service "converter" not found`,
  );
  await cluster.client.create(SERVICES, {
    metadata: { name: 'converter', namespace: 'default' },
    spec: { type: 'ExternalName', externalName: 'localhost' },
  } as never);
  expect(await cluster.client.get(lamps('v2'), key)).toMatchObject({ apiVersion: `${group}/v2`, metadata: { name: 'desk' } });
  expect(asked).toEqual(['/convert?timeout=30s']);
});
