import type { Node } from '../../../openapi/types/core.v1.js';
import type { VolumeAttachment } from '../../../openapi/types/storage.v1.js';
import { CSI_DRIVERS, NODES, PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, PODS, VOLUME_ATTACHMENTS } from '../../client/resources.js';
import { createKit, type Kit } from '../testing/kit.js';
import { node, pod } from '../testing/objects.js';
import { createAttachDetachController } from './index.js';

const namespace = 'default';
const driver = 'c4.example.com';
let kit: Kit;
afterEach(async () => {
  await kit?.stop();
  expect(kit?.clock.pending()).toBe(0);
});

const managed = { metadata: { annotations: { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true' } } };
async function start(accessModes: readonly string[] = ['ReadWriteOnce'], attachRequired?: boolean): Promise<void> {
  kit = createKit();
  for (const name of ['node-0', 'node-1']) kit.client.seed(NODES, node(name, 'True', managed));
  kit.client.seed(NODES, node('own'));
  kit.client.seed(PERSISTENT_VOLUMES, {
    metadata: { name: 'pv' },
    spec: { accessModes, csi: { driver, volumeHandle: 'vol-1' }, claimRef: { namespace, name: 'data', uid: 'uid-data' } },
  });
  kit.client.seed(PERSISTENT_VOLUME_CLAIMS, {
    metadata: { name: 'data', namespace, uid: 'uid-data' },
    spec: { volumeName: 'pv' },
    status: { phase: 'Bound' },
  });
  if (attachRequired !== undefined) kit.client.seed(CSI_DRIVERS, { metadata: { name: driver }, spec: { attachRequired } });
  await kit.start(createAttachDetachController);
}
async function use(name: string, on: string, more: object = {}): Promise<void> {
  kit.client.seed(PODS, pod(name, { node: on, spec: { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }] }, ...more }));
  await kit.run();
}
const attachments = async (): Promise<readonly VolumeAttachment[]> => (await kit.client.list<VolumeAttachment>(VOLUME_ATTACHMENTS)).items;
async function answer(status: object): Promise<void> {
  for (const one of await attachments()) kit.client.seed(VOLUME_ATTACHMENTS, { ...one, status });
  await kit.run();
}
const attachedOn = async (name: string): Promise<Node['status']['volumesAttached']> =>
  (await kit.client.get<Node>(NODES, { name })).status.volumesAttached;
const remove = async (name: string): Promise<void> => {
  await kit.client.delete(PODS, { namespace, name }, { gracePeriodSeconds: 0 });
  await kit.run();
};

test('asks the driver to attach, and tells pod and node when it has', async () => {
  await start();
  await use('web', 'node-0');
  expect(await attachments()).toMatchObject([
    {
      // As the real controller names it.
      metadata: { name: 'csi-df97636cea9b33ff0c10c28a1d448761d269027b821b05f676917fa1ea7b40b6' },
      spec: { attacher: driver, nodeName: 'node-0', source: { persistentVolumeName: 'pv' } },
    },
  ]);
  expect(await attachedOn('node-0')).toBeUndefined();
  await answer({ attached: false, attachError: { message: 'no such disk' } });
  await answer({ attached: true });
  expect(await attachedOn('node-0')).toEqual([{ name: `kubernetes.io/csi/${driver}^vol-1`, devicePath: '' }]);
  expect(await kit.events()).toEqual([
    'FailedAttachVolume: AttachVolume.Attach failed for volume "pv" : no such disk',
    'SuccessfulAttachVolume: AttachVolume.Attach succeeded for volume "pv" ',
  ]);
});

test('detaches when the last pod of the node is gone or done, the node’s status first', async () => {
  await start();
  await use('web', 'node-0');
  await use('job', 'node-0');
  await answer({ attached: true });
  await remove('web');
  expect(await attachments()).toHaveLength(1);
  await use('job', 'node-0', { status: { phase: 'Succeeded' } });
  expect(await attachments()).toEqual([]);
  expect((await attachedOn('node-0')) ?? []).toEqual([]);
});

test('a volume for one node waits until the other node has let go of it', async () => {
  await start();
  await use('first', 'node-0');
  await answer({ attached: true });
  await use('second', 'node-1');
  expect((await kit.events()).at(-1)).toBe('FailedAttachVolume: Multi-Attach error for volume "pv" Volume is already used by pod(s) first');
  expect((await attachments()).map(({ spec }) => spec.nodeName)).toEqual(['node-0']);
  await remove('first');
  await kit.run();
  expect((await attachments()).map(({ spec }) => spec.nodeName)).toEqual(['node-1']);
});

test('of two nodes that want a volume at the same moment, one gets it', async () => {
  await start();
  for (const [name, on] of [
    ['first', 'node-0'],
    ['second', 'node-1'],
  ] as const)
    kit.client.seed(PODS, pod(name, { node: on, spec: { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }] } }));
  await kit.run(1000);
  expect(await attachments()).toHaveLength(1);
  expect(await kit.events()).toHaveLength(1);
  expect((await kit.events())[0]).toContain('Multi-Attach error');
});

test('a volume for many nodes is attached to each', async () => {
  await start(['ReadWriteMany']);
  await use('first', 'node-0');
  await use('second', 'node-1');
  expect((await attachments()).map(({ spec }) => spec.nodeName).sort()).toEqual(['node-0', 'node-1']);
});

test('attaches neither for drivers that need it not, nor for nodes that do it themselves', async () => {
  await start(['ReadWriteOnce'], false);
  await use('web', 'node-0');
  expect(await attachments()).toEqual([]);
  await kit.stop();
  await start(['ReadWriteOnce'], true);
  await use('web', 'own');
  expect(await attachments()).toEqual([]);
});

test('a volume that a broken node uses is left for six minutes, or until the node is out of service', async () => {
  const inUse = { volumesInUse: [`kubernetes.io/csi/${driver}^vol-1`] };
  const broken = (name: string, spec: object = {}): object => ({ ...node(name, 'Unknown', { ...managed, spec: { ...spec } }) });
  const put = (name: string, spec: object = {}): void => {
    const one = broken(name, spec) as Node;
    kit.client.seed(NODES, { ...one, status: { ...one.status, ...inUse } });
  };
  await start(['ReadWriteMany']);
  await use('a', 'node-0');
  await use('b', 'node-1');
  await answer({ attached: true });
  put('node-0');
  put('node-1');
  await remove('a');
  await remove('b');
  await kit.run(5 * 60_000);
  expect(await attachments()).toHaveLength(2);
  put('node-1', { taints: [{ key: 'node.kubernetes.io/out-of-service', value: 'x', effect: 'NoExecute' }] });
  await kit.run();
  expect((await attachments()).map(({ spec }) => spec.nodeName)).toEqual(['node-0']);
  await kit.run(61_000);
  expect(await attachments()).toEqual([]);
});
