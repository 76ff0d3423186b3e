import { NODES, PODS } from '../../client/resources.js';
import { createKit, type Kit } from '../testing/kit.js';
import { node, pod } from '../testing/objects.js';
import { createPodGcController } from './index.js';

let kit: Kit;
afterEach(() => kit?.stop());

const names = async (): Promise<string[]> => (await kit.client.list(PODS)).items.map(({ metadata }) => metadata.name);

test('removes the pods of a node that is gone, once it is gone for long', async () => {
  kit = createKit();
  kit.client.seed(NODES, node('here'));
  kit.client.seed(PODS, pod('stays', { node: 'here' }));
  kit.client.seed(PODS, pod('goes', { node: 'gone', metadata: { finalizers: ['test.io/keep'] } }));
  await kit.start(createPodGcController);
  await kit.run(50_000);
  expect((await kit.client.get(PODS, { namespace: 'default', name: 'goes' })).status.phase).toBe('Running');
  await kit.run(30_000);
  const { metadata, status } = await kit.client.get(PODS, { namespace: 'default', name: 'goes' });
  expect(metadata.deletionTimestamp).toBeDefined();
  expect(status).toMatchObject({ phase: 'Failed', observedGeneration: 1 });
  expect(status.conditions).toContainEqual(
    expect.objectContaining({
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'DeletionByPodGC',
      message: 'PodGC: node no longer exists',
      observedGeneration: 1,
    }),
  );
  expect(await names()).toEqual(expect.arrayContaining(['stays']));
});

test('a node that comes back in time saves its pods', async () => {
  kit = createKit();
  kit.client.seed(PODS, pod('stays', { node: 'late' }));
  await kit.start(createPodGcController);
  await kit.run(45_000);
  kit.client.seed(NODES, node('late'));
  await kit.run(100_000);
  expect(await names()).toEqual(['stays']);
});

test('removes pods that were deleted before they had a node', async () => {
  kit = createKit();
  kit.client.seed(PODS, pod('waiting', { ready: false }));
  kit.client.seed(PODS, pod('deleted', { ready: false, metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }));
  await kit.start(createPodGcController);
  await kit.run(25_000);
  expect(await names()).toEqual(['waiting']);
});
