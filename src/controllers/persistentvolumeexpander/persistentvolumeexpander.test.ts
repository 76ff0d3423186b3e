import { PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES } from '../../client/resources.js';
import { createKit, type Kit } from '../testing/kit.js';
import { createPersistentVolumeExpander } from './index.js';

const namespace = 'default';
let kit: Kit;
afterEach(async () => {
  await kit?.stop();
  expect(kit?.clock.pending()).toBe(0);
});

function seedClaim(storage: string, phase = 'Bound'): void {
  kit.client.seed(PERSISTENT_VOLUME_CLAIMS, {
    metadata: { name: 'data', namespace, uid: 'uid-data' },
    spec: { volumeName: 'v', resources: { requests: { storage } } },
    status: { phase, capacity: { storage: '1Gi' } },
  });
}

async function startWith(phase?: string): Promise<void> {
  kit = createKit();
  kit.client.seed(PERSISTENT_VOLUMES, { metadata: { name: 'v' }, spec: { claimRef: { namespace, name: 'data', uid: 'uid-data' } } });
  seedClaim('1Gi', phase);
  await kit.start(createPersistentVolumeExpander);
}

test('a bound claim that asks for more is told who sees to it', async () => {
  await startWith();
  expect(await kit.events()).toEqual([]);
  seedClaim('2Gi');
  await kit.run();
  expect(await kit.events()).toEqual(['ExternalExpanding: waiting for an external controller to expand this PVC']);
});

test('nothing is said of the same size in other words, of less, nor of a claim that is not bound', async () => {
  await startWith();
  seedClaim('1024Mi');
  seedClaim('0.5Gi');
  await kit.run();
  seedClaim('3Gi', 'Pending');
  await kit.run();
  expect(await kit.events()).toEqual([]);
});
