import type { ConfigMap } from '../../../openapi/types/core.v1.js';
import { CLUSTER_ROLES, CONFIG_MAPS, NODES, SECRETS, defineResource } from '../../client/resources.js';
import { createKit, type Kit } from '../testing/kit.js';
import { createGarbageCollector } from './index.js';

let kit: Kit;
afterEach(() => kit?.stop());

type Owner = { readonly name: string; readonly uid?: string; readonly kind?: string; readonly blockOwnerDeletion?: boolean };
const references = (owners: readonly Owner[]) =>
  owners.map(({ name, uid = `uid-${name}`, kind = 'ConfigMap', ...more }) => ({ apiVersion: 'v1', kind, name, uid, ...more }));
function put(name: string, owners: readonly Owner[] = [], metadata: object = {}): ConfigMap {
  const ownerReferences = owners.length > 0 ? { ownerReferences: references(owners) } : {};
  return kit.client.seed(CONFIG_MAPS, { metadata: { name, namespace: 'default', uid: `uid-${name}`, ...ownerReferences, ...metadata } });
}
const names = async (): Promise<string[]> => (await kit.client.list(CONFIG_MAPS)).items.map(({ metadata }) => metadata.name).sort();
const get = (name: string): Promise<ConfigMap> => kit.client.get(CONFIG_MAPS, { namespace: 'default', name });
/** All that is looked at is known to the memory client's discovery first. */
function setUp(): void {
  kit = createKit();
  kit.client.seed(NODES, { metadata: { name: 'n', uid: 'uid-n' } });
  kit.client.seed(SECRETS, { metadata: { name: 's', namespace: 'default' } });
}

test('deletes dependents when their owner is gone, down the whole chain', async () => {
  setUp();
  put('owner');
  put('child', [{ name: 'owner' }]);
  put('grandchild', [{ name: 'child' }]);
  put('stranger');
  await kit.start(createGarbageCollector);
  expect(await names()).toEqual(['child', 'grandchild', 'owner', 'stranger']);
  await kit.client.delete(CONFIG_MAPS, { namespace: 'default', name: 'owner' });
  await kit.run();
  expect(await names()).toEqual(['stranger']);
});

test('asks the server before it deletes for an owner that it does not know, and checks the uid', async () => {
  setUp();
  put('owner');
  await kit.start(createGarbageCollector);
  put('absent', [{ name: 'nobody' }]);
  put('recreated', [{ name: 'owner', uid: 'another' }]);
  put('kept', [{ name: 'owner' }]);
  put('on-node', [{ name: 'n', kind: 'Node' }]);
  put('unknown-kind', [{ name: 'x', kind: 'Unheard' }]);
  await kit.run();
  expect(await names()).toEqual(['kept', 'on-node', 'owner', 'unknown-kind']);
  expect(kit.client.requests.filter(({ verb, name }) => verb === 'get' && name === 'nobody')).toHaveLength(1);
});

test('an object with another living owner only loses the reference', async () => {
  setUp();
  put('a');
  put('b');
  put('child', [{ name: 'a' }, { name: 'b' }]);
  await kit.start(createGarbageCollector);
  await kit.client.delete(CONFIG_MAPS, { namespace: 'default', name: 'a' });
  await kit.run();
  expect((await get('child')).metadata.ownerReferences).toEqual(references([{ name: 'b' }]));
});

test('foreground: the owner waits for the dependents that block it', async () => {
  setUp();
  put('owner', [], { finalizers: ['foregroundDeletion'] });
  put('blocking', [{ name: 'owner', blockOwnerDeletion: true }], { finalizers: ['test.io/keep'] });
  put('other', [{ name: 'owner' }]);
  await kit.start(createGarbageCollector);
  await kit.client.delete(CONFIG_MAPS, { namespace: 'default', name: 'owner' });
  await kit.run();
  expect(await names()).toEqual(['blocking', 'owner']);
  await kit.client.patch(CONFIG_MAPS, { namespace: 'default', name: 'blocking' }, 'merge', { metadata: { finalizers: null } });
  await kit.run();
  expect(await names()).toEqual([]);
});

test('orphan: the owner is taken out of its dependents, which stay', async () => {
  setUp();
  put('owner', [], { finalizers: ['orphan'] });
  put('other');
  put('child', [{ name: 'owner' }, { name: 'other' }]);
  await kit.start(createGarbageCollector);
  await kit.client.delete(CONFIG_MAPS, { namespace: 'default', name: 'owner' });
  await kit.run();
  expect(await names()).toEqual(['child', 'other']);
  expect((await get('child')).metadata.ownerReferences).toEqual(references([{ name: 'other' }]));
});

test('owners that wait for each other in a circle go', async () => {
  setUp();
  const deleting = { finalizers: ['foregroundDeletion'] };
  put('a', [{ name: 'b', blockOwnerDeletion: true }], deleting);
  put('b', [{ name: 'a', blockOwnerDeletion: true }], deleting);
  await kit.start(createGarbageCollector);
  await kit.client.delete(CONFIG_MAPS, { namespace: 'default', name: 'a' });
  await kit.run(10_000);
  expect(await names()).toEqual([]);
});

test('a cluster-scoped object with a namespaced owner is kept, with a warning', async () => {
  setUp();
  put('owner');
  kit.client.seed(CLUSTER_ROLES, { metadata: { name: 'role', uid: 'uid-role', ownerReferences: references([{ name: 'owner' }]) } });
  await kit.start(createGarbageCollector);
  await kit.run();
  expect((await kit.client.list(CLUSTER_ROLES)).items).toHaveLength(1);
  expect(await kit.events()).toEqual([
    'OwnerRefInvalidNamespace: ownerRef [v1/ConfigMap, namespace: , name: owner, uid: uid-owner] does not exist in namespace ""',
  ]);
});

test('an owner in another namespace is none', async () => {
  setUp();
  put('owner');
  kit.client.seed(CONFIG_MAPS, {
    metadata: { name: 'far', namespace: 'other', uid: 'uid-far', ownerReferences: references([{ name: 'owner' }]) },
  });
  await kit.start(createGarbageCollector);
  await kit.run();
  expect(await names()).toEqual(['owner']);
  expect(await kit.events()).toEqual([
    'OwnerRefInvalidNamespace: ownerRef [v1/ConfigMap, namespace: other, name: owner, uid: uid-owner] does not exist in namespace "other"',
  ]);
});

test('learns of resources that come later', async () => {
  setUp();
  put('owner');
  await kit.start(createGarbageCollector);
  const widgets = defineResource('test.io', 'v1', 'widgets', 'Widget', true);
  kit.client.seed(widgets, {
    metadata: { name: 'w', namespace: 'default', uid: 'uid-w', ownerReferences: references([{ name: 'owner' }]) },
  });
  await kit.run(31_000);
  expect((await kit.client.list(widgets)).items).toHaveLength(1);
  await kit.client.delete(CONFIG_MAPS, { namespace: 'default', name: 'owner' });
  await kit.run(1000);
  expect((await kit.client.list(widgets)).items).toEqual([]);
});
