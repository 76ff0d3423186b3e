import type { PersistentVolumeClaim } from '../../../openapi/types/core.v1.js';
import { internalError } from '../../apimachinery/errors/api-error.js';
import { PERSISTENT_VOLUME_CLAIMS, PODS } from '../../client/resources.js';
import { createKit, type Kit } from '../testing/kit.js';
import { pod } from '../testing/objects.js';
import { createEphemeralVolumeController } from './index.js';

const namespace = 'default';
let kit: Kit;
afterEach(async () => {
  await kit?.stop();
  expect(kit?.clock.pending()).toBe(0);
});

const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
const withScratch = (name: string, more: object = {}): object =>
  pod(name, {
    ready: false,
    spec: {
      volumes: [
        { name: 'tmp', emptyDir: {} },
        { name: 'scratch', ephemeral: { volumeClaimTemplate: { metadata: { labels: { a: 'b' } }, spec } } },
      ],
    },
    ...more,
  });
const claimOf = (name: string): Promise<PersistentVolumeClaim> => kit.client.get(PERSISTENT_VOLUME_CLAIMS, { namespace, name });
const claims = async (): Promise<readonly string[]> =>
  (await kit.client.list(PERSISTENT_VOLUME_CLAIMS)).items.map(({ metadata }) => metadata.name);

test('creates the claim, which the pod owns', async () => {
  kit = createKit();
  await kit.start(createEphemeralVolumeController);
  kit.client.seed(PODS, withScratch('web'));
  await kit.run();
  const owner = { apiVersion: 'v1', kind: 'Pod', name: 'web', uid: 'uid-web', controller: true, blockOwnerDeletion: true };
  expect(await claimOf('web-scratch')).toMatchObject({ metadata: { labels: { a: 'b' }, ownerReferences: [owner] }, spec });
  expect(kit.client.requests.filter(({ verb, resource }) => verb === 'create' && resource === 'persistentvolumeclaims')).toHaveLength(1);
});

test('makes it again for a pod that still runs, not for one that is done or going', async () => {
  kit = createKit();
  await kit.start(createEphemeralVolumeController);
  kit.client.seed(PODS, withScratch('done', { status: { phase: 'Succeeded' } }));
  kit.client.seed(PODS, withScratch('going', { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }));
  kit.client.seed(PODS, withScratch('web'));
  await kit.run();
  expect(await claims()).toEqual(['web-scratch']);
  await kit.client.delete(PERSISTENT_VOLUME_CLAIMS, { namespace, name: 'web-scratch' });
  await kit.run();
  expect(await claims()).toEqual(['web-scratch']);
});

test("says that a claim of the name is not the pod's own, and makes its own when that is gone", async () => {
  kit = createKit();
  await kit.start(createEphemeralVolumeController);
  kit.client.seed(PERSISTENT_VOLUME_CLAIMS, { metadata: { name: 'web-scratch', namespace }, spec });
  kit.client.seed(PODS, withScratch('web'));
  await kit.run(60_000);
  expect(await kit.events()).toEqual([
    'FailedBinding: ephemeral volume scratch: PVC default/web-scratch was not created for pod default/web (pod is not owner)',
  ]);
  await kit.client.delete(PERSISTENT_VOLUME_CLAIMS, { namespace, name: 'web-scratch' });
  await kit.run();
  expect((await claimOf('web-scratch')).metadata.ownerReferences).toHaveLength(1);
});

test('tries again what is refused, and says why', async () => {
  let refusals = 2;
  kit = createKit(({ verb, resource }) => {
    if (verb === 'create' && resource === 'persistentvolumeclaims' && refusals-- > 0) throw internalError('exceeded quota');
  });
  await kit.start(createEphemeralVolumeController);
  kit.client.seed(PODS, withScratch('web'));
  await kit.run(1000);
  expect(await claims()).toEqual(['web-scratch']);
  expect((await kit.events())[0]).toContain('FailedBinding: ephemeral volume scratch: create PVC web-scratch: ');
});
