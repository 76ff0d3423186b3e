import { conflict, modified } from '../../apimachinery/errors/api-error.js';
import { PERSISTENT_VOLUMES } from '../../client/resources.js';
import { createKit, type Kit } from '../testing/kit.js';
import { createPvProtectionController } from './index.js';

const finalizer = 'kubernetes.io/pv-protection';
let kit: Kit;
afterEach(async () => {
  await kit?.stop();
  expect(kit?.clock.pending()).toBe(0);
});

const volume = (name: string, phase?: string, finalizers: readonly string[] = [finalizer]): object => ({
  metadata: { name, finalizers },
  spec: { capacity: { storage: '1Gi' } },
  ...(phase === undefined ? {} : { status: { phase } }),
});

const names = async (): Promise<string[]> => (await kit.client.list(PERSISTENT_VOLUMES)).items.map(({ metadata }) => metadata.name);

test('a volume without the finalizer gets it, once', async () => {
  kit = createKit();
  kit.client.seed(PERSISTENT_VOLUMES, volume('bare', 'Available', []));
  kit.client.seed(PERSISTENT_VOLUMES, volume('whole', 'Available'));
  await kit.start(createPvProtectionController);
  await kit.run(1000);
  expect((await kit.client.get(PERSISTENT_VOLUMES, { name: 'bare' })).metadata.finalizers).toEqual([finalizer]);
  expect(kit.client.requests.filter(({ verb }) => verb === 'update').length).toBe(1);
});

test('a deleted volume stays while it is bound, and goes when it is released', async () => {
  kit = createKit();
  for (const [name, phase] of [['bound', 'Bound'], ['free', 'Available'], ['failed', 'Failed'], ['new']] as const)
    kit.client.seed(PERSISTENT_VOLUMES, volume(name, phase));
  await kit.start(createPvProtectionController);
  for (const name of await names()) await kit.client.delete(PERSISTENT_VOLUMES, { name });
  await kit.run();
  expect(await names()).toEqual(['bound']);
  await kit.client.patch(PERSISTENT_VOLUMES, { name: 'bound' }, 'merge', { status: { phase: 'Released' } }, { subresource: 'status' });
  await kit.run();
  expect(await names()).toEqual([]);
});

test('a conflict is tried again', async () => {
  let conflicts = 1;
  kit = createKit(({ verb }) => {
    if (verb === 'update' && conflicts-- > 0) throw conflict(PERSISTENT_VOLUMES, 'free', modified);
  });
  kit.client.seed(PERSISTENT_VOLUMES, volume('free', 'Available'));
  await kit.start(createPvProtectionController);
  await kit.client.delete(PERSISTENT_VOLUMES, { name: 'free' });
  await kit.run(1000);
  expect(await names()).toEqual([]);
});
