import { internalError } from '../../apimachinery/errors/api-error.js';
import { PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, VOLUME_ATTRIBUTES_CLASSES } from '../../client/resources.js';
import type { MemoryReactor } from '../../client/testing/memory-client.js';
import { createKit, type Kit } from '../testing/kit.js';
import { createVacProtectionController } from './index.js';

const finalizer = 'kubernetes.io/vac-protection';
const namespace = 'default';
let kit: Kit;
afterEach(async () => {
  await kit?.stop();
  expect(kit?.clock.pending()).toBe(0);
});

async function startWith(classes: readonly string[], reactor?: MemoryReactor): Promise<void> {
  kit = createKit(reactor);
  for (const name of classes)
    kit.client.seed(VOLUME_ATTRIBUTES_CLASSES, { metadata: { name, finalizers: [finalizer] }, driverName: 'example.com' });
}
const seedClaim = (name: string, spec: object, status: object = {}): void =>
  void kit.client.seed(PERSISTENT_VOLUME_CLAIMS, { metadata: { name, namespace }, spec, status });
const deleteClasses = async (): Promise<void> => {
  for (const name of await names()) await kit.client.delete(VOLUME_ATTRIBUTES_CLASSES, { name });
  await kit.run();
};
const names = async (): Promise<string[]> =>
  (await kit.client.list(VOLUME_ATTRIBUTES_CLASSES)).items.map(({ metadata }) => metadata.name).sort();

test('a class without the finalizer gets it', async () => {
  await startWith([]);
  kit.client.seed(VOLUME_ATTRIBUTES_CLASSES, { metadata: { name: 'bare' }, driverName: 'example.com' });
  await kit.start(createVacProtectionController);
  expect((await kit.client.get(VOLUME_ATTRIBUTES_CLASSES, { name: 'bare' })).metadata.finalizers).toEqual([finalizer]);
});

test('a deleted class stays while a claim or a volume has it in any of its fields', async () => {
  await startWith(['asked', 'current', 'target', 'volume', 'unused']);
  seedClaim('asked', { volumeAttributesClassName: 'asked' });
  seedClaim('current', { volumeAttributesClassName: '' }, { currentVolumeAttributesClassName: 'current' });
  seedClaim('target', {}, { modifyVolumeStatus: { status: 'Pending', targetVolumeAttributesClassName: 'target' } });
  kit.client.seed(PERSISTENT_VOLUMES, { metadata: { name: 'volume' }, spec: { volumeAttributesClassName: 'volume' } });
  await kit.start(createVacProtectionController);
  await deleteClasses();
  expect(await names()).toEqual(['asked', 'current', 'target', 'volume']);

  await kit.client.delete(PERSISTENT_VOLUME_CLAIMS, { namespace, name: 'asked' });
  await kit.client.patch(
    PERSISTENT_VOLUME_CLAIMS,
    { namespace, name: 'current' },
    'merge',
    { status: { currentVolumeAttributesClassName: null } },
    { subresource: 'status' },
  );
  await kit.run();
  expect(await names()).toEqual(['target', 'volume']);
  seedClaim('target', {}, {});
  await kit.client.patch(PERSISTENT_VOLUMES, { name: 'volume' }, 'merge', { spec: { volumeAttributesClassName: null } });
  await kit.run();
  expect(await names()).toEqual([]);
});

test('the last of several users frees the class', async () => {
  await startWith(['shared']);
  seedClaim('one', { volumeAttributesClassName: 'shared' });
  seedClaim('two', { volumeAttributesClassName: 'shared' });
  await kit.start(createVacProtectionController);
  await deleteClasses();
  for (const name of ['one', 'two']) {
    expect(await names()).toEqual(['shared']);
    await kit.client.delete(PERSISTENT_VOLUME_CLAIMS, { namespace, name });
    await kit.run();
  }
  expect(await names()).toEqual([]);
});

test('asks the server when the informers know of no user, and looks again', async () => {
  let cut = false;
  let asked = '';
  await startWith(['late'], ({ verb, resource }) => {
    // Only the controller asks for volumes right after claims: the informer's requests fail.
    const own = verb === 'list' && asked === 'list persistentvolumeclaims';
    asked = `${verb} ${resource}`;
    if (cut && resource === 'persistentvolumes' && !own && (verb === 'watch' || verb === 'list')) throw internalError('cut');
  });
  await kit.start(createVacProtectionController);
  cut = true;
  kit.client.cutWatches();
  kit.client.seed(PERSISTENT_VOLUMES, { metadata: { name: 'unseen' }, spec: { volumeAttributesClassName: 'late' } });
  await deleteClasses();
  await kit.run(3000);
  const { metadata } = await kit.client.get(VOLUME_ATTRIBUTES_CLASSES, { name: 'late' });
  expect(metadata).toMatchObject({ deletionTimestamp: expect.any(String), finalizers: [finalizer] });
  await kit.client.delete(PERSISTENT_VOLUMES, { name: 'unseen' });
  await kit.run(2000);
  expect(await names()).toEqual([]);
});
