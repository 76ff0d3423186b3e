import { NODES, PODS } from '../../client/resources.js';
import { createKit, type Kit } from '../testing/kit.js';
import { node, pod } from '../testing/objects.js';
import { createTaintEvictionController } from './index.js';
import { toleratedFor } from './tolerance.js';

let kit: Kit;
afterEach(() => kit?.stop());

const bad = { key: 'bad', value: 'x', effect: 'NoExecute' } as const;
const get = (name: string) => kit.client.get(PODS, { namespace: 'default', name });
const taint = (...taints: unknown[]): Promise<unknown> => kit.client.patch(NODES, { name: 'n' }, 'merge', { spec: { taints } });

test('how long taints are tolerated', () => {
  expect(toleratedFor([], [bad])).toBe(0);
  expect(toleratedFor([{ operator: 'Exists' }], [bad])).toBeUndefined();
  expect(
    toleratedFor(
      [
        { key: 'bad', operator: 'Exists', tolerationSeconds: 30 },
        { operator: 'Exists', tolerationSeconds: 10 },
      ],
      [bad],
    ),
  ).toBe(10_000);
});

test('evicts after the toleration ends, at once without one, and not when the taint goes', async () => {
  kit = createKit();
  kit.client.seed(NODES, node('n'));
  const keep = { finalizers: ['test.io/keep'] };
  const tolerations = [{ key: 'bad', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 4 }];
  kit.client.seed(PODS, pod('patient', { node: 'n', spec: { tolerations }, metadata: keep }));
  kit.client.seed(PODS, pod('hardy', { node: 'n', spec: { tolerations: [{ operator: 'Exists' }] } }));
  kit.client.seed(PODS, pod('frail', { node: 'n', metadata: keep }));
  kit.client.seed(PODS, pod('elsewhere', { node: 'm' }));
  await kit.start(createTaintEvictionController);
  await taint(bad);
  await kit.run(100);
  const { metadata, status } = await get('frail');
  expect(metadata.deletionTimestamp).toBeDefined();
  expect(status.conditions).toContainEqual(
    expect.objectContaining({
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'DeletionByTaintManager',
      message: 'Taint manager: deleting due to NoExecute taint',
    }),
  );
  await kit.run(2000);
  await taint();
  await kit.run(5000);
  expect((await get('patient')).metadata.deletionTimestamp).toBeUndefined();
  expect(await kit.events()).toEqual([
    'TaintManagerEviction: Marking for deletion Pod default/frail',
    'TaintManagerEviction: Cancelling deletion of Pod default/patient',
  ]);
  await taint(bad);
  await kit.run(3900);
  expect((await get('patient')).metadata.deletionTimestamp).toBeUndefined();
  await kit.run(200);
  expect((await get('patient')).metadata.deletionTimestamp).toBeDefined();
  for (const name of ['hardy', 'elsewhere']) expect((await get(name)).metadata.deletionTimestamp).toBeUndefined();
});
