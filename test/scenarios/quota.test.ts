// A team gets a namespace with a quota and defaults for what its pods ask for.
import type { Client } from '../../src/index.js';
import { resources, startCluster, type Cluster } from '../../src/index.js';
import { until, untilList } from '../support/until.js';
import { createDeployment, createNamespace, rolledOut } from '../support/workloads.js';

const { CONFIG_MAPS, DEPLOYMENTS, EVENTS, LIMIT_RANGES, PODS, RESOURCE_QUOTAS } = resources;
let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster({ nodes: 2, freeze: true });
});

afterAll(() => cluster.stop());

async function createQuota(client: Client, namespace: string, hard: Record<string, string>): Promise<void> {
  await client.create(RESOURCE_QUOTAS, { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'team', namespace }, spec: { hard } });
  await until(client, RESOURCE_QUOTAS, { namespace, name: 'team' }, (quota) => quota?.status?.used !== undefined);
}

it('a deployment grows as far as the quota lets it, and says why not further', async () => {
  const { client } = cluster;
  const namespace = await createNamespace(client, 'quota-pods');
  await createQuota(client, namespace, { pods: '3', 'requests.cpu': '1', 'limits.memory': '1Gi' });
  const limits = [
    { type: 'Container', default: { cpu: '200m', memory: '128Mi' }, defaultRequest: { cpu: '100m', memory: '64Mi' } },
  ] as const;
  await client.create(LIMIT_RANGES, { apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'defaults', namespace }, spec: { limits } });

  await createDeployment(client, namespace, 'web', { replicas: 5 });
  const pods = await untilList(
    client,
    PODS,
    { namespace },
    (all) => all.length === 3 && all.every(({ status }) => status?.phase === 'Running'),
  );
  for (const { spec, metadata } of pods) {
    expect(spec.containers[0]?.resources).toEqual({ requests: { cpu: '100m', memory: '64Mi' }, limits: { cpu: '200m', memory: '128Mi' } });
    expect(metadata.annotations?.['kubernetes.io/limit-ranger']).toBe(
      'LimitRanger plugin set: cpu, memory request for container main; cpu, memory limit for container main',
    );
  }
  const quota = await until(client, RESOURCE_QUOTAS, { namespace, name: 'team' }, (one) => one?.status?.used?.['pods'] === '3');
  expect(quota?.status?.used).toEqual({ pods: '3', 'requests.cpu': '300m', 'limits.memory': '384Mi' });
  const events = await untilList(client, EVENTS, { namespace }, (all) => all.some(({ reason }) => reason === 'FailedCreate'));
  expect(events.find(({ reason }) => reason === 'FailedCreate')?.message).toMatch(
    /^Error creating: pods "web-.*" is forbidden: exceeded quota: team, requested: pods=1, used: pods=3, limited: pods=3$/,
  );

  // What goes makes room, and what is used follows.
  await client.patch(DEPLOYMENTS, { namespace, name: 'web' }, 'merge', { spec: { replicas: 1 } });
  await rolledOut(client, namespace, 'web');
  await until(client, RESOURCE_QUOTAS, { namespace, name: 'team' }, (one) => one?.status?.used?.['pods'] === '1');
});

it('of many creates at once, exactly as many succeed as there is room for', async () => {
  const { client } = cluster;
  const namespace = await createNamespace(client, 'quota-race');
  await untilList(client, CONFIG_MAPS, { namespace }, (all) => all.length === 1);
  await createQuota(client, namespace, { configmaps: '21' });
  const draft = (index: number) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `c-${index}`, namespace } });
  const results = await Promise.allSettled(Array.from({ length: 100 }, (_, index) => client.create(CONFIG_MAPS, draft(index))));
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(20);
  expect((await client.list(CONFIG_MAPS, { namespace })).items).toHaveLength(21);
  const { status } = await client.get(RESOURCE_QUOTAS, { namespace, name: 'team' });
  expect(status?.used).toEqual({ configmaps: '21' });
});
