import type { PersistentVolume, PersistentVolumeClaim } from '../../../openapi/types/core.v1.js';
import { forbidden } from '../../apimachinery/errors/api-error.js';
import { PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, STORAGE_CLASSES } from '../../client/resources.js';
import type { MemoryReactor } from '../../client/testing/memory-client.js';
import { createPersistentVolumeBinder } from '../persistentvolumebinder/index.js';
import { createKit, type Kit } from '../testing/kit.js';
import { createStorageProvisioner } from './index.js';

const namespace = 'default';
let kit: Kit;
afterEach(async () => {
  await kit?.stop();
  expect(kit?.clock.pending()).toBe(0);
});

async function start(reactor?: MemoryReactor): Promise<void> {
  kit = createKit(reactor);
  await kit.start(createPersistentVolumeBinder);
  await kit.start(createStorageProvisioner);
}
const selected = { 'volume.kubernetes.io/selected-node': 'n' };
function createClaim(name: string, spec: object = {}, annotations: object = selected): void {
  kit.client.seed(PERSISTENT_VOLUME_CLAIMS, {
    metadata: { name, namespace, uid: `uid-${name}`, annotations },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
    status: { phase: 'Pending' },
  });
}
const claimOf = (name: string): Promise<PersistentVolumeClaim> => kit.client.get(PERSISTENT_VOLUME_CLAIMS, { namespace, name });
const volumesThere = async (): Promise<readonly PersistentVolume[]> => (await kit.client.list<PersistentVolume>(PERSISTENT_VOLUMES)).items;

test('a fresh cluster gets the class standard, once: it stays away when it is deleted', async () => {
  await start();
  expect((await kit.client.list(STORAGE_CLASSES)).items).toMatchObject([
    {
      metadata: { name: 'standard', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
      provisioner: 'kubedouble.dev/hostpath',
    },
  ]);
  await kit.client.delete(STORAGE_CLASSES, { name: 'standard' });
  await kit.run(60_000);
  expect((await kit.client.list(STORAGE_CLASSES)).items).toEqual([]);
});

test('a cluster that has a class of its own gets none', async () => {
  kit = createKit();
  kit.client.seed(STORAGE_CLASSES, { metadata: { name: 'mine' }, provisioner: 'example.com/x' });
  await kit.start(createStorageProvisioner);
  expect((await kit.client.list(STORAGE_CLASSES)).items).toHaveLength(1);
});

test('one that may not create classes works on without', async () => {
  await start(({ verb, resource }) => {
    if (verb === 'create' && resource === 'storageclasses') throw forbidden(STORAGE_CLASSES, 'standard', 'no');
  });
  kit.client.seed(STORAGE_CLASSES, { metadata: { name: 'mine' }, provisioner: 'kubedouble.dev/hostpath' });
  createClaim('data', { storageClassName: 'mine' });
  await kit.run();
  expect((await claimOf('data')).status.phase).toBe('Bound');
});

test('a claim gets a volume of its own, which goes with it', async () => {
  await start();
  createClaim('data');
  await kit.run();
  expect((await claimOf('data')).status).toMatchObject({ phase: 'Bound', capacity: { storage: '1Gi' } });
  expect(await volumesThere()).toMatchObject([
    {
      metadata: { name: 'pvc-uid-data', annotations: { 'pv.kubernetes.io/provisioned-by': 'kubedouble.dev/hostpath' } },
      spec: {
        storageClassName: 'standard',
        persistentVolumeReclaimPolicy: 'Delete',
        hostPath: { path: '/tmp/hostpath-provisioner/default/data' },
      },
      status: { phase: 'Bound' },
    },
  ]);
  const events = await kit.events();
  expect(events).toContain('Provisioning: External provisioner is provisioning volume for claim "default/data"');
  expect(events).toContain('ProvisioningSucceeded: Successfully provisioned volume pvc-uid-data');
  await kit.client.delete(PERSISTENT_VOLUME_CLAIMS, { namespace, name: 'data' });
  await kit.run();
  expect(await volumesThere()).toEqual([]);
});

test('waits for the node of the first consumer, and makes nothing for a selector', async () => {
  await start();
  createClaim('waits', {}, {});
  createClaim('choosy', { selector: { matchLabels: { a: 'b' } } });
  await kit.run();
  expect(await volumesThere()).toEqual([]);
  expect(await kit.events()).toContain(
    'ProvisioningFailed: failed to provision volume with StorageClass "standard": claim Selector is not supported',
  );
});

test('a claim that asks for more gets it', async () => {
  await start();
  createClaim('data');
  await kit.run();
  const claim = await claimOf('data');
  await kit.client.update(PERSISTENT_VOLUME_CLAIMS, { ...claim, spec: { ...claim.spec, resources: { requests: { storage: '3Gi' } } } });
  await kit.run();
  expect((await claimOf('data')).status).toMatchObject({
    capacity: { storage: '3Gi' },
    allocatedResources: { storage: '3Gi' },
    conditions: [],
  });
  expect((await volumesThere())[0]?.spec.capacity).toEqual({ storage: '3Gi' });
  const events = await kit.events();
  expect(events).toContain('Resizing: External resizer is resizing volume pvc-uid-data');
  expect(events).toContain('VolumeResizeSuccessful: Resize volume succeeded');
});
