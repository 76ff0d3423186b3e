import type { Pod } from '../../../openapi/types/core.v1.js';
import { ApiError } from '../../apimachinery/errors/api-error.js';
import { PODS, REPLICA_SETS } from '../../client/resources.js';
import { createKit, type Kit } from '../testing/kit.js';
import { pod, replicaSet } from '../testing/objects.js';
import { createReplicaSetController } from './index.js';
import { podsToDelete } from './ranking.js';

let kit: Kit;
afterEach(() => kit?.stop());

const key = { namespace: 'default', name: 'web' };
const podsOf = async (): Promise<readonly Pod[]> => (await kit.client.list(PODS)).items;
const makeReady = async (one: Pod): Promise<unknown> =>
  kit.client.update(PODS, { ...one, status: { ...pod('x').status, podIP: '10.0.0.1' } }, { subresource: 'status' });

test('creates the pods of the template, observes them and counts them', async () => {
  kit = createKit();
  await kit.start(createReplicaSetController);
  kit.client.seed(REPLICA_SETS, replicaSet('web', 3));
  await kit.run();
  const pods = await podsOf();
  expect(pods).toHaveLength(3);
  expect(pods[0]!.metadata).toMatchObject({
    generateName: 'web-',
    labels: { app: 'web' },
    ownerReferences: [
      { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'uid-web', controller: true, blockOwnerDeletion: true },
    ],
  });
  for (const one of pods.slice(0, 2)) await makeReady(one);
  await kit.run();
  const { status } = await kit.client.get(REPLICA_SETS, key);
  expect(status).toEqual({
    replicas: 3,
    fullyLabeledReplicas: 3,
    readyReplicas: 2,
    availableReplicas: 2,
    terminatingReplicas: 0,
    observedGeneration: 1,
  });
  expect(await kit.events()).toEqual(expect.arrayContaining([`SuccessfulCreate: Created pod: ${pods[0]!.metadata.name}`]));
});

test('makes no pod twice while the informer is behind', async () => {
  kit = createKit();
  await kit.start(createReplicaSetController);
  const set = kit.client.seed(REPLICA_SETS, replicaSet('web', 20));
  for (let i = 0; i < 5; i++) await kit.client.patch(REPLICA_SETS, key, 'merge', { metadata: { labels: { turn: String(i) } } });
  await kit.run(1000);
  expect(await podsOf()).toHaveLength(20);
  expect(kit.client.requests.filter(({ verb, resource }) => verb === 'create' && resource === 'pods')).toHaveLength(20);
  expect(set.metadata.name).toBe('web');
});

test('deletes what is too much, unready pods first', async () => {
  kit = createKit();
  await kit.start(createReplicaSetController);
  kit.client.seed(REPLICA_SETS, replicaSet('web', 4));
  await kit.run();
  const pods = await podsOf();
  for (const one of pods.slice(0, 2)) await makeReady(one);
  await kit.run();
  await kit.client.patch(REPLICA_SETS, key, 'merge', { spec: { replicas: 2 } });
  await kit.run();
  expect((await podsOf()).map(({ metadata }) => metadata.name).sort()).toEqual(pods.slice(0, 2).map(({ metadata }) => metadata.name).sort()); // prettier-ignore
  expect((await kit.events()).filter((event) => event.startsWith('SuccessfulDelete: Deleted pod: web-'))).toHaveLength(2);
});

test('adopts a matching orphan and releases a pod that no longer matches', async () => {
  kit = createKit();
  kit.client.seed(PODS, pod('orphan', { labels: { app: 'web' } }));
  kit.client.seed(PODS, pod('finished', { labels: { app: 'web' }, status: { phase: 'Succeeded' } }));
  await kit.start(createReplicaSetController);
  kit.client.seed(REPLICA_SETS, replicaSet('web', 1));
  await kit.run();
  expect((await kit.client.get(PODS, { ...key, name: 'orphan' })).metadata.ownerReferences).toMatchObject([
    { uid: 'uid-web', controller: true },
  ]);
  expect((await kit.client.get(PODS, { ...key, name: 'finished' })).metadata.ownerReferences).toBeUndefined();
  await kit.client.patch(PODS, { ...key, name: 'orphan' }, 'merge', { metadata: { labels: { app: 'other' } } });
  await kit.run();
  expect((await kit.client.get(PODS, { ...key, name: 'orphan' })).metadata.ownerReferences ?? []).toEqual([]);
  expect(await podsOf()).toHaveLength(3);
});

test('says when pods are refused, tries few at a time, and recovers', async () => {
  let refuse = true;
  kit = createKit(({ verb, resource }) => {
    if (refuse && verb === 'create' && resource === 'pods')
      throw new ApiError(403, 'Forbidden', 'pods "x" is forbidden: exceeded quota: q');
  });
  await kit.start(createReplicaSetController);
  kit.client.seed(REPLICA_SETS, replicaSet('web', 10));
  await kit.run(1);
  expect(kit.client.requests.filter(({ verb, resource }) => verb === 'create' && resource === 'pods').length).toBeLessThanOrEqual(2);
  const refused = await kit.client.get(REPLICA_SETS, key);
  expect(refused.status.conditions).toMatchObject([
    { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'pods "x" is forbidden: exceeded quota: q' },
  ]);
  expect(await kit.events()).toContain('FailedCreate: Error creating: pods "x" is forbidden: exceeded quota: q');
  refuse = false;
  await kit.run(20_000);
  expect(await podsOf()).toHaveLength(10);
  expect((await kit.client.get(REPLICA_SETS, key)).status).not.toHaveProperty('conditions');
});

test('says nothing when the namespace is going', async () => {
  kit = createKit(({ verb, resource }) => {
    const details = { causes: [{ reason: 'NamespaceTerminating', message: 'it is being terminated', field: 'metadata.namespace' }] };
    if (verb === 'create' && resource === 'pods') throw new ApiError(403, 'Forbidden', 'unable to create new content', details);
  });
  await kit.start(createReplicaSetController);
  kit.client.seed(REPLICA_SETS, replicaSet('web', 2));
  await kit.run();
  expect(await kit.events()).toEqual([]);
});

test('a pod is available after minReadySeconds, without any event', async () => {
  kit = createKit();
  await kit.start(createReplicaSetController);
  kit.client.seed(REPLICA_SETS, replicaSet('web', 1, { spec: { minReadySeconds: 10 } }));
  await kit.run();
  const [one] = await podsOf();
  await makeReady(one!);
  await kit.run(100);
  expect((await kit.client.get(REPLICA_SETS, key)).status).toMatchObject({ readyReplicas: 1 });
  expect((await kit.client.get(REPLICA_SETS, key)).status.availableReplicas).toBeUndefined();
  await kit.run(10_000);
  expect((await kit.client.get(REPLICA_SETS, key)).status.availableReplicas).toBe(1);
});

test('ranks pods for deletion', () => {
  const now = Date.parse('2026-01-01T01:00:00Z');
  const names = (pods: readonly Pod[]): string[] => pods.map(({ metadata }) => metadata.name);
  const cheap = pod('cheap', { node: 'a', metadata: { annotations: { 'controller.kubernetes.io/pod-deletion-cost': '-5' } } });
  const crowded = [pod('c1', { node: 'b' }), pod('c2', { node: 'b' })];
  const restarted = pod('restarted', { node: 'a', status: { containerStatuses: [{ restartCount: 3 }] } });
  const fresh = pod('fresh', {
    node: 'c',
    status: { conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:59:59Z' }] },
  });
  const old = pod('old', { node: 'c' });
  const unready = pod('unready', { node: 'c', ready: false });
  const unassigned = pod('unassigned', { ready: false });
  const all = [old, fresh, restarted, ...crowded, cheap, unready, unassigned];
  const ranked = names(podsToDelete(all, all, all.length - 1, now));
  expect(ranked.slice(0, 3)).toEqual(['unassigned', 'unready', 'cheap']);
  expect(names(podsToDelete([old, fresh], [], 1, now))).toEqual(['fresh']);
  expect(names(podsToDelete([crowded[0]!, pod('alone', { node: 'z' })], crowded, 1, now))).toEqual(['c1']);
  expect(names(podsToDelete([pod('calm', { node: 'a' }), restarted], [], 1, now))).toEqual(['restarted']);
});
