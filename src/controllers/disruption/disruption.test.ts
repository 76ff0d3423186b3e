import type { PodDisruptionBudgetStatus } from '../../../openapi/types/policy.v1.js';
import { ApiError } from '../../apimachinery/errors/api-error.js';
import {
  DEPLOYMENTS,
  defineResource,
  POD_DISRUPTION_BUDGETS,
  PODS,
  REPLICA_SETS,
  REPLICATION_CONTROLLERS,
  STATEFUL_SETS,
} from '../../client/resources.js';
import type { ResourceType } from '../../client/client.js';
import { createKit, type Kit } from '../testing/kit.js';
import { deployment, pod, replicaSet } from '../testing/objects.js';
import { createDisruptionController } from './index.js';
import { selectorText } from './selector-text.js';

let kit: Kit;
afterEach(() => kit?.stop());

const GIZMOS = defineResource('example.com', 'v1', 'gizmos', 'Gizmo', true);
const metadata = (name: string, more: object = {}) => ({ name, namespace: 'default', uid: `uid-${name}`, generation: 1, ...more });
const seedBudget = (name: string, spec: object, app = 'web', status: object = {}): unknown =>
  kit.client.seed(POD_DISRUPTION_BUDGETS, { metadata: metadata(name), spec: { selector: { matchLabels: { app } }, ...spec }, status });
const controlledBy = (apiVersion: string, kind: string, name: string) => ({
  ownerReferences: [{ apiVersion, kind, name, uid: `uid-${name}`, controller: true }],
});
const seedPod = (
  name: string,
  owner: Readonly<Record<string, unknown>> = {},
  more: { readonly app?: string; readonly ready?: boolean } = {},
) => kit.client.seed(PODS, pod(name, { labels: { app: more.app ?? 'web' }, ready: more.ready ?? true, metadata: owner }));
const seedOwner = (type: ResourceType, name: string, replicas: number): unknown =>
  kit.client.seed(type, { ...replicaSet(name, replicas), apiVersion: type.group === '' ? type.version : `${type.group}/${type.version}`, kind: type.kind }); // prettier-ignore
const seedPods = (count: number, owner: Readonly<Record<string, unknown>>, app = 'web'): void => {
  for (let i = 0; i < count; i++) seedPod(`${app}-${i}`, owner, { app });
};
const status = async (name = 'budget'): Promise<PodDisruptionBudgetStatus> =>
  (await kit.client.get(POD_DISRUPTION_BUDGETS, { namespace: 'default', name })).status;
const numbers = async (name = 'budget'): Promise<readonly unknown[]> => {
  const { currentHealthy, desiredHealthy, expectedPods, disruptionsAllowed } = await status(name);
  return [currentHealthy, desiredHealthy, expectedPods, disruptionsAllowed];
};
const writes = (): number => kit.client.requests.filter(({ verb }) => verb === 'update').length;

test('says how many pods may go, and writes once', async () => {
  kit = createKit();
  seedOwner(REPLICA_SETS, 'set', 3);
  seedPods(3, controlledBy('apps/v1', 'ReplicaSet', 'set'));
  seedBudget('budget', { minAvailable: 2 });
  await kit.start(createDisruptionController);
  expect(await status()).toEqual({
    currentHealthy: 3,
    desiredHealthy: 2,
    expectedPods: 3,
    disruptionsAllowed: 1,
    observedGeneration: 1,
    conditions: [
      {
        type: 'DisruptionAllowed',
        status: 'True',
        reason: 'SufficientPods',
        message: '',
        lastTransitionTime: expect.any(String),
        observedGeneration: 1,
      },
    ],
  });
  await kit.run(1000);
  expect(writes()).toBe(1);
  const one = await kit.client.get(PODS, { namespace: 'default', name: 'web-0' });
  await kit.client.update(PODS, { ...one, status: { ...pod('x', { ready: false }).status } }, { subresource: 'status' });
  await kit.run();
  expect(await numbers()).toEqual([2, 2, 3, 0]);
  expect((await status()).conditions).toMatchObject([{ status: 'False', reason: 'InsufficientPods' }]);
});

test('counts the replicas of every kind of owner, and rounds percents up', async () => {
  kit = createKit();
  kit.client.seed(DEPLOYMENTS, { ...deployment('dep', 5), metadata: metadata('dep') });
  for (const name of ['old', 'new'])
    kit.client.seed(REPLICA_SETS, replicaSet(name, 3, { metadata: controlledBy('apps/v1', 'Deployment', 'dep') }));
  seedPod('dep-0', controlledBy('apps/v1', 'ReplicaSet', 'old'), { app: 'dep' });
  seedPod('dep-1', controlledBy('apps/v1', 'ReplicaSet', 'new'), { app: 'dep' });
  seedOwner(STATEFUL_SETS, 'sts', 3);
  seedPods(3, controlledBy('apps/v1', 'StatefulSet', 'sts'), 'sts');
  seedOwner(REPLICATION_CONTROLLERS, 'rc', 3);
  seedPods(3, controlledBy('v1', 'ReplicationController', 'rc'), 'rc');
  seedOwner(GIZMOS, 'giz', 7);
  seedPods(2, controlledBy('example.com/v1', 'Gizmo', 'giz'), 'giz');
  seedBudget('dep', { minAvailable: '50%' }, 'dep');
  seedBudget('sts', { maxUnavailable: 1 }, 'sts');
  seedBudget('rc', { maxUnavailable: '34%' }, 'rc');
  seedBudget('giz', { maxUnavailable: 2 }, 'giz');
  seedBudget('neither', {}, 'sts');
  seedBudget('wide', { maxUnavailable: 9 }, 'rc');
  await kit.start(createDisruptionController);
  await kit.run();
  expect(await numbers('dep')).toEqual([2, 3, 5, 0]);
  expect(await numbers('sts')).toEqual([3, 2, 3, 1]);
  expect(await numbers('rc')).toEqual([3, 1, 3, 2]);
  expect(await numbers('giz')).toEqual([2, 5, 7, 0]);
  expect(await numbers('neither')).toEqual([3, 0, 0, 0]);
  expect(await numbers('wide')).toEqual([3, 0, 3, 3]);
});

test('says why it cannot count, and allows nothing then', async () => {
  kit = createKit(({ subresource, name, resource }) => {
    if (subresource !== 'scale') return;
    if (resource === 'gizmos') throw new ApiError(404, 'NotFound', `gizmos "${name}" not found`, { name: name! });
    throw new ApiError(404, 'NotFound', 'the server could not find the requested resource');
  });
  const SETS = defineResource('apps', 'v1', 'daemonsets', 'DaemonSet', true);
  seedOwner(SETS, 'ds', 1);
  seedOwner(GIZMOS, 'other', 1);
  seedPod('a', controlledBy('apps/v1', 'DaemonSet', 'ds'), { app: 'a' });
  seedPod('b', controlledBy('foo.example.com/v1', 'Foo', 'foo'), { app: 'b' });
  seedPod('c', controlledBy('example.com/v1', 'Gizmo', 'gone'), { app: 'c' });
  seedPod('d', {}, { app: 'd' });
  for (const app of ['a', 'b', 'c', 'd', 'e']) seedBudget(app, { maxUnavailable: 1 }, app, { disruptionsAllowed: 1 });
  await kit.start(createDisruptionController);
  await kit.run(60_000);
  const messages = {
    a: 'daemonsets.apps does not implement the scale subresource',
    b: 'no matches for kind "Foo" in version "foo.example.com/v1"',
    c: 'found no controllers for pod "c"',
  };
  const events = await kit.events();
  for (const [name, message] of Object.entries(messages)) {
    expect(await status(name)).toMatchObject({
      disruptionsAllowed: 0,
      conditions: [{ status: 'False', reason: 'SyncFailed', message }],
    });
    expect(events).toContain(`CalculateExpectedPodCountFailed: Failed to calculate the number of expected pods: ${message}`);
  }
  expect(await numbers('d')).toEqual([1, 0, 0, 0]);
  expect(events.find((event) => event.startsWith('UnmanagedPods: '))).toContain(
    '(selector: &LabelSelector{MatchLabels:map[string]string{app: d,},MatchExpressions:[]LabelSelectorRequirement{},}) were found to be unmanaged.',
  );
  expect(events).toContain('NoPods: No matching pods found');
  // It does not spin: one write for each budget, and what is unknown is asked for again only now and then.
  expect(writes()).toBe(5);
  expect(kit.client.requests.filter(({ subresource }) => subresource === 'scale').length).toBeLessThanOrEqual(4);
});

test('tries again when the server fails for a while, and after conflicts', async () => {
  let broken = true;
  let conflicts = 2;
  kit = createKit(({ subresource, verb }) => {
    if (broken && subresource === 'scale') throw new ApiError(503, 'ServiceUnavailable', 'not now');
    if (!broken && verb === 'update' && conflicts-- > 0) throw new ApiError(409, 'Conflict', 'the object has been modified');
  });
  seedOwner(GIZMOS, 'giz', 2);
  seedPods(2, controlledBy('example.com/v1', 'Gizmo', 'giz'));
  seedBudget('budget', { maxUnavailable: 1 });
  await kit.start(createDisruptionController);
  expect((await status()).conditions).toMatchObject([{ reason: 'SyncFailed', message: 'not now' }]);
  broken = false;
  await kit.run(10_000);
  expect(await numbers()).toEqual([2, 1, 2, 1]);
  expect(conflicts).toBeLessThanOrEqual(0);
});

test('an evicted pod counts no more until it is gone, or two minutes have passed', async () => {
  kit = createKit();
  seedOwner(REPLICA_SETS, 'set', 3);
  seedPods(3, controlledBy('apps/v1', 'ReplicaSet', 'set'));
  const now = new Date(kit.clock.now()).toISOString().replace(/\.\d+Z/, 'Z');
  seedBudget('budget', { minAvailable: 1 }, 'web', { disruptedPods: { 'web-0': now, 'web-1': '2020-01-01T00:00:00Z', gone: now } });
  await kit.start(createDisruptionController);
  expect(await status()).toMatchObject({ currentHealthy: 2, disruptionsAllowed: 1, disruptedPods: { 'web-0': now } });
  expect(Object.keys((await status()).disruptedPods ?? {})).toEqual(['web-0']);
  const overdue = "NotDeleted: Pod was expected by PDB default/default to be deleted but it wasn't";
  expect((await kit.events()).filter((event) => event === overdue)).toHaveLength(1);
  await kit.run(119_000);
  expect((await status()).currentHealthy).toBe(2);
  await kit.run(2000);
  expect(await numbers()).toEqual([3, 1, 3, 2]);
  expect((await status()).disruptedPods).toBeUndefined();
  expect((await kit.events()).filter((event) => event === overdue)).toHaveLength(2);
});

test('all budgets of a pod follow it, and the pod says that there are several', async () => {
  kit = createKit();
  seedBudget('one', { minAvailable: 1 });
  seedBudget('two', { minAvailable: 1 });
  seedBudget('everything', { minAvailable: 1, selector: {} });
  seedBudget('nothing', { minAvailable: 1, selector: undefined });
  await kit.start(createDisruptionController);
  const made = seedPod('web-0');
  await kit.run();
  for (const name of ['one', 'two', 'everything']) expect(await numbers(name)).toEqual([1, 1, 1, 0]);
  expect(await numbers('nothing')).toEqual([0, 1, 0, 0]);
  expect(await kit.events()).toContain(
    'MultiplePodDisruptionBudgets: Pod "default"/"web-0" matches multiple PodDisruptionBudgets.  Chose "everything" arbitrarily.',
  );
  await kit.client.delete(PODS, made.metadata, { gracePeriodSeconds: 0 });
  await kit.run();
  expect(await numbers('two')).toEqual([0, 1, 0, 0]);
});

test('the condition DisruptionTarget is taken back after two minutes, but not from a pod that its kubelet ends', async () => {
  kit = createKit();
  const target = (reason: string) => ({
    conditions: [
      { type: 'Ready', status: 'True' },
      { type: 'DisruptionTarget', status: 'True', reason, message: 'why', lastTransitionTime: new Date(kit.clock.now()).toISOString() },
    ],
  });
  kit.client.seed(PODS, pod('stays', { status: target('PreemptionByScheduler') }));
  kit.client.seed(PODS, pod('ended', { status: target('TerminationByKubelet') }));
  kit.client.seed(PODS, pod('over', { status: { ...target('DeletionByTaintManager'), phase: 'Failed' } }));
  await kit.start(createDisruptionController);
  await kit.run(119_000);
  expect(writes()).toBe(0);
  await kit.run(2000);
  const conditionOf = async (name: string) =>
    (await kit.client.get(PODS, { namespace: 'default', name })).status.conditions?.find(({ type }) => type === 'DisruptionTarget');
  expect(await conditionOf('stays')).toEqual({
    type: 'DisruptionTarget',
    status: 'False',
    lastTransitionTime: expect.any(String),
    observedGeneration: 1,
  });
  expect(await conditionOf('ended')).toMatchObject({ status: 'True' });
  expect(await conditionOf('over')).toMatchObject({ status: 'True' });
  await kit.run(600_000);
  expect(writes()).toBe(1);
});

test('leaves no timer', async () => {
  kit = createKit();
  seedPod('web-0');
  seedBudget('budget', { minAvailable: 1 }, 'web', { disruptedPods: { 'web-0': new Date(kit.clock.now()).toISOString() } });
  await kit.start(createDisruptionController);
  await kit.stop();
  expect(kit.clock.pending()).toBe(0);
});

test('writes a selector as the events show it', () => {
  const selector = {
    matchLabels: { b: '2', a: '1' },
    matchExpressions: [
      { key: 'app', operator: 'In', values: ['x', 'y'] },
      { key: 'z', operator: 'DoesNotExist' },
    ],
  };
  expect(selectorText(selector)).toBe(
    '&LabelSelector{MatchLabels:map[string]string{a: 1,b: 2,},MatchExpressions:[]LabelSelectorRequirement{' +
      'LabelSelectorRequirement{Key:app,Operator:In,Values:[x y],},LabelSelectorRequirement{Key:z,Operator:DoesNotExist,Values:[],},},}',
  );
});
