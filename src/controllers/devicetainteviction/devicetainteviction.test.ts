import type { DeviceTaint } from '../../../openapi/types/resource.v1.js';
import { PODS, RESOURCE_CLAIMS, RESOURCE_SLICES } from '../../client/resources.js';
import { createKit, type Kit } from '../testing/kit.js';
import { pod } from '../testing/objects.js';
import { createDeviceTaintEvictionController } from './index.js';

let kit: Kit;
afterEach(() => kit?.stop());

const slice = (taints: Readonly<Record<string, readonly DeviceTaint[]>> = {}): void =>
  void kit.client.seed(RESOURCE_SLICES, {
    metadata: { name: 's' },
    spec: {
      driver: 'gpu.example.com',
      pool: { name: 'pool', generation: 1, resourceSliceCount: 1 },
      devices: ['d0', 'd1'].map((name) => ({ name, ...(taints[name] === undefined ? {} : { taints: taints[name] }) })),
    },
  });
const claim = (name: string, device: string, tolerations: readonly object[] = [], uid = `uid-${name}`): void =>
  void kit.client.seed(RESOURCE_CLAIMS, {
    metadata: { name, namespace: 'default' },
    spec: {},
    status: {
      allocation: { devices: { results: [{ request: 'r', driver: 'gpu.example.com', pool: 'pool', device, tolerations }] } },
      reservedFor: [{ resource: 'pods', name, uid }],
    },
  });
const user = (name: string): void =>
  void kit.client.seed(PODS, pod(name, { node: 'n1', spec: { resourceClaims: [{ name: 'x', resourceClaimName: name }] } }));
const left = async (): Promise<string[]> =>
  (await kit.client.list(PODS)).items
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .map(({ metadata }) => metadata.name);
const bad: DeviceTaint = { key: 'bad', effect: 'NoExecute', timeAdded: '2026-01-01T00:00:00Z' };

test('pods go when their device is tainted: at once, after a while, or not at all', async () => {
  kit = createKit();
  slice();
  for (const name of ['now', 'later', 'never', 'other', 'stranger']) user(name);
  claim('now', 'd0');
  claim('later', 'd0', [{ key: 'bad', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 60 }]);
  claim('never', 'd0', [{ operator: 'Exists' }]);
  claim('other', 'd1');
  claim('stranger', 'd0', [], 'the uid of another');
  await kit.start(createDeviceTaintEvictionController);
  expect(await left()).toHaveLength(5);
  slice({ d0: [bad], d1: [{ key: 'bad', effect: 'NoSchedule' }] });
  await kit.run();
  expect(await left()).toEqual(['later', 'never', 'other', 'stranger']);
  expect((await kit.client.get(PODS, { namespace: 'default', name: 'now' })).status.conditions).toContainEqual(
    expect.objectContaining({
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'DeletionByDeviceTaintManager',
      message: 'Device Taint manager: deleting due to NoExecute taint',
    }),
  );
  await kit.run(61_000);
  expect(await left()).toEqual(['never', 'other', 'stranger']);
  const gone = 'DeviceTaintManagerEviction: Marking for deletion';
  expect(await kit.events()).toEqual([gone, gone]);
});

test('a taint that goes in time does nothing', async () => {
  kit = createKit();
  slice({ d0: [bad] });
  user('later');
  claim('later', 'd0', [{ key: 'bad', operator: 'Exists', tolerationSeconds: 60 }]);
  await kit.start(createDeviceTaintEvictionController);
  await kit.run(30_000);
  slice();
  await kit.run(60_000);
  expect(await left()).toEqual(['later']);
  expect(await kit.events()).toEqual(['DeviceTaintManagerEviction: Cancelling deletion']);
});
