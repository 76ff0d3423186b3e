import type { Deployment, ReplicaSet } from '../../../openapi/types/apps.v1.js';
import { ApiError } from '../../apimachinery/errors/api-error.js';
import { DEPLOYMENTS, PODS, REPLICA_SETS } from '../../client/resources.js';
import { createKit, type Kit } from '../testing/kit.js';
import { deployment, pod, replicaSet } from '../testing/objects.js';
import { templateHash } from './hash.js';
import { createDeploymentController } from './index.js';

let kit: Kit;
afterEach(() => kit?.stop());

const key = { namespace: 'default', name: 'web' };
const get = (): Promise<Deployment> => kit.client.get(DEPLOYMENTS, key);
const setsByRevision = async (): Promise<ReplicaSet[]> => {
  const { items } = await kit.client.list(REPLICA_SETS);
  return [...items].sort((a, b) => revision(a) - revision(b));
};
const revision = ({ metadata }: ReplicaSet): number => Number(metadata.annotations?.['deployment.kubernetes.io/revision']);
const sizes = async (): Promise<(number | undefined)[]> => (await setsByRevision()).map(({ spec }) => spec.replicas);
const progressing = async (): Promise<unknown> => (await get()).status.conditions?.find(({ type }) => type === 'Progressing');

/** Plays the replica set controller: every set has what it asks for, available unless its image is broken. */
async function settle(): Promise<void> {
  for (let round = 0; round < 30; round++) {
    await kit.run(10);
    let changed = false;
    for (const set of (await kit.client.list(REPLICA_SETS)).items) {
      const replicas = set.spec.replicas ?? 0;
      const broken = set.spec.template.spec?.containers[0]?.image === 'broken';
      const ready = broken ? 0 : replicas;
      if (
        set.status.replicas === replicas &&
        (set.status.readyReplicas ?? 0) === ready &&
        set.status.observedGeneration === set.metadata.generation
      )
        continue;
      const status = { replicas, readyReplicas: ready, availableReplicas: ready, observedGeneration: set.metadata.generation ?? 0 };
      await kit.client.update(REPLICA_SETS, { ...set, status }, { subresource: 'status' });
      changed = true;
    }
    if (!changed) return;
  }
  throw new Error('the rollout does not settle');
}
const setImage = (image: string): Promise<unknown> =>
  kit.client.patch(DEPLOYMENTS, key, 'merge', { spec: { template: { spec: { containers: [{ name: 'c', image }] } } } });
const patchSpec = (spec: unknown): Promise<unknown> => kit.client.patch(DEPLOYMENTS, key, 'merge', { spec });

async function start(replicas: number, spec = {}): Promise<void> {
  kit = createKit();
  await kit.start(createDeploymentController);
  kit.client.seed(DEPLOYMENTS, deployment('web', replicas, spec));
  await settle();
}

test('rolls out a first replica set', async () => {
  await start(4);
  const [set] = await setsByRevision();
  const hash = set!.metadata.labels?.['pod-template-hash'];
  expect(hash).toMatch(/^[bcdf4-9]{8,10}$/);
  expect(set!.metadata).toMatchObject({
    name: `web-${hash}`,
    labels: { app: 'web' },
    annotations: {
      'deployment.kubernetes.io/revision': '1',
      'deployment.kubernetes.io/desired-replicas': '4',
      'deployment.kubernetes.io/max-replicas': '5',
    },
    ownerReferences: [{ kind: 'Deployment', name: 'web', controller: true, blockOwnerDeletion: true }],
  });
  expect(set!.spec).toMatchObject({ replicas: 4, selector: { matchLabels: { app: 'web', 'pod-template-hash': hash } } });
  const { metadata, status } = await get();
  expect(metadata.annotations).toEqual({ 'deployment.kubernetes.io/revision': '1' });
  expect(status).toMatchObject({
    observedGeneration: 1,
    replicas: 4,
    updatedReplicas: 4,
    readyReplicas: 4,
    availableReplicas: 4,
    terminatingReplicas: 0,
  });
  expect(status).not.toHaveProperty('unavailableReplicas');
  expect(status.conditions).toMatchObject([
    { type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable', message: 'Deployment has minimum availability.' },
    {
      type: 'Progressing',
      status: 'True',
      reason: 'NewReplicaSetAvailable',
      message: `ReplicaSet "web-${hash}" has successfully progressed.`,
    },
  ]);
  expect(await kit.events()).toEqual([`ScalingReplicaSet: Scaled up replica set web-${hash} from 0 to 4`]);
});

test('rolls an update out within surge and unavailability, and back', async () => {
  await start(4, { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } });
  await setImage('nginx:2');
  await kit.run(10);
  expect(await sizes()).toEqual([4, 1]);
  await settle();
  expect(await sizes()).toEqual([0, 4]);
  expect((await kit.events()).slice(1, 4)).toEqual([
    expect.stringMatching(/^ScalingReplicaSet: Scaled up replica set web-\w+ from 0 to 1$/),
    expect.stringMatching(/^ScalingReplicaSet: Scaled down replica set web-\w+ from 4 to 3$/),
    expect.stringMatching(/^ScalingReplicaSet: Scaled up replica set web-\w+ from 1 to 2$/),
  ]);
  await setImage('nginx:1');
  await settle();
  expect(await sizes()).toEqual([0, 4]);
  const [, again] = await setsByRevision();
  expect(again!.metadata.annotations).toMatchObject({
    'deployment.kubernetes.io/revision': '3',
    'deployment.kubernetes.io/revision-history': '1',
  });
  expect((await get()).metadata.annotations).toMatchObject({ 'deployment.kubernetes.io/revision': '3' });
});

test('stops at the replicas that are missing, exceeds its deadline, and goes on when mended', async () => {
  await start(10, { progressDeadlineSeconds: 5, strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } } });
  await setImage('broken');
  await settle();
  expect(await sizes()).toEqual([8, 5]);
  expect(await progressing()).toMatchObject({ status: 'True', reason: 'ReplicaSetUpdated' });
  await patchSpec({ replicas: 15 });
  await settle();
  expect(await sizes()).toEqual([11, 7]);
  await kit.run(7000);
  const [, broken] = await setsByRevision();
  expect(await progressing()).toMatchObject({
    status: 'False',
    reason: 'ProgressDeadlineExceeded',
    message: `ReplicaSet "${broken!.metadata.name}" has timed out progressing.`,
  });
  await setImage('nginx:3');
  await settle();
  expect(await sizes()).toEqual([0, 0, 15]);
  expect(await progressing()).toMatchObject({ status: 'True', reason: 'NewReplicaSetAvailable' });
});

test('a paused deployment scales, and waits with the template', async () => {
  await start(2);
  await patchSpec({ paused: true });
  await settle();
  expect(await progressing()).toMatchObject({ status: 'Unknown', reason: 'DeploymentPaused', message: 'Deployment is paused' });
  await setImage('nginx:2');
  await patchSpec({ replicas: 3 });
  await settle();
  expect(await sizes()).toEqual([3]);
  await patchSpec({ paused: false });
  await settle();
  expect(await sizes()).toEqual([0, 3]);
  expect(await progressing()).toMatchObject({ status: 'True', reason: 'NewReplicaSetAvailable' });
});

test('Recreate waits until every old pod is gone', async () => {
  await start(2, { strategy: { type: 'Recreate' } });
  const [old] = await setsByRevision();
  const ownerReferences = [
    { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: old!.metadata.name, uid: old!.metadata.uid, controller: true },
  ];
  kit.client.seed(PODS, pod('last', { labels: { app: 'web' }, metadata: { ownerReferences } }));
  await kit.run();
  await setImage('nginx:2');
  await settle();
  expect(await sizes()).toEqual([0]);
  await kit.client.delete(PODS, { ...key, name: 'last' });
  await settle();
  expect(await sizes()).toEqual([0, 2]);
});

test('keeps as much history as it should', async () => {
  await start(1, { revisionHistoryLimit: 1 });
  for (const image of ['nginx:2', 'nginx:3', 'nginx:4']) {
    await setImage(image);
    await settle();
  }
  expect((await setsByRevision()).map(revision)).toEqual([3, 4]);
});

test('counts revisions past what a double holds', async () => {
  await start(1);
  const [set] = await setsByRevision();
  const annotations = { 'deployment.kubernetes.io/revision': '3546343826724305832' };
  await kit.client.patch(REPLICA_SETS, { namespace: 'default', name: set!.metadata.name }, 'merge', { metadata: { annotations } });
  await setImage('second');
  await settle();
  expect((await get()).metadata.annotations).toMatchObject({ 'deployment.kubernetes.io/revision': '3546343826724305833' });
});

test('copies its annotations to the replica set, but none of its own bookkeeping', async () => {
  await start(1);
  await kit.client.patch(DEPLOYMENTS, key, 'merge', {
    metadata: { annotations: { 'kubernetes.io/change-cause': 'a reason', 'kubectl.kubernetes.io/last-applied-configuration': '{}' } },
  });
  await settle();
  const [set] = await setsByRevision();
  expect(set!.metadata.annotations).toMatchObject({ 'kubernetes.io/change-cause': 'a reason' });
  expect(set!.metadata.annotations).not.toHaveProperty('kubectl.kubernetes.io/last-applied-configuration');
});

test('takes another name when its own is taken by a stranger', async () => {
  kit = createKit();
  const wanted = deployment('web', 1);
  const name = `web-${templateHash(wanted.spec.template, undefined)}`;
  kit.client.seed(REPLICA_SETS, replicaSet(name, 0));
  await kit.start(createDeploymentController);
  kit.client.seed(DEPLOYMENTS, wanted);
  await settle();
  expect((await get()).status.collisionCount).toBe(1);
  const own = (await kit.client.list(REPLICA_SETS)).items.filter(({ metadata }) => metadata.ownerReferences !== undefined);
  expect(own.map(({ metadata }) => metadata.name)).toEqual([`web-${templateHash(wanted.spec.template, 1)}`]);
});

test('says when the replica set is refused', async () => {
  kit = createKit(({ verb, resource }) => {
    if (verb === 'create' && resource === 'replicasets') throw new ApiError(403, 'Forbidden', 'exceeded quota: q');
  });
  await kit.start(createDeploymentController);
  const seeded = kit.client.seed(DEPLOYMENTS, deployment('web', 1));
  await kit.run(1);
  const name = `web-${templateHash(seeded.spec.template, undefined)}`;
  const message = `Failed to create new replica set "${name}": exceeded quota: q`;
  expect(await progressing()).toMatchObject({ status: 'False', reason: 'ReplicaSetCreateError', message });
  expect(await kit.events()).toContain(`ReplicaSetCreateError: ${message}`);
});

test('adopts a matching orphan and releases a set that no longer matches', async () => {
  await start(1);
  const [set] = await setsByRevision();
  const at = { namespace: 'default', name: set!.metadata.name };
  await kit.client.patch(REPLICA_SETS, at, 'merge', { metadata: { ownerReferences: null } });
  await kit.run();
  expect((await kit.client.get(REPLICA_SETS, at)).metadata.ownerReferences).toMatchObject([{ name: 'web', controller: true }]);
  await kit.client.patch(REPLICA_SETS, at, 'merge', { metadata: { labels: { app: 'other' } } });
  await kit.run(1);
  expect((await kit.client.get(REPLICA_SETS, at)).metadata.ownerReferences ?? []).toEqual([]);
});

test('writes nothing once it is settled', async () => {
  await start(3);
  const before = kit.client.requests.length;
  await kit.run(60_000);
  expect(kit.client.requests.length).toBe(before);
});
