// Binder and provisioner together on an API that fails now and then, and with the controllers started anew: nothing is lost or doubled.
import type { PersistentVolume, PersistentVolumeClaim } from '../../../openapi/types/core.v1.js';
import { conflict, internalError, modified } from '../../apimachinery/errors/api-error.js';
import { PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, STORAGE_CLASSES } from '../../client/resources.js';
import { seededRandom } from '../../clock/random.js';
import { createPersistentVolumeBinder } from '../persistentvolumebinder/index.js';
import { createKit } from '../testing/kit.js';
import { createStorageProvisioner } from './index.js';

const namespace = 'default';
const count = 12;

test.each([1, 2, 3, 4, 5])('seed %i', async (seed) => {
  const random = seededRandom(seed);
  let failing = true;
  const kit = createKit(({ verb, resource, name = '' }) => {
    if (!failing || resource === 'events' || (verb !== 'create' && verb !== 'update' && verb !== 'delete' && verb !== 'get')) return;
    const chance = random.next();
    if (chance < 0.15) throw internalError('no');
    if (chance < 0.3 && verb === 'update') throw conflict(PERSISTENT_VOLUMES, name, modified);
  });
  const seedClaim = (name: string, storageClassName: string, storage: string): void => {
    const spec = { accessModes: ['ReadWriteOnce'], storageClassName, resources: { requests: { storage } } };
    kit.client.seed(PERSISTENT_VOLUME_CLAIMS, { metadata: { name, namespace, uid: `uid-${name}` }, spec, status: { phase: 'Pending' } });
  };
  kit.client.seed(STORAGE_CLASSES, { metadata: { name: 'dynamic' }, provisioner: 'kubedouble.dev/hostpath' });
  await kit.start(createPersistentVolumeBinder);
  await kit.start(createStorageProvisioner);
  for (let i = 0; i < count; i++) {
    const hostPath = { path: `/tmp/v${i}` };
    const spec = { accessModes: ['ReadWriteOnce'], storageClassName: 'static', capacity: { storage: `${i + 1}Gi` }, hostPath };
    kit.client.seed(PERSISTENT_VOLUMES, { metadata: { name: `v${i}` }, spec, status: { phase: 'Pending' } });
    seedClaim(`static-${i}`, 'static', '1Gi');
    seedClaim(`dynamic-${i}`, 'dynamic', '1Gi');
    if (random.next() < 0.3) kit.client.cutWatches();
    await kit.run(Math.floor(random.next() * 200));
  }
  // A second pair works beside the first, as after a restart whose predecessor has not noticed yet.
  await kit.start(createPersistentVolumeBinder);
  await kit.start(createStorageProvisioner);
  await kit.run(5000);
  failing = false;
  await kit.run(120_000);

  const claims = (await kit.client.list<PersistentVolumeClaim>(PERSISTENT_VOLUME_CLAIMS)).items;
  const volumes = (await kit.client.list<PersistentVolume>(PERSISTENT_VOLUMES)).items;
  expect(claims.map(({ status }) => status.phase)).toEqual(Array.from({ length: 2 * count }, () => 'Bound'));
  expect(volumes).toHaveLength(2 * count);
  expect(volumes.map(({ status }) => status.phase)).toEqual(Array.from({ length: 2 * count }, () => 'Bound'));
  for (const { metadata, spec } of volumes) {
    const claim = claims.find((one) => one.metadata.uid === spec.claimRef?.uid);
    expect(claim?.spec.volumeName).toBe(metadata.name);
  }
  await kit.stop();
  expect(kit.clock.pending()).toBe(0);
});
