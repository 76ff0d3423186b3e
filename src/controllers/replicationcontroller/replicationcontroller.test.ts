import type { Pod } from '../../../openapi/types/core.v1.js';
import { PODS, REPLICATION_CONTROLLERS } from '../../client/resources.js';
import { createReplicaSetController } from '../replicaset/index.js';
import { createKit, type Kit } from '../testing/kit.js';
import { pod, replicaSet } from '../testing/objects.js';
import { createReplicationControllerController } from './index.js';

let kit: Kit;
afterEach(() => kit?.stop());

const key = { namespace: 'default', name: 'web' };
const podsOf = async (): Promise<readonly Pod[]> => (await kit.client.list(PODS)).items;
const seed = (replicas: number): unknown => {
  const { metadata, spec, status } = replicaSet('web', replicas);
  return kit.client.seed(REPLICATION_CONTROLLERS, { metadata, spec: { ...spec, selector: { app: 'web' } }, status });
};

test('creates pods, counts them without those that terminate, and deletes what is too much', async () => {
  kit = createKit();
  await kit.start(createReplicationControllerController);
  seed(3);
  await kit.run();
  const pods = await podsOf();
  expect(pods).toHaveLength(3);
  expect(pods[0]!.metadata).toMatchObject({
    generateName: 'web-',
    labels: { app: 'web' },
    ownerReferences: [
      { apiVersion: 'v1', kind: 'ReplicationController', name: 'web', uid: 'uid-web', controller: true, blockOwnerDeletion: true },
    ],
  });
  await kit.client.update(PODS, { ...pods[0]!, status: pod('x').status }, { subresource: 'status' });
  await kit.run();
  const { status } = await kit.client.get(REPLICATION_CONTROLLERS, key);
  expect(status).toEqual({ replicas: 3, fullyLabeledReplicas: 3, readyReplicas: 1, availableReplicas: 1, observedGeneration: 1 });
  expect(await kit.events()).toContain(`SuccessfulCreate: Created pod: ${pods[0]!.metadata.name}`);

  await kit.client.patch(REPLICATION_CONTROLLERS, key, 'merge', { spec: { replicas: 1 } });
  await kit.run();
  expect((await podsOf()).map(({ metadata }) => metadata.name)).toEqual([pods[0]!.metadata.name]);
});

test('adopts what its selector names, and leaves the pods of a replica set of its name alone', async () => {
  kit = createKit();
  kit.client.seed(PODS, pod('orphan', { labels: { app: 'web' } }));
  kit.client.seed(PODS, pod('stranger', { labels: { app: 'other' } }));
  await kit.start(createReplicaSetController);
  await kit.start(createReplicationControllerController);
  seed(1);
  await kit.run();
  const owners = Object.fromEntries(
    (await podsOf()).map(({ metadata }) => [metadata.name, metadata.ownerReferences?.map(({ kind }) => kind)]),
  );
  expect(owners).toEqual({ orphan: ['ReplicationController'], stranger: undefined });
  const before = kit.client.requests.length;
  await kit.client.patch(REPLICATION_CONTROLLERS, key, 'merge', { metadata: { labels: { a: 'b' } } });
  await kit.run();
  expect(kit.client.requests.slice(before + 1).filter(({ verb }) => verb !== 'get' && verb !== 'watch')).toEqual([]);
});
