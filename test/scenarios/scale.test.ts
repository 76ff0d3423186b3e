// Two hundred pods on ten nodes, and down to none again.
import { resources, startCluster, type Cluster } from '../../src/index.js';
import { untilList } from '../support/until.js';
import { createDeployment, createNamespace, rolledOut } from '../support/workloads.js';

const { DEPLOYMENTS, PODS } = resources;
const namespace = 'scale';
let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster({ nodes: 10 });
  await createNamespace(cluster.client, namespace);
});

afterAll(() => cluster.stop());

it('all run, spread over the nodes, each with an address of its own from its node', async () => {
  const { client } = cluster;
  await createDeployment(client, namespace, 'many', { replicas: 0 });
  await client.patch(DEPLOYMENTS, { namespace, name: 'many' }, 'merge', { spec: { replicas: 200 } });
  await rolledOut(client, namespace, 'many');
  const { items } = await client.list(PODS, { namespace });
  expect(items).toHaveLength(200);
  expect(new Set(items.map(({ status }) => status?.podIP)).size).toBe(200);
  const perNode = new Map<string, string[]>();
  for (const { spec, status } of items) perNode.set(spec.nodeName!, [...(perNode.get(spec.nodeName!) ?? []), status.podIP!]);
  expect([...perNode.keys()].sort()).toEqual([...cluster.nodes].sort());
  for (const addresses of perNode.values()) {
    expect(addresses.length).toBeGreaterThanOrEqual(15);
    expect(addresses.length).toBeLessThanOrEqual(25);
    expect(new Set(addresses.map((address) => address.replace(/\.\d+$/, ''))).size).toBe(1);
  }

  await client.patch(DEPLOYMENTS, { namespace, name: 'many' }, 'merge', { spec: { replicas: 0 } });
  await untilList(client, PODS, { namespace }, (pods) => pods.length === 0);
});
