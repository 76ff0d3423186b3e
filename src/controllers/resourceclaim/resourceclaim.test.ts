import type { Pod } from '../../../openapi/types/core.v1.js';
import type { ResourceClaim } from '../../../openapi/types/resource.v1.js';
import { internalError } from '../../apimachinery/errors/api-error.js';
import { PODS, RESOURCE_CLAIM_TEMPLATES, RESOURCE_CLAIMS } from '../../client/resources.js';
import type { MemoryReactor } from '../../client/testing/memory-client.js';
import { createKit, type Kit } from '../testing/kit.js';
import { pod, type PodOptions } from '../testing/objects.js';
import { createResourceClaimController } from './index.js';

const namespace = 'default';
let kit: Kit;
afterEach(async () => {
  await kit?.stop();
  expect(kit?.clock.pending()).toBe(0);
});

const devices = { requests: [{ name: 'r', exactly: { deviceClassName: 'gpu' } }] };
const allocation = { devices: { results: [{ request: 'r', driver: 'd', pool: 'p', device: 'd1' }] } };
const consumer = (name: string): object => ({ resource: 'pods', name, uid: `uid-${name}` });

async function start(reactor?: MemoryReactor): Promise<void> {
  kit = createKit(reactor);
  await kit.start(createResourceClaimController);
}
function seedTemplate(): void {
  kit.client.seed(RESOURCE_CLAIM_TEMPLATES, {
    metadata: { name: 'gpu', namespace },
    spec: { metadata: { labels: { a: 'b' }, annotations: { c: 'd' } }, spec: { devices } },
  });
}
const resourceClaims = [
  { name: 'x', resourceClaimTemplateName: 'gpu' },
  { name: 'y', resourceClaimName: 'direct' },
];
const user = (name: string, more: PodOptions = {}): Pod => pod(name, { ready: false, ...more, spec: { resourceClaims } });
const claims = async (): Promise<readonly ResourceClaim[]> => (await kit.client.list<ResourceClaim>(RESOURCE_CLAIMS)).items;
const seedClaim = (name: string, status: object, metadata: object = {}): ResourceClaim =>
  kit.client.seed(RESOURCE_CLAIMS, { metadata: { name, namespace, uid: `uid-${name}`, ...metadata }, spec: { devices }, status });
const claimOf = (name: string): Promise<ResourceClaim> => kit.client.get(RESOURCE_CLAIMS, { namespace, name });

test('makes the claim of a template once, and tells its name in the pod’s status', async () => {
  await start();
  seedTemplate();
  kit.client.seed(PODS, user('web'));
  await kit.run(1000);
  const made = await claims();
  expect(made).toMatchObject([
    {
      metadata: {
        generateName: 'web-x-',
        labels: { a: 'b' },
        annotations: { c: 'd', 'resource.kubernetes.io/pod-claim-name': 'x' },
        ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'web', uid: 'uid-web', controller: true }],
      },
      spec: { devices },
    },
  ]);
  expect(made[0]?.metadata.ownerReferences?.[0]).not.toHaveProperty('blockOwnerDeletion');
  const { status } = await kit.client.get(PODS, { namespace, name: 'web' });
  expect(status.resourceClaimStatuses).toEqual([{ name: 'x', resourceClaimName: made[0]!.metadata.name }]);
});

test('says that a template is missing, once, and goes on when it comes', async () => {
  await start();
  kit.client.seed(PODS, user('web'));
  await kit.run(60_000);
  expect(await kit.events()).toEqual([
    'FailedResourceClaimCreation: PodResourceClaim x: resource claim template "gpu": resourceclaimtemplate.resource.k8s.io "gpu" not found',
  ]);
  seedTemplate();
  await kit.run();
  expect(await claims()).toHaveLength(1);
});

test('a status that cannot be written costs no second claim', async () => {
  let failures = 3;
  await start(({ verb, resource }) => {
    if (verb === 'patch' && resource === 'pods' && failures-- > 0) throw internalError('no');
  });
  seedTemplate();
  kit.client.seed(PODS, user('web'));
  await kit.run(2000);
  expect(await claims()).toHaveLength(1);
  expect((await kit.client.get(PODS, { namespace, name: 'web' })).status.resourceClaimStatuses).toHaveLength(1);
});

test('reserves an allocated claim for a pod that came with its node', async () => {
  await start();
  seedTemplate();
  seedClaim('direct', { allocation, reservedFor: [consumer('other')] });
  kit.client.seed(PODS, user('other'));
  kit.client.seed(PODS, user('web', { node: 'n' }));
  await kit.run();
  expect((await claimOf('direct')).status.reservedFor).toEqual([consumer('other'), consumer('web')]);
});

test('a pod that is gone or done lets go; the last one frees the devices and the finalizer', async () => {
  await start();
  const finalizers = ['resource.kubernetes.io/delete-protection'];
  kit.client.seed(PODS, user('web', { node: 'n' }));
  kit.client.seed(PODS, user('job', { node: 'n' }));
  seedClaim('direct', { allocation, reservedFor: [consumer('web'), consumer('job'), consumer('unknown')] }, { finalizers });
  await kit.run();
  expect((await claimOf('direct')).status.reservedFor).toEqual([consumer('web'), consumer('job')]);
  kit.client.seed(PODS, user('job', { node: 'n', status: { phase: 'Succeeded' } }));
  await kit.run();
  expect((await claimOf('direct')).status).toEqual({ allocation, reservedFor: [consumer('web')] });
  await kit.client.delete(PODS, { namespace, name: 'web' }, { gracePeriodSeconds: 0 });
  await kit.run();
  expect((await claimOf('direct')).status).toEqual({});
  expect((await claimOf('direct')).metadata.finalizers ?? []).toEqual([]);
});

test('the claim made for a pod goes with it, its allocation too', async () => {
  await start();
  seedTemplate();
  kit.client.seed(PODS, user('web', { node: 'n' }));
  await kit.run();
  const [made] = await claims();
  const finalizers = ['resource.kubernetes.io/delete-protection'];
  kit.client.seed(RESOURCE_CLAIMS, {
    ...made,
    metadata: { ...made!.metadata, finalizers },
    status: { allocation, reservedFor: [consumer('web')] },
  });
  await kit.client.delete(PODS, { namespace, name: 'web' }, { gracePeriodSeconds: 0 });
  await kit.run(100);
  expect(await claims()).toEqual([]);
});

test('a deleted claim that is reserved stays, one that is only allocated goes', async () => {
  await start();
  const finalizers = ['resource.kubernetes.io/delete-protection'];
  kit.client.seed(PODS, user('web', { node: 'n' }));
  seedClaim('direct', { allocation, reservedFor: [consumer('web')] }, { finalizers });
  seedClaim('idle', { allocation }, { finalizers });
  for (const name of ['direct', 'idle']) await kit.client.delete(RESOURCE_CLAIMS, { namespace, name });
  await kit.run();
  expect((await claimOf('direct')).status.allocation).toEqual(allocation);
  await expect(claimOf('idle')).rejects.toMatchObject({ code: 404 });
});

test('a claim that the scheduler is about to allocate keeps its finalizer', async () => {
  await start();
  seedClaim('direct', {}, { finalizers: ['resource.kubernetes.io/delete-protection'] });
  await kit.run(1000);
  expect((await claimOf('direct')).metadata.finalizers).toHaveLength(1);
});
