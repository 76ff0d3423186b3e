import type { StatefulSet } from '../../../openapi/types/apps.v1.js';
import type { PersistentVolumeClaim, Pod } from '../../../openapi/types/core.v1.js';
import { forbidden } from '../../apimachinery/errors/api-error.js';
import { CONTROLLER_REVISIONS, PERSISTENT_VOLUME_CLAIMS, PODS, STATEFUL_SETS } from '../../client/resources.js';
import { createKit, type Kit } from '../testing/kit.js';
import { pod, statefulSet } from '../testing/objects.js';
import { ordinalOf } from './identity.js';
import { createStatefulSetController } from './index.js';

let kit: Kit;
afterEach(() => kit?.stop());

const key = { namespace: 'default', name: 'web' };
const claims = { volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'] } }] };
const pods = async (): Promise<readonly Pod[]> =>
  [...(await kit.client.list(PODS)).items].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
const names = async (): Promise<readonly string[]> => (await pods()).map(({ metadata }) => metadata.name);
const images = async (): Promise<readonly string[]> => (await pods()).map(({ spec }) => spec.containers[0]!.image!);
const status = async (): Promise<unknown> => (await kit.client.get(STATEFUL_SETS, key)).status;
const spec = (fields: object): Promise<StatefulSet> =>
  kit.client.patch(STATEFUL_SETS, key, 'merge', { metadata: { generation: 2 }, spec: fields });
const template = (image: string) => ({ template: { spec: { containers: [{ name: 'c', image }] } } });
const ownersOf = async (): Promise<readonly (readonly string[])[]> =>
  (await kit.client.list<PersistentVolumeClaim>(PERSISTENT_VOLUME_CLAIMS)).items.map(({ metadata }) =>
    (metadata.ownerReferences ?? []).map(({ kind, name }) => `${kind}/${name}`),
  );

/** What a kubelet would report. */
async function report(name: string, phase = 'Running', ready = phase === 'Running'): Promise<void> {
  const one = await kit.client.get(PODS, { namespace: 'default', name });
  const since = new Date(kit.clock.now()).toISOString();
  const conditions = [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: since }];
  await kit.client.update(PODS, { ...one, status: { ...one.status, phase, conditions } } as Pod, { subresource: 'status' });
  await kit.run();
}

/** Lets every pod become ready, and those that come then, until nothing more happens. */
async function settle(): Promise<void> {
  for (let round = 0; round < 20; round++) {
    const waiting = (await pods()).filter((one) => one.status.phase === 'Pending');
    if (waiting.length === 0) return;
    for (const { metadata } of waiting) await report(metadata.name);
  }
  throw new Error('the set did not settle');
}

async function start(set: StatefulSet): Promise<void> {
  kit = createKit();
  await kit.start(createStatefulSetController);
  kit.client.seed(STATEFUL_SETS, set);
  await kit.run();
}

test('one pod after the other, each with a name, labels, a host name and claims of its own', async () => {
  await start(statefulSet('web', 3, claims));
  expect(await names()).toEqual(['web-0']);
  await kit.run(60_000);
  expect(await names()).toEqual(['web-0']);
  await report('web-0');
  expect(await names()).toEqual(['web-0', 'web-1']);
  await settle();
  const [first, , last] = await pods();
  const revision = (await kit.client.list(CONTROLLER_REVISIONS)).items[0]!.metadata.name;
  expect(last).toMatchObject({
    metadata: {
      name: 'web-2',
      generateName: 'web-',
      labels: {
        app: 'web',
        'statefulset.kubernetes.io/pod-name': 'web-2',
        'apps.kubernetes.io/pod-index': '2',
        'controller-revision-hash': revision,
      },
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'web', uid: 'uid-web', controller: true }],
    },
    spec: {
      hostname: 'web-2',
      subdomain: 'svc',
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data-web-2' } }],
    },
  });
  expect(first!.spec.hostname).toBe('web-0');
  const made = (await kit.client.list(PERSISTENT_VOLUME_CLAIMS)).items;
  expect(made.map(({ metadata }) => [metadata.name, metadata.labels])).toEqual(
    ['data-web-0', 'data-web-1', 'data-web-2'].map((name) => [name, { app: 'web' }]),
  );
  expect(await status()).toEqual({
    observedGeneration: 1,
    replicas: 3,
    readyReplicas: 3,
    availableReplicas: 3,
    currentReplicas: 3,
    updatedReplicas: 3,
    currentRevision: revision,
    updateRevision: revision,
    collisionCount: 0,
  });
  expect((await kit.events()).slice(0, 2)).toEqual([
    'SuccessfulCreate: Create Claim data-web-0 Pod web-0 in StatefulSet web success',
    'SuccessfulCreate: Create Pod web-0 in StatefulSet web successful',
  ]);
  const before = kit.client.requests.length;
  await kit.run(600_000);
  expect(kit.client.requests).toHaveLength(before);
});

test('scaling down takes the highest ordinal, and waits for a pod that is not well', async () => {
  await start(statefulSet('web', 3));
  await settle();
  await report('web-1', 'Running', false);
  await spec({ replicas: 1 });
  await kit.run();
  // web-2 is well and goes; web-1 is the only one that is not, so that waiting for it would help nobody.
  expect(await names()).toEqual(['web-0']);
  await report('web-0', 'Running', false);
  await spec({ replicas: 3 });
  await kit.run();
  expect(await names()).toEqual(['web-0']);
});

test('in parallel all at once, from the first ordinal that is asked for', async () => {
  await start(statefulSet('web', 3, { podManagementPolicy: 'Parallel', ordinals: { start: 4 } }));
  expect(await names()).toEqual(['web-4', 'web-5', 'web-6']);
  await spec({ replicas: 1, ordinals: { start: 5 } });
  await kit.run();
  expect(await names()).toEqual(['web-5']);
});

test('an update goes from the highest ordinal down to the partition, and the partition is kept when a pod is lost', async () => {
  await start(statefulSet('web', 3));
  await settle();
  const [old] = (await kit.client.list(CONTROLLER_REVISIONS)).items;
  await spec({ ...template('nginx:2'), updateStrategy: { rollingUpdate: { partition: 1 } } });
  await kit.run();
  expect(await images()).toEqual(['nginx:1', 'nginx:1', 'nginx:2']);
  await settle();
  expect(await images()).toEqual(['nginx:1', 'nginx:2', 'nginx:2']);
  await kit.client.delete(PODS, { namespace: 'default', name: 'web-0' });
  await kit.run();
  await settle();
  expect(await images()).toEqual(['nginx:1', 'nginx:2', 'nginx:2']);
  expect(await status()).toMatchObject({ currentReplicas: 1, updatedReplicas: 2, currentRevision: old!.metadata.name });
  await spec({ updateStrategy: { rollingUpdate: { partition: 0 } } });
  await kit.run();
  await settle();
  expect(await images()).toEqual(['nginx:2', 'nginx:2', 'nginx:2']);
  const { currentRevision, updateRevision } = (await status()) as { currentRevision: string; updateRevision: string };
  expect(currentRevision).toBe(updateRevision);
  expect(currentRevision).not.toBe(old!.metadata.name);
});

test('a rollout that breaks stops at its first pod, and in order it stays there when the template comes back', async () => {
  await start(statefulSet('web', 3));
  await settle();
  await spec(template('broken'));
  await kit.run(600_000);
  expect(await images()).toEqual(['nginx:1', 'nginx:1', 'broken']);
  await spec(template('nginx:1'));
  await kit.run(600_000);
  expect(await images()).toEqual(['nginx:1', 'nginx:1', 'broken']);
  await kit.client.delete(PODS, { namespace: 'default', name: 'web-2' });
  await kit.run();
  expect(await images()).toEqual(['nginx:1', 'nginx:1', 'nginx:1']);
});

test('several at a time where maxUnavailable says so', async () => {
  const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { partition: 0, maxUnavailable: '50%' } };
  await start(statefulSet('web', 4, { podManagementPolicy: 'Parallel', updateStrategy }));
  await settle();
  await spec(template('nginx:2'));
  await kit.run();
  expect(await images()).toEqual(['nginx:1', 'nginx:1', 'nginx:2', 'nginx:2']);
});

test('OnDelete leaves it to the user which pod becomes new', async () => {
  await start(statefulSet('web', 2, { updateStrategy: { type: 'OnDelete' } }));
  await settle();
  await spec(template('nginx:2'));
  await kit.run(60_000);
  expect(await images()).toEqual(['nginx:1', 'nginx:1']);
  await kit.client.delete(PODS, { namespace: 'default', name: 'web-0' });
  await kit.run();
  expect(await images()).toEqual(['nginx:2', 'nginx:1']);
});

test('the next pod waits until one has been ready for minReadySeconds', async () => {
  await start(statefulSet('web', 2, { minReadySeconds: 30 }));
  await report('web-0');
  await kit.run(29_000);
  expect(await names()).toEqual(['web-0']);
  expect(await status()).toMatchObject({ readyReplicas: 1, availableReplicas: 0 });
  await kit.run(2000);
  expect(await names()).toEqual(['web-0', 'web-1']);
  expect(await status()).toMatchObject({ availableReplicas: 1 });
});

test('a pod that failed or finished is replaced, and lost labels come back', async () => {
  await start(statefulSet('web', 2));
  await settle();
  const [first] = await pods();
  await report('web-0', 'Failed');
  expect((await pods())[0]!.metadata.uid).not.toBe(first!.metadata.uid);
  await settle();
  await kit.client.patch(PODS, { namespace: 'default', name: 'web-1' }, 'merge', {
    metadata: { labels: { 'statefulset.kubernetes.io/pod-name': null } },
  });
  await kit.run();
  expect((await pods())[1]!.metadata.labels).toMatchObject({ 'statefulset.kubernetes.io/pod-name': 'web-1' });
  expect(await kit.events()).toContain('SuccessfulUpdate: Update Pod web-1 in StatefulSet web successful');
});

test('claims are owned by the set or by a pod that goes, as the retention policy says', async () => {
  const policy = { persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete', whenScaled: 'Delete' } };
  await start(statefulSet('web', 2, { ...claims, ...policy }));
  await settle();
  expect(await ownersOf()).toEqual([['StatefulSet/web'], ['StatefulSet/web']]);
  await spec({ replicas: 1 });
  await kit.run();
  expect(await ownersOf()).toEqual([['StatefulSet/web'], ['Pod/web-1']]);
  await spec({ persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' } });
  await kit.run();
  expect(await ownersOf()).toEqual([[], ['Pod/web-1']]);
});

test('a pod waits for a claim that is being deleted', async () => {
  kit = createKit();
  await kit.start(createStatefulSetController);
  const going = {
    metadata: { name: 'data-web-0', namespace: 'default', uid: 'old', deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['x'] },
  };
  kit.client.seed(PERSISTENT_VOLUME_CLAIMS, going);
  kit.client.seed(STATEFUL_SETS, statefulSet('web', 1, claims));
  await kit.run();
  expect(await names()).toEqual([]);
  expect(await kit.events()).toContain('FailedCreate: Create Pod web-0 in StatefulSet web failed error: pvc data-web-0 is being deleted');
});

test('adopts pods and revisions of an earlier set of this name', async () => {
  kit = createKit();
  await kit.start(createStatefulSetController);
  kit.client.seed(PODS, pod('web-0', { labels: { app: 'web' } }));
  kit.client.seed(PODS, pod('web-x', { labels: { app: 'web' } }));
  kit.client.seed(STATEFUL_SETS, statefulSet('web', 1));
  await kit.run();
  const [first, stranger] = await pods();
  expect(first!.metadata.ownerReferences).toMatchObject([{ name: 'web', controller: true }]);
  expect(stranger!.metadata.ownerReferences).toBeUndefined();
});

test('a pod that is refused is told of, and tried again without a storm', async () => {
  let refuse = true;
  kit = createKit(({ verb, resource }) => {
    if (refuse && verb === 'create' && resource === 'pods') throw forbidden({ group: '', resource: 'pods' }, 'web-0', 'exceeded quota: q');
  });
  await kit.start(createStatefulSetController);
  kit.client.seed(STATEFUL_SETS, statefulSet('web', 1));
  await kit.run(60_000);
  expect(await kit.events()).toContain(
    'FailedCreate: Create Pod web-0 in StatefulSet web failed error: pods "web-0" is forbidden: exceeded quota: q',
  );
  expect(await status()).toMatchObject({ replicas: 0, observedGeneration: 1 });
  const tries = kit.client.requests.filter(({ verb, resource }) => verb === 'create' && resource === 'pods');
  expect(tries.length).toBeLessThan(20);
  refuse = false;
  await kit.run(60_000);
  expect(await names()).toEqual(['web-0']);
});

test('history beyond its limit goes, but never what pods are of', async () => {
  await start(statefulSet('web', 1, { revisionHistoryLimit: 1 }));
  for (const image of ['nginx:2', 'nginx:3', 'nginx:4']) {
    await settle();
    await spec(template(image));
    await kit.run();
  }
  await settle();
  expect((await kit.client.list(CONTROLLER_REVISIONS)).items.map(({ revision }) => revision)).toEqual([3, 4]);
});

test('ordinals are whole numbers after the set’s name', () => {
  const set = statefulSet('web', 1);
  expect(
    ['web-0', 'web-12', 'web-01', 'web-', 'web-x', 'other-1', 'web-a-1', 'web-99999999999'].map((name) => ordinalOf(set, name)),
  ).toEqual([0, 12, ...Array<undefined>(6).fill(undefined)]);
});
