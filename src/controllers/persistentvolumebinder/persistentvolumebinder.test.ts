import type { PersistentVolume, PersistentVolumeClaim } from '../../../openapi/types/core.v1.js';
import { conflict, isReason, modified } from '../../apimachinery/errors/api-error.js';
import { PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, PODS, STORAGE_CLASSES } from '../../client/resources.js';
import type { MemoryReactor } from '../../client/testing/memory-client.js';
import { createKit, type Kit } from '../testing/kit.js';
import { pod } from '../testing/objects.js';
import { createPersistentVolumeBinder } from './index.js';

type Fields = Readonly<Record<string, unknown>>;

const namespace = 'default';
let kit: Kit;
afterEach(async () => {
  await kit?.stop();
  expect(kit?.clock.pending()).toBe(0);
});

const volume = (name: string, storage: string, spec: Fields = {}, status: Fields = { phase: 'Pending' }): Fields => ({
  metadata: { name },
  spec: {
    capacity: { storage },
    accessModes: ['ReadWriteOnce'],
    storageClassName: 'static',
    persistentVolumeReclaimPolicy: 'Retain',
    hostPath: { path: `/tmp/${name}` },
    ...spec,
  },
  status,
});
const claim = (name: string, storage: string, spec: Fields = {}, metadata: Fields = {}): Fields => ({
  metadata: { name, namespace, uid: `uid-${name}`, ...metadata },
  spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'static', resources: { requests: { storage } }, ...spec },
  status: { phase: 'Pending' },
});
const storageClass = (name: string, provisioner: string, fields: Fields = {}): Fields => ({ metadata: { name }, provisioner, ...fields });

interface World {
  readonly volumes?: readonly Fields[];
  readonly claims?: readonly Fields[];
  readonly classes?: readonly Fields[];
  readonly pods?: readonly unknown[];
  /** Whether the claims are there before the controller is. */
  readonly early?: boolean;
}

async function startWith(
  { volumes = [], claims = [], classes = [], pods = [], early = false }: World,
  reactor?: MemoryReactor,
): Promise<void> {
  kit = createKit(reactor);
  for (const one of classes) kit.client.seed(STORAGE_CLASSES, one);
  for (const one of pods) kit.client.seed(PODS, one);
  for (const one of volumes) kit.client.seed(PERSISTENT_VOLUMES, one);
  if (!early) await kit.start(createPersistentVolumeBinder);
  for (const one of claims) kit.client.seed(PERSISTENT_VOLUME_CLAIMS, one);
  if (early) await kit.start(createPersistentVolumeBinder);
  await kit.run();
}

const claimOf = (name: string): Promise<PersistentVolumeClaim> => kit.client.get(PERSISTENT_VOLUME_CLAIMS, { namespace, name });
const volumeOf = (name: string): Promise<PersistentVolume> => kit.client.get(PERSISTENT_VOLUMES, { name });
const writes = (): number => kit.client.requests.filter(({ verb, resource }) => verb === 'update' && resource !== 'events').length;
const isGone = (name: string): Promise<boolean> =>
  volumeOf(name).then(
    () => false,
    (error: unknown) => isReason(error, 'NotFound'),
  );

test('binds to the smallest volume that is large enough, and tells both sides', async () => {
  await startWith({ volumes: [volume('one', '1Gi'), volume('five', '5Gi'), volume('three', '3Gi')], claims: [claim('data', '2Gi')] });
  expect(await claimOf('data')).toMatchObject({
    metadata: { annotations: { 'pv.kubernetes.io/bind-completed': 'yes', 'pv.kubernetes.io/bound-by-controller': 'yes' } },
    spec: { volumeName: 'three' },
    status: { phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity: { storage: '3Gi' } },
  });
  expect(await volumeOf('three')).toMatchObject({
    metadata: { annotations: { 'pv.kubernetes.io/bound-by-controller': 'yes' } },
    spec: { claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name: 'data', uid: 'uid-data' } },
    status: { phase: 'Bound' },
  });
  expect((await volumeOf('one')).status.phase).toBe('Available');
  const before = writes();
  await kit.run(60_000);
  expect(writes()).toBe(before);
});

test('many claims that come together share the volumes, one each', async () => {
  const names = Array.from({ length: 20 }, (_, index) => `n${index}`);
  await startWith({ volumes: names.map((name) => volume(`v-${name}`, '1Gi')), claims: names.map((name) => claim(name, '1Gi')) });
  await kit.run(1000);
  const claims = await kit.client.list<PersistentVolumeClaim>(PERSISTENT_VOLUME_CLAIMS);
  expect(new Set(claims.items.map(({ spec }) => spec.volumeName)).size).toBe(20);
  expect(claims.items.every(({ status }) => status.phase === 'Bound')).toBe(true);
});

test.each([
  ['class', { storageClassName: 'other' }, {}],
  ['access mode', {}, { accessModes: ['ReadWriteMany'] }],
  ['volume mode', { volumeMode: 'Block' }, {}],
  ['attributes class', { volumeAttributesClassName: 'gold' }, {}],
  ['selector', {}, { selector: { matchLabels: { a: 'b' } } }],
  ['size', {}, { resources: { requests: { storage: '2Gi' } } }],
])('a volume of another %s does not do', async (_what, ofVolume, ofClaim) => {
  await startWith({ volumes: [volume('v', '1Gi', ofVolume)], claims: [claim('data', '1Gi', ofClaim)] });
  expect((await claimOf('data')).spec.volumeName).toBeUndefined();
  expect((await volumeOf('v')).status.phase).toBe('Available');
});

test('a volume with the wanted access modes alone comes before one that can do more', async () => {
  const both = { accessModes: ['ReadWriteOnce', 'ReadOnlyMany'] };
  await startWith({ volumes: [volume('more', '1Gi', both), volume('just', '2Gi')], claims: [claim('data', '1Gi')] });
  expect((await claimOf('data')).spec.volumeName).toBe('just');
});

test('a volume kept for a claim waits for it, and goes to it whatever its class', async () => {
  const kept = volume('kept', '1Gi', { storageClassName: 'other', claimRef: { namespace, name: 'data' } });
  await startWith({ volumes: [kept], claims: [claim('stranger', '1Gi', { storageClassName: 'other' })] });
  expect((await volumeOf('kept')).status.phase).toBe('Available');
  kit.client.seed(PERSISTENT_VOLUME_CLAIMS, claim('data', '1Gi'));
  await kit.run();
  expect(await volumeOf('kept')).toMatchObject({ spec: { claimRef: { uid: 'uid-data' } }, status: { phase: 'Bound' } });
  expect((await volumeOf('kept')).metadata.annotations).toBeUndefined();
  expect((await claimOf('data')).status.phase).toBe('Bound');
});

test.each([
  [{ storageClassName: 'other' }, {}, 'storageClassName does not match'],
  [{}, { resources: { requests: { storage: '5Gi' } } }, 'requested PV is too small'],
  [{ volumeMode: 'Block' }, {}, 'incompatible volumeMode'],
  [{}, { accessModes: ['ReadWriteMany'] }, 'incompatible accessMode'],
])('a claim that names a volume is told why it cannot have it', async (ofVolume, ofClaim, why) => {
  await startWith({ volumes: [volume('v', '1Gi', ofVolume)], claims: [claim('data', '1Gi', { volumeName: 'v', ...ofClaim })] });
  expect(await kit.events()).toEqual([`VolumeMismatch: Cannot bind to requested volume "v": ${why}`]);
  expect((await claimOf('data')).status.phase).toBe('Pending');
});

test('a claim that names a volume gets it when it comes, and without the mark of the controller', async () => {
  await startWith({ claims: [claim('data', '1Gi', { volumeName: 'v' })] });
  expect(await kit.events()).toEqual([]);
  kit.client.seed(PERSISTENT_VOLUMES, volume('v', '1Gi'));
  await kit.run();
  kit.client.seed(PERSISTENT_VOLUME_CLAIMS, claim('late', '1Gi', { volumeName: 'v' }));
  await kit.run();
  expect((await claimOf('data')).metadata.annotations).toEqual({ 'pv.kubernetes.io/bind-completed': 'yes' });
  expect(await kit.events()).toContain('FailedBinding: volume "v" already bound to a different claim.');
});

test('says what is missing: no class, no such class, no plugin', async () => {
  await startWith({
    classes: [storageClass('bare', 'kubernetes.io/no-provisioner')],
    claims: [
      claim('a', '1Gi', { storageClassName: '' }),
      claim('b', '1Gi', { storageClassName: 'gone' }),
      claim('c', '1Gi', { storageClassName: 'bare' }),
    ],
  });
  expect((await kit.events()).sort()).toEqual([
    'FailedBinding: no persistent volumes available for this claim and no storage class is set',
    'ProvisioningFailed: no volume plugin matched name: kubernetes.io/no-provisioner',
    'ProvisioningFailed: storageclass.storage.k8s.io "gone" not found',
  ]);
});

test('names the provisioner on the claim, the one that took over where there is one', async () => {
  await startWith({
    classes: [storageClass('x', 'example.com/x'), storageClass('aws', 'kubernetes.io/aws-ebs')],
    claims: [claim('a', '1Gi', { storageClassName: 'x' }), claim('b', '1Gi', { storageClassName: 'aws' })],
  });
  const annotations = (name: string): object => ({
    'volume.kubernetes.io/storage-provisioner': name,
    'volume.beta.kubernetes.io/storage-provisioner': name,
  });
  expect((await claimOf('a')).metadata.annotations).toEqual(annotations('example.com/x'));
  expect((await claimOf('b')).metadata.annotations).toEqual(annotations('ebs.csi.aws.com'));
  expect((await kit.events())[0]).toMatch(
    /^ExternalProvisioning: Waiting for a volume to be created either by the external provisioner 'example.com\/x' or manually/,
  );
});

test('a class that waits for a consumer leaves free volumes to the scheduler', async () => {
  const waits = storageClass('static', 'example.com/x', { volumeBindingMode: 'WaitForFirstConsumer' });
  await startWith({ classes: [waits], volumes: [volume('v', '1Gi')], claims: [claim('data', '1Gi')] });
  expect(await kit.events()).toEqual(['WaitForFirstConsumer: waiting for first consumer to be created before binding']);
  const using = { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }] };
  for (const name of ['b', 'a']) kit.client.seed(PODS, pod(name, { ready: false, spec: using }));
  await kit.run(16_000);
  expect(await kit.events()).toContain('WaitForPodScheduled: waiting for pods a,b to be scheduled');
  // The scheduler has chosen: the volume is kept for the claim.
  const { metadata } = await claimOf('data');
  const free = await volumeOf('v');
  await kit.client.update(PERSISTENT_VOLUMES, {
    ...free,
    spec: { ...free.spec, claimRef: { namespace, name: 'data', uid: metadata.uid } },
  });
  await kit.run();
  expect((await claimOf('data')).status.phase).toBe('Bound');
});

test('a node for the first consumer has a volume asked for', async () => {
  const waits = storageClass('dynamic', 'example.com/x', { volumeBindingMode: 'WaitForFirstConsumer' });
  const annotations = { 'volume.kubernetes.io/selected-node': 'n' };
  await startWith({ classes: [waits], claims: [claim('data', '1Gi', { storageClassName: 'dynamic' }, { annotations })] });
  expect((await claimOf('data')).metadata.annotations).toMatchObject({ 'volume.kubernetes.io/storage-provisioner': 'example.com/x' });
});

test('a claim that leaves its class open gets the newest default class as soon as there is one', async () => {
  await startWith({ claims: [claim('data', '1Gi', { storageClassName: undefined })] });
  expect((await claimOf('data')).spec.storageClassName).toBeUndefined();
  const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' };
  for (const [name, creationTimestamp] of [
    ['new', '2026-02-01T00:00:00Z'],
    ['old', '2026-01-01T00:00:00Z'],
  ] as const)
    kit.client.seed(STORAGE_CLASSES, { ...storageClass(name, 'example.com/x'), metadata: { name, annotations, creationTimestamp } });
  await kit.run();
  expect((await claimOf('data')).spec.storageClassName).toBe('new');
});

test('without its claim a volume is released, and its policy decides', async () => {
  const names = ['retain', 'delete', 'outside', 'nfs', 'csi'];
  const deleted = { persistentVolumeReclaimPolicy: 'Delete' };
  await startWith({
    volumes: [
      volume('retain', '1Gi', { storageClassName: 'retain' }),
      volume('delete', '1Gi', { storageClassName: 'delete', ...deleted }),
      volume('outside', '1Gi', { storageClassName: 'outside', ...deleted, hostPath: { path: '/var/x' } }),
      volume('nfs', '1Gi', { storageClassName: 'nfs', ...deleted, hostPath: undefined, nfs: { server: 's', path: '/' } }),
      volume('csi', '1Gi', { storageClassName: 'csi', ...deleted, hostPath: undefined, csi: { driver: 'd', volumeHandle: 'h' } }),
    ].map((one) => JSON.parse(JSON.stringify(one)) as Fields),
    claims: names.map((name) => claim(name, '1Gi', { storageClassName: name })),
  });
  for (const name of names) expect((await claimOf(name)).status.phase).toBe('Bound');
  for (const name of names) await kit.client.delete(PERSISTENT_VOLUME_CLAIMS, { namespace, name });
  await kit.run();
  expect((await volumeOf('retain')).status.phase).toBe('Released');
  expect(await isGone('delete')).toBe(true);
  expect((await volumeOf('csi')).status.phase).toBe('Released');
  expect((await volumeOf('outside')).status).toMatchObject({
    phase: 'Failed',
    message: 'host_path deleter only supports /tmp/.+ but received provided /var/x',
  });
  expect((await kit.events()).sort()).toEqual([
    'VolumeFailedDelete: error getting deleter volume plugin for volume "nfs": no deletable volume plugin matched',
    'VolumeFailedDelete: host_path deleter only supports /tmp/.+ but received provided /var/x',
  ]);
});

test('a recycled volume is emptied by a pod and free again', async () => {
  await startWith({ volumes: [volume('v', '1Gi', { persistentVolumeReclaimPolicy: 'Recycle' })], claims: [claim('data', '1Gi')] });
  await kit.client.delete(PERSISTENT_VOLUME_CLAIMS, { namespace, name: 'data' });
  await kit.run();
  const recycler = await kit.client.get(PODS, { namespace, name: 'recycler-for-v' });
  expect(recycler.spec).toMatchObject({ restartPolicy: 'Never', volumes: [{ name: 'vol', hostPath: { path: '/tmp/v' } }] });
  kit.client.seed(PODS, { ...recycler, status: { phase: 'Succeeded' } });
  await kit.run();
  expect(await volumeOf('v')).toMatchObject({ status: { phase: 'Available' } });
  expect((await volumeOf('v')).spec.claimRef).toBeUndefined();
  expect(await kit.events()).toEqual(['VolumeRecycled: Volume recycled']);
});

test('a claim whose volume is gone is lost, one whose volume the informer does not know yet is not', async () => {
  await startWith({ volumes: [volume('v', '1Gi')], claims: [claim('data', '1Gi')] });
  await kit.client.delete(PERSISTENT_VOLUMES, { name: 'v' });
  await kit.run();
  expect((await claimOf('data')).status).toEqual({ phase: 'Lost' });
  expect(await kit.events()).toEqual(['ClaimLost: Bound claim has lost its PersistentVolume. Data on the volume is lost!']);
});

test('a volume whose claim took another one is free again', async () => {
  const bound = { 'pv.kubernetes.io/bound-by-controller': 'yes' };
  const other = {
    ...volume('other', '1Gi', { claimRef: { namespace, name: 'data', uid: 'uid-data' } }),
    metadata: { name: 'other', annotations: bound },
  };
  await startWith({ volumes: [other, volume('v', '1Gi')], claims: [claim('data', '1Gi', { volumeName: 'v' })], early: true });
  expect(await volumeOf('other')).toMatchObject({ status: { phase: 'Available' } });
  expect((await volumeOf('other')).spec.claimRef).toBeUndefined();
  expect((await volumeOf('v')).status.phase).toBe('Bound');
});

test('conflicts at any step are tried again', async () => {
  const seen = new Map<string, number>();
  await startWith({ volumes: [volume('v', '1Gi')], claims: [claim('data', '1Gi')] }, ({ verb, resource, subresource, name = '' }) => {
    if (verb !== 'update') return;
    const step = `${resource}/${subresource ?? ''}`;
    const count = (seen.get(step) ?? 0) + 1;
    seen.set(step, count);
    if (count === 1) throw conflict(resource === 'persistentvolumes' ? PERSISTENT_VOLUMES : PERSISTENT_VOLUME_CLAIMS, name, modified);
  });
  await kit.run(5000);
  expect(seen.size).toBe(4);
  expect((await claimOf('data')).status.phase).toBe('Bound');
  expect((await volumeOf('v')).status.phase).toBe('Bound');
});
