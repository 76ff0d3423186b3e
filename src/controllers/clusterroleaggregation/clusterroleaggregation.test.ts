import { CLUSTER_ROLES } from '../../client/resources.js';
import { createKit, type Kit } from '../testing/kit.js';
import { createClusterRoleAggregationController } from './index.js';

let kit: Kit;
afterEach(() => kit?.stop());

const rule = (resource: string): object => ({ apiGroups: [''], resources: [resource], verbs: ['get'] });
const role = (name: string, labels: object, ...resources: string[]): object => ({
  metadata: { name, labels },
  rules: resources.map(rule),
});
const gathered = async (name: string): Promise<unknown> =>
  ((await kit.client.get(CLUSTER_ROLES, { name })).rules ?? []).map(({ resources }) => resources?.[0]);

test('gathers rules selector by selector, by name, each once, and through other aggregated roles', async () => {
  kit = createKit();
  const selects = (...keys: string[]): object => ({ clusterRoleSelectors: keys.map((key) => ({ matchLabels: { [key]: 'true' } })) });
  kit.client.seed(CLUSTER_ROLES, { metadata: { name: 'edit', labels: { admin: 'true' } }, aggregationRule: selects('z', 'a'), rules: [] });
  kit.client.seed(CLUSTER_ROLES, { metadata: { name: 'admin', labels: {} }, aggregationRule: selects('admin'), rules: [rule('mine')] });
  kit.client.seed(CLUSTER_ROLES, role('c', { a: 'true' }, 'pods', 'secrets'));
  kit.client.seed(CLUSTER_ROLES, role('b', { a: 'true' }, 'nodes', 'pods'));
  kit.client.seed(CLUSTER_ROLES, role('x', { z: 'true' }, 'events'));
  kit.client.seed(CLUSTER_ROLES, role('other', { q: 'true' }, 'leases'));
  await kit.start(createClusterRoleAggregationController);
  await kit.run();
  expect(await gathered('edit')).toEqual(['events', 'nodes', 'pods', 'secrets']);
  expect(await gathered('admin')).toEqual(['events', 'nodes', 'pods', 'secrets']);
  const patches = kit.client.requests.filter(({ verb }) => verb === 'patch');
  expect(patches[0]?.body).toMatchObject({ kind: 'ClusterRole', metadata: { name: expect.any(String) } });

  const writes = patches.length;
  kit.client.seed(CLUSTER_ROLES, role('more', { a: 'true' }, 'jobs'));
  await kit.run();
  expect(await gathered('admin')).toEqual(['events', 'nodes', 'pods', 'secrets', 'jobs']);
  expect(kit.client.requests.filter(({ verb }) => verb === 'patch')).toHaveLength(writes + 2);
});
