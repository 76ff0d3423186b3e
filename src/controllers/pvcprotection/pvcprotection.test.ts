import { conflict, internalError, isReason, modified } from '../../apimachinery/errors/api-error.js';
import type { KubeObject } from '../../apimachinery/object.js';
import { PERSISTENT_VOLUME_CLAIMS, PODS } from '../../client/resources.js';
import type { MemoryReactor } from '../../client/testing/memory-client.js';
import { createKit, type Kit } from '../testing/kit.js';
import { pod } from '../testing/objects.js';
import { createPvcProtectionController } from './index.js';

const finalizer = 'kubernetes.io/pvc-protection';
const namespace = 'default';
let kit: Kit;
afterEach(async () => {
  await kit?.stop();
  expect(kit?.clock.pending()).toBe(0);
});

const claim = (name: string, metadata: object = {}): object => ({
  metadata: { name, namespace, finalizers: [finalizer], ...metadata },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  status: { phase: 'Bound' },
});
const using = (claimName: string): Readonly<Record<string, unknown>> => ({
  volumes: [{ name: 'v', persistentVolumeClaim: { claimName } }],
});
const deleteClaim = (name: string): Promise<unknown> => kit.client.delete(PERSISTENT_VOLUME_CLAIMS, { namespace, name });
const requestsOf = (verb: string, resource: string): number =>
  kit.client.requests.filter((request) => request.verb === verb && request.resource === resource).length;

async function get(name: string): Promise<KubeObject | undefined> {
  return kit.client.get(PERSISTENT_VOLUME_CLAIMS, { namespace, name }).catch((error: unknown) => {
    if (isReason(error, 'NotFound')) return undefined;
    throw error;
  });
}

async function startWith(claims: readonly object[], pods: readonly object[], reactor?: MemoryReactor): Promise<void> {
  kit = createKit(reactor);
  for (const one of claims) kit.client.seed(PERSISTENT_VOLUME_CLAIMS, one);
  for (const one of pods) kit.client.seed(PODS, one);
  await kit.start(createPvcProtectionController);
}

test('a claim without the finalizer gets it, behind others; one that has it costs nothing', async () => {
  await startWith([claim('bare', { finalizers: ['example.com/x'] }), claim('whole')], []);
  expect((await get('bare'))?.metadata.finalizers).toEqual(['example.com/x', finalizer]);
  expect(requestsOf('update', 'persistentvolumeclaims')).toBe(1);
});

test('a deleted claim that nobody uses goes; a finalizer of somebody else keeps it', async () => {
  await startWith([claim('free'), claim('kept', { finalizers: [finalizer, 'example.com/x'] })], []);
  await deleteClaim('free');
  await deleteClaim('kept');
  await kit.run();
  expect(await get('free')).toBeUndefined();
  expect((await get('kept'))?.metadata.finalizers).toEqual(['example.com/x']);
});

test('stays until the last pod that uses it is gone, finished ones too', async () => {
  const finished = pod('finished', { node: 'n', spec: using('data'), status: { phase: 'Succeeded' } });
  await startWith([claim('data')], [pod('running', { node: 'n', spec: using('data') }), finished]);
  await deleteClaim('data');
  await kit.run();
  expect((await get('data'))?.metadata.finalizers).toEqual([finalizer]);
  for (const name of ['running', 'finished']) {
    expect(await get('data')).toBeDefined();
    await kit.client.delete(PODS, { namespace, name }, { gracePeriodSeconds: 0 });
    await kit.run();
  }
  expect(await get('data')).toBeUndefined();
});

test('neither a pod without a node nor one of another namespace keeps it', async () => {
  const elsewhere = pod('far', { node: 'n', spec: using('data'), metadata: { namespace: 'other' } });
  await startWith([claim('data')], [pod('waits', { spec: using('data') }), elsewhere]);
  await deleteClaim('data');
  await kit.run();
  expect(await get('data')).toBeUndefined();
});

test('a pod keeps the claim of its ephemeral volume, not one that only has its name', async () => {
  const ephemeral = (name: string): object =>
    pod(name, { node: 'n', spec: { volumes: [{ name: 'v', ephemeral: { volumeClaimTemplate: {} } }] } });
  const ownerReferences = [{ apiVersion: 'v1', kind: 'Pod', name: 'a', uid: 'uid-a', controller: true }];
  await startWith([claim('a-v', { ownerReferences }), claim('b-v')], [ephemeral('a'), ephemeral('b')]);
  await deleteClaim('a-v');
  await deleteClaim('b-v');
  await kit.run();
  expect(await get('a-v')).toBeDefined();
  expect(await get('b-v')).toBeUndefined();
});

test('many claims that go together ask for the pods of their namespace once', async () => {
  const names = Array.from({ length: 30 }, (_, index) => `c${index}`);
  const deletionTimestamp = '2026-01-01T00:00:00Z';
  await startWith(
    names.map((name) => claim(name, { deletionTimestamp })),
    [],
  );
  expect((await kit.client.list(PERSISTENT_VOLUME_CLAIMS)).items).toEqual([]);
  // The informer does not list: its watch begins with what is there.
  expect(requestsOf('list', 'pods')).toBe(1);
});

test('asks the server when the informer knows of no pod, and looks again', async () => {
  let cut = false;
  // The controller asks for one namespace, the informer for all.
  await startWith([claim('data')], [], ({ resource, namespace: asked }) => {
    if (cut && resource === 'pods' && asked === undefined) throw internalError('cut');
  });
  cut = true;
  kit.client.cutWatches();
  kit.client.seed(PODS, pod('late', { node: 'n', spec: using('data') }));
  await deleteClaim('data');
  await kit.run(3000);
  expect((await get('data'))?.metadata.deletionTimestamp).toBeDefined();
  expect(requestsOf('update', 'persistentvolumeclaims')).toBe(0);
  await kit.client.delete(PODS, { namespace, name: 'late' }, { gracePeriodSeconds: 0 });
  await kit.run(2000);
  expect(await get('data')).toBeUndefined();
});

test('errors and conflicts are tried again, and do not keep the others', async () => {
  let failures = 2;
  await startWith([claim('bad'), claim('good')], [], ({ verb, name }) => {
    if (verb !== 'update' || name !== 'bad' || failures === 0) return;
    throw failures-- === 2 ? internalError('no') : conflict(PERSISTENT_VOLUME_CLAIMS, 'bad', modified);
  });
  await deleteClaim('bad');
  await deleteClaim('good');
  await kit.run(1000);
  expect(failures).toBe(0);
  expect(await get('bad')).toBeUndefined();
  expect(await get('good')).toBeUndefined();
});
