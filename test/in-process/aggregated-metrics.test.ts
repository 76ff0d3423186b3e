// metrics.k8s.io as a cluster with metrics-server has it: behind an API service that may be deleted, replaced, or broken.
import type { APIService } from '../../openapi/types/apiregistration.v1.js';
import type { KubeObject } from '../../src/index.js';
import type { ResourceType } from '../../src/client/client.js';
import { API_SERVICES, NAMESPACES, SERVICES } from '../../src/client/resources.js';
import { startCluster, type Cluster } from '../../src/index.js';
import { json, register, resourceList, startExtensionServer, type ExtensionServer } from '../support/extension-server.js';
import { until, untilGone } from '../support/until.js';

const group = 'metrics.k8s.io';
const version = 'v1beta1';
const name = `${version}.${group}`;
const NODE_METRICS: ResourceType<KubeObject & { readonly usage?: unknown }> = {
  group,
  version,
  resource: 'nodes',
  kind: 'NodeMetrics',
  namespaced: false,
};
const reasonOf = ({ status }: APIService): string | undefined => status?.conditions?.find(({ type }) => type === 'Available')?.reason;

let cluster: Cluster;
let server: ExtensionServer;

beforeAll(async () => {
  cluster = await startCluster({ nodes: 1, freeze: true });
  server = await startExtensionServer(['extension.default'], (request, response) => {
    if (request.url === `/apis/${group}/${version}`)
      json(response, resourceList(group, version, [{ name: 'nodes', kind: 'NodeMetrics', namespaced: false }]));
    else if (request.url === `/apis/${group}/${version}/nodes`)
      json(response, {
        kind: 'NodeMetricsList',
        apiVersion: `${group}/${version}`,
        metadata: {},
        items: [{ metadata: { name: 'theirs' } }],
      });
    else json(response, {}, 404);
  });
});

afterAll(async () => {
  await cluster.stop();
  await server.close();
});

const nodes = async (): Promise<readonly string[]> => (await cluster.client.list(NODE_METRICS)).items.map(({ metadata }) => metadata.name);

test('is there from the start, looks like metrics-server, and goes when it is deleted', async () => {
  const service = await until(cluster.client, API_SERVICES, { name }, (one) => reasonOf(one) === 'Passed');
  expect(service.spec).toEqual({
    group,
    version,
    groupPriorityMinimum: 100,
    versionPriority: 100,
    insecureSkipTLSVerify: true,
    service: { namespace: 'kube-system', name: 'metrics-server', port: 443 },
  });
  expect((await cluster.client.get(SERVICES, { namespace: 'kube-system', name: 'metrics-server' })).spec?.ports?.[0]?.port).toBe(443);
  expect(await nodes()).toEqual(['node-0']);
  await cluster.client.delete(API_SERVICES, { name });
  await expect(nodes()).rejects.toThrow('not found');
  const { uid: _uid, resourceVersion: _version, creationTimestamp: _time, managedFields: _fields, ...metadata } = service.metadata;
  await cluster.client.create(API_SERVICES, { metadata, spec: service.spec });
  expect(await nodes()).toEqual(['node-0']);
});

test("is somebody else's when they replace it", async () => {
  await cluster.client.delete(API_SERVICES, { name });
  await register(cluster.client, server, { group, version });
  await until(cluster.client, API_SERVICES, { name }, (one) => reasonOf(one) === 'Passed');
  expect(await nodes()).toEqual(['theirs']);
});

test('while it is down, a namespace that is deleted waits and says why', async () => {
  await cluster.client.patch(API_SERVICES, { name }, 'merge', { spec: { service: { name: 'nobody' } } });
  await until(cluster.client, API_SERVICES, { name }, (one) => reasonOf(one) === 'ServiceNotFound');
  await cluster.client.create(NAMESPACES, { metadata: { name: 'waits' } });
  await cluster.client.delete(NAMESPACES, { name: 'waits' });
  const told = await until(cluster.client, NAMESPACES, { name: 'waits' }, ({ status }) =>
    (status.conditions ?? []).some(({ type, status }) => type === 'NamespaceDeletionDiscoveryFailure' && status === 'True'),
  );
  expect(told.status.conditions?.[0]).toMatchObject({
    reason: 'DiscoveryFailed',
    message: `Discovery failed for some groups, 1 failing: unable to retrieve the complete list of server APIs: ${group}/${version}: stale GroupVersion discovery: ${group}/${version}`,
  });
  await cluster.client.delete(API_SERVICES, { name });
  await untilGone(cluster.client, NAMESPACES, { name: 'waits' });
});
