import { ApiError } from '../../apimachinery/errors/api-error.js';
import type { Namespace } from '../../../openapi/types/core.v1.js';
import { API_SERVICES, CONFIG_MAPS, NAMESPACES, PODS, SECRETS } from '../../client/resources.js';
import { createKit, type Kit } from '../testing/kit.js';
import { createNamespaceController } from './index.js';

let kit: Kit;
afterEach(() => kit?.stop());

/** The memory client does not know `spec.finalizers`: the object stays until its metadata's finalizer goes. */
const terminating = {
  metadata: { name: 'old', deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['test.io/keep'] },
  spec: { finalizers: ['kubernetes', 'test.io/other'] },
  status: { phase: 'Terminating' },
};
const get = (): Promise<Namespace> => kit.client.get(NAMESPACES, { name: 'old' });
const messages = async (): Promise<unknown> =>
  ((await get()).status.conditions ?? []).map(({ type, status, reason, message }) => [type, status, reason, message]);

test('empties the namespace and takes its own finalizer only', async () => {
  kit = createKit();
  kit.client.seed(CONFIG_MAPS, { metadata: { name: 'a', namespace: 'old' } });
  kit.client.seed(CONFIG_MAPS, { metadata: { name: 'b', namespace: 'new' } });
  kit.client.seed(NAMESPACES, terminating);
  await kit.start(createNamespaceController);
  await kit.run(1000);
  expect((await kit.client.list(CONFIG_MAPS)).items.map(({ metadata }) => metadata.name)).toEqual(['b']);
  expect((await get()).spec.finalizers).toEqual(['test.io/other']);
  expect(kit.client.requests.filter(({ subresource }) => subresource === 'finalize')).toHaveLength(1);
  expect(await messages()).toEqual([
    ['NamespaceDeletionDiscoveryFailure', 'False', 'ResourcesDiscovered', 'All resources successfully discovered'],
    ['NamespaceDeletionGroupVersionParsingFailure', 'False', 'ParsedGroupVersions', 'All legacy kube types successfully parsed'],
    ['NamespaceDeletionContentFailure', 'False', 'ContentDeleted', 'All content successfully deleted, may be waiting on finalization'],
    ['NamespaceContentRemaining', 'False', 'ContentRemoved', 'All content successfully removed'],
    ['NamespaceFinalizersRemaining', 'False', 'ContentHasNoFinalizers', 'All content-preserving finalizers finished'],
  ]);
});

test('says what is left, in the real words, and goes on when it is gone', async () => {
  kit = createKit();
  kit.client.seed(CONFIG_MAPS, { metadata: { name: 'fin', namespace: 'old', finalizers: ['x.io/block', 'x.io/b2'] } });
  kit.client.seed(CONFIG_MAPS, { metadata: { name: 'fin2', namespace: 'old', finalizers: ['x.io/block', 'y.io/c'] } });
  kit.client.seed(SECRETS, { metadata: { name: 's', namespace: 'old', finalizers: ['x.io/block'] } });
  kit.client.seed(NAMESPACES, terminating);
  await kit.start(createNamespaceController);
  expect((await messages()) as unknown[]).toEqual(
    expect.arrayContaining([
      [
        'NamespaceContentRemaining',
        'True',
        'SomeResourcesRemain',
        'Some resources are remaining: configmaps. has 2 resource instances, secrets. has 1 resource instances',
      ],
      [
        'NamespaceFinalizersRemaining',
        'True',
        'SomeFinalizersRemain',
        'Some content in the namespace has finalizers remaining: x.io/b2 in 1 resource instances, x.io/block in 3 resource instances, y.io/c in 1 resource instances',
      ],
    ]),
  );
  for (const name of ['fin', 'fin2'])
    await kit.client.patch(CONFIG_MAPS, { namespace: 'old', name }, 'merge', { metadata: { finalizers: null } });
  await kit.client.patch(SECRETS, { namespace: 'old', name: 's' }, 'merge', { metadata: { finalizers: null } });
  await kit.run(10_000);
  expect((await get()).spec.finalizers).toEqual(['test.io/other']);
});

test('keeps a namespace whose content cannot be deleted, and says why', async () => {
  let broken = true;
  kit = createKit(({ verb, resource }) => {
    if (broken && verb === 'deletecollection' && resource === 'secrets') throw new ApiError(500, 'InternalError', 'no');
  });
  kit.client.seed(SECRETS, { metadata: { name: 's', namespace: 'old' } });
  kit.client.seed(NAMESPACES, terminating);
  await kit.start(createNamespaceController);
  expect(await messages()).toContainEqual([
    'NamespaceDeletionContentFailure',
    'True',
    'ContentDeletionFailed',
    expect.stringContaining('failed to delete v1, Resource=secrets: no'),
  ]);
  expect((await get()).spec.finalizers).toContain('kubernetes');
  broken = false;
  await kit.run(60_000);
  expect((await get()).spec.finalizers).toEqual(['test.io/other']);
});

test('leaves living namespaces alone', async () => {
  kit = createKit();
  kit.client.seed(CONFIG_MAPS, { metadata: { name: 'a', namespace: 'live' } });
  kit.client.seed(NAMESPACES, { metadata: { name: 'live' }, spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } });
  await kit.start(createNamespaceController);
  await kit.run(60_000);
  expect((await kit.client.list(CONFIG_MAPS)).items).toHaveLength(1);
});

test('deletes nothing else while there are pods', async () => {
  kit = createKit();
  kit.client.seed(PODS, { metadata: { name: 'p', namespace: 'old', finalizers: ['x.io/pod'] }, spec: {}, status: {} });
  kit.client.seed(CONFIG_MAPS, { metadata: { name: 'a', namespace: 'old' } });
  kit.client.seed(NAMESPACES, terminating);
  await kit.start(createNamespaceController);
  await kit.run(60_000);
  expect((await kit.client.list(CONFIG_MAPS)).items).toHaveLength(1);
  expect((await messages()) as unknown[]).toContainEqual([
    'NamespaceContentRemaining',
    'False',
    'ContentRemoved',
    'All content successfully removed',
  ]);
  await kit.client.patch(PODS, { namespace: 'old', name: 'p' }, 'merge', { metadata: { finalizers: null } });
  await kit.run(10_000);
  expect((await kit.client.list(CONFIG_MAPS)).items).toEqual([]);
  expect((await get()).spec.finalizers).toEqual(['test.io/other']);
});

test('waits for APIs that cannot be asked, with everything else deleted', async () => {
  kit = createKit();
  const api = (status: string): void =>
    void kit.client.seed(API_SERVICES, {
      metadata: { name: 'v1.broken.example.com' },
      spec: { group: 'broken.example.com', version: 'v1', service: { name: 's', namespace: 'n' } },
      status: { conditions: [{ type: 'Available', status }] },
    });
  api('False');
  kit.client.seed(CONFIG_MAPS, { metadata: { name: 'a', namespace: 'old' } });
  kit.client.seed(NAMESPACES, terminating);
  await kit.start(createNamespaceController);
  await kit.run(1000);
  expect((await messages()) as unknown[]).toContainEqual([
    'NamespaceDeletionDiscoveryFailure',
    'True',
    'DiscoveryFailed',
    'Discovery failed for some groups, 1 failing: unable to retrieve the complete list of server APIs: broken.example.com/v1: stale GroupVersion discovery: broken.example.com/v1',
  ]);
  expect((await kit.client.list(CONFIG_MAPS)).items).toEqual([]);
  expect((await get()).spec.finalizers).toContain('kubernetes');
  api('True');
  await kit.run(60_000);
  expect((await get()).spec.finalizers).toEqual(['test.io/other']);
});
