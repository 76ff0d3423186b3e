// Autoscalers on metrics that another server measures: custom ones of pods, and external ones of a queue. That server runs in this test.
import { realClock, resources, scaledClock, startCluster, type Client, type Cluster } from '../../src/index.js';
import { json, register, resourceList, startExtensionServer, type ExtensionServer } from '../support/extension-server.js';
import { until } from '../support/until.js';

const { API_SERVICES, DEPLOYMENTS, HORIZONTAL_POD_AUTOSCALERS, PODS } = resources;
const namespace = 'default';
const custom = { group: 'custom.metrics.k8s.io', version: 'v1beta2' };
const older = { ...custom, version: 'v1beta1' };
const external = { group: 'external.metrics.k8s.io', version: 'v1beta1' };

// Autoscalers look every 15 seconds: half a second here.
const clock = scaledClock(realClock(), 30);

let cluster: Cluster;
let client: Client;
let server: ExtensionServer;
/** Requests per second to all pods together, and messages in the queue. */
const load = { requests: 10, queue: 0 };

beforeAll(async () => {
  cluster = await startCluster({ nodes: 2, clock, freeze: true });
  ({ client } = cluster);
  server = await startExtensionServer(['adapter.default'], (request, response) => {
    const { pathname, searchParams } = new URL(
      (request.url ?? '').replace(`${older.group}/${older.version}`, `${custom.group}/${custom.version}`),
      'https://adapter',
    );
    const timestamp = new Date(clock.now()).toISOString();
    if (pathname === `/apis/${custom.group}/${custom.version}`)
      return json(
        response,
        resourceList(custom.group, custom.version, [{ name: 'pods/requests', kind: 'MetricValueList', verbs: ['get'] }]),
      );
    if (pathname === `/apis/${external.group}/${external.version}`)
      return json(
        response,
        resourceList(external.group, external.version, [{ name: 'queue', kind: 'ExternalMetricValueList', verbs: ['get'] }]),
      );
    if (pathname === `/apis/${custom.group}/${custom.version}/namespaces/${namespace}/pods/*/requests`) {
      expect(searchParams.get('labelSelector')).toBe('app=web');
      expect(searchParams.get('metricLabelSelector')).toBe('verb=GET');
      void client.list(PODS, { namespace, labelSelector: 'app=web' }).then(({ items }) =>
        json(response, {
          kind: 'MetricValueList',
          apiVersion: `${custom.group}/${custom.version}`,
          metadata: {},
          items: items.map(({ metadata: { name } }) => ({
            describedObject: { kind: 'Pod', namespace, name, apiVersion: 'v1' },
            metric: { name: 'requests' },
            timestamp,
            value: `${Math.round((load.requests * 1000) / items.length)}m`,
          })),
        }),
      );
      return;
    }
    if (pathname === `/apis/${external.group}/${external.version}/namespaces/${namespace}/queue`)
      return json(response, {
        kind: 'ExternalMetricValueList',
        apiVersion: `${external.group}/${external.version}`,
        metadata: {},
        items: [{ metricName: 'queue', metricLabels: {}, timestamp, value: String(load.queue) }],
      });
    json(response, {}, 404);
  });
});

afterAll(async () => {
  await cluster.stop();
  await server.close();
});

async function create(name: string, metrics: readonly unknown[]): Promise<void> {
  const labels = { app: name };
  await client.create(DEPLOYMENTS, {
    metadata: { name, namespace },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'nginx' }] } },
    },
  });
  const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name };
  await client.create(HORIZONTAL_POD_AUTOSCALERS, {
    metadata: { name, namespace },
    spec: { scaleTargetRef, minReplicas: 1, maxReplicas: 8, metrics },
  } as never);
}

const replicas = async (name: string, wanted: number): Promise<void> => {
  await until(client, DEPLOYMENTS, { namespace, name }, ({ spec }) => spec?.replicas === wanted);
};

it('follows custom metrics of pods and external ones, once their server is there', async () => {
  const perPod = {
    metric: { name: 'requests', selector: { matchLabels: { verb: 'GET' } } },
    target: { type: 'AverageValue', averageValue: '10' },
  };
  await create('web', [{ type: 'Pods', pods: perPod }]);
  const queue = { metric: { name: 'queue' }, target: { type: 'AverageValue', averageValue: '5' } };
  await create('worker', [{ type: 'External', external: queue }]);
  const said = (name: string, text: string): Promise<unknown> =>
    until(client, HORIZONTAL_POD_AUTOSCALERS, { namespace, name }, ({ status }) =>
      (status?.conditions ?? []).some(({ message }) => message?.includes(text) === true),
    );
  await said('web', 'no custom metrics API (custom.metrics.k8s.io) registered');

  for (const { group, version } of [custom, external]) {
    await register(client, server, { group, version, service: 'adapter' });
    await until(client, API_SERVICES, { name: `${version}.${group}` }, ({ status }) => status?.conditions?.[0]?.status === 'True');
  }
  await said('web', 'the HPA was able to successfully calculate a replica count');
  expect(
    server.requests.some(({ headers }) => headers['x-remote-user'] === 'system:serviceaccount:kube-system:horizontal-pod-autoscaler'),
  ).toBe(true);
  load.requests = 20;
  await replicas('web', 2);
  load.queue = 17;
  await replicas('worker', 4);

  // An adapter that has the older version alone.
  await client.delete(API_SERVICES, { name: `${custom.version}.${custom.group}` });
  await register(client, server, { ...older, service: 'adapter' });
  load.requests = 60;
  await replicas('web', 6);
});
