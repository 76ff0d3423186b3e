import type { DaemonSet, DaemonSetStatus } from '../../../openapi/types/apps.v1.js';
import type { Node, Pod } from '../../../openapi/types/core.v1.js';
import { CONTROLLER_REVISIONS, DAEMON_SETS, NODES, PODS } from '../../client/resources.js';
import { createKit, type Kit } from '../testing/kit.js';
import { daemonSet, node, pod } from '../testing/objects.js';
import { createDaemonSetController } from './index.js';
import { nodeRule, targetNode, tolerationsOf } from './placement.js';

let kit: Kit;
afterEach(() => kit?.stop());

const key = { namespace: 'default', name: 'agent' };
const pods = async (): Promise<readonly Pod[]> => (await kit.client.list(PODS)).items;
/** Node and image of each pod. */
const running = async (): Promise<readonly string[]> =>
  (await pods()).map((one) => `${targetNode(one)} ${one.spec.containers[0]!.image}`).sort();
const status = async (): Promise<DaemonSetStatus> => (await kit.client.get(DAEMON_SETS, key)).status;
const patch = (spec: object): Promise<DaemonSet> => kit.client.patch(DAEMON_SETS, key, 'merge', { metadata: { generation: 2 }, spec });
const template = (image: string) => ({ template: { spec: { containers: [{ name: 'c', image }] } } });
const patchNode = (name: string, change: object): Promise<Node> => kit.client.patch(NODES, { name }, 'merge', change);

async function report(one: Pod, phase = 'Running'): Promise<void> {
  const lastTransitionTime = new Date(kit.clock.now()).toISOString();
  const conditions = [{ type: 'Ready', status: phase === 'Running' ? 'True' : 'False', lastTransitionTime }];
  const changed = { ...one, status: { ...one.status, phase, conditions } } as Pod;
  await kit.client.update(PODS, changed, { subresource: 'status' });
}

/** Lets the pods that wait become ready, once. */
async function settle(): Promise<void> {
  for (const one of await pods()) if (one.status.phase === 'Pending') await report(one);
  await kit.run();
}

async function start(set: DaemonSet, nodes = ['a', 'b', 'c']): Promise<void> {
  kit = createKit();
  for (const name of nodes) kit.client.seed(NODES, node(name));
  await kit.start(createDaemonSetController);
  kit.client.seed(DAEMON_SETS, set);
  await kit.run();
}

test('a pod for every node, made for it alone, and counted', async () => {
  await start(daemonSet('agent', {}, { tolerations: [{ key: 'x', operator: 'Exists' }] }));
  expect(await running()).toEqual(['a nginx:1', 'b nginx:1', 'c nginx:1']);
  const [one] = await pods();
  const [revision] = (await kit.client.list(CONTROLLER_REVISIONS)).items;
  const hash = revision!.metadata.labels!['controller-revision-hash']!;
  expect(revision!.metadata.name).toBe(`agent-${hash}`);
  expect(one).toMatchObject({
    metadata: {
      generateName: 'agent-',
      labels: { app: 'agent', 'controller-revision-hash': hash, 'pod-template-generation': '1' },
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'agent', uid: 'uid-agent', controller: true }],
    },
    spec: {
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [targetNode(one!)] }] }],
          },
        },
      },
    },
  });
  expect(one!.spec.tolerations).toHaveLength(7);
  await settle();
  expect(await status()).toEqual({
    currentNumberScheduled: 3,
    desiredNumberScheduled: 3,
    numberAvailable: 3,
    numberMisscheduled: 0,
    numberReady: 3,
    observedGeneration: 1,
    updatedNumberScheduled: 3,
  });
  expect(await kit.events()).toContain(`SuccessfulCreate: Created pod: ${one!.metadata.name}`);
});

test('heartbeats of nodes and a settled set cost nothing', async () => {
  await start(daemonSet('agent'));
  await settle();
  const before = kit.client.requests.length;
  await kit.run(60_000);
  expect(kit.client.requests).toHaveLength(before);
  await kit.client.update(NODES, { ...node('a'), status: { conditions: [] } }, { subresource: 'status' });
  await kit.run(1000);
  expect(kit.client.requests).toHaveLength(before + 1);
});

test('follows nodes that come, go, and change their labels and taints', async () => {
  await start(daemonSet('agent', {}, { nodeSelector: { disk: 'ssd' } }));
  expect(await running()).toEqual([]);
  await patchNode('a', { metadata: { labels: { disk: 'ssd' } } });
  kit.client.seed(NODES, node('d', 'True', { metadata: { labels: { disk: 'ssd' } } }));
  await kit.run();
  expect(await running()).toEqual(['a nginx:1', 'd nginx:1']);
  await settle();
  await patchNode('d', { spec: { taints: [{ key: 'x', effect: 'NoSchedule' }] } });
  await kit.run();
  expect(await running()).toEqual(['a nginx:1', 'd nginx:1']);
  expect(await status()).toMatchObject({ desiredNumberScheduled: 1, numberMisscheduled: 1 });
  await patchNode('a', { metadata: { labels: { disk: 'hdd' } } });
  await patchNode('d', { spec: { taints: [{ key: 'x', effect: 'NoExecute' }] } });
  await kit.run();
  expect(await running()).toEqual([]);
});

test('a pod that waits for a node that is gone goes, too', async () => {
  await start(daemonSet('agent'), ['a', 'b']);
  await kit.client.delete(NODES, { name: 'b' });
  await kit.run();
  expect(await running()).toEqual(['a nginx:1']);
});

test('an update replaces as many pods as may be unavailable', async () => {
  await start(daemonSet('agent', { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '50%', maxSurge: 0 } } }), [
    'a',
    'b',
    'c',
    'd',
  ]);
  await settle();
  await patch(template('nginx:2'));
  await kit.run();
  const halfway = ['a nginx:2', 'b nginx:2', 'c nginx:1', 'd nginx:1'];
  expect(await running()).toEqual(halfway);
  await kit.run(60_000);
  expect(await running()).toEqual(halfway);
  await settle();
  expect(await running()).toEqual(['a nginx:2', 'b nginx:2', 'c nginx:2', 'd nginx:2']);
});

test('a broken update stops, and its pods are replaced at once when the template comes back', async () => {
  await start(daemonSet('agent'));
  await settle();
  await patch(template('broken'));
  await kit.run(60_000);
  expect((await running()).filter((text) => text.endsWith('broken'))).toHaveLength(1);
  await patch(template('nginx:1'));
  await kit.run();
  expect(await running()).toEqual(['a nginx:1', 'b nginx:1', 'c nginx:1']);
  expect((await kit.client.list(CONTROLLER_REVISIONS)).items.map(({ revision }) => revision)).toEqual([3, 2]);
});

test('with a surge the new pod comes first, and the old one goes once it is available', async () => {
  const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } };
  await start(daemonSet('agent', { updateStrategy, minReadySeconds: 10 }), ['a', 'b']);
  await settle();
  await kit.run(11_000);
  await patch(template('nginx:2'));
  await kit.run();
  expect(await running()).toEqual(['a nginx:1', 'a nginx:2', 'b nginx:1']);
  await settle();
  expect(await running()).toEqual(['a nginx:1', 'a nginx:2', 'b nginx:1']);
  await kit.run(11_000);
  expect(await running()).toEqual(['a nginx:2', 'b nginx:1', 'b nginx:2']);
});

test('OnDelete leaves it to the user which pod becomes new', async () => {
  await start(daemonSet('agent', { updateStrategy: { type: 'OnDelete' } }), ['a', 'b']);
  await settle();
  await patch(template('nginx:2'));
  await kit.run(60_000);
  expect(await running()).toEqual(['a nginx:1', 'b nginx:1']);
  const [first] = await pods();
  await kit.client.delete(PODS, first!.metadata);
  await kit.run();
  expect((await running()).map((text) => text.slice(2)).sort()).toEqual(['nginx:1', 'nginx:2']);
});

test('a failed pod is replaced, later each time it fails again', async () => {
  await start(daemonSet('agent'), ['a']);
  const made: string[] = [];
  const failOnce = async (): Promise<void> => {
    const [one] = await pods();
    made.push(one!.metadata.name);
    await report(one!, 'Failed');
    await kit.run();
  };
  await failOnce();
  expect((await pods())[0]!.metadata.name).not.toBe(made[0]);
  expect(await kit.events()).toContain(`FailedDaemonPod: Found failed daemon pod default/${made[0]} on node a, will try to kill it`);
  await failOnce();
  expect((await pods())[0]!.metadata.name).toBe(made[1]);
  await kit.run(1000);
  expect((await pods())[0]!.metadata.name).not.toBe(made[1]);
  await failOnce();
  await kit.run(1500);
  expect((await pods())[0]!.metadata.name).toBe(made[2]);
  await kit.run(1000);
  const [last] = await pods();
  expect(last!.metadata.name).not.toBe(made[2]);
  await report(last!, 'Succeeded');
  await kit.run();
  expect((await kit.events()).at(-3)).toMatch(
    /^SucceededDaemonPod: Found succeeded daemon pod default\/agent-\w+ on node a, will try to delete it$/,
  );
});

test('takes in an orphan in the place of a pod of its own, and deletes one too many', async () => {
  kit = createKit();
  kit.client.seed(NODES, node('a'));
  kit.client.seed(PODS, pod('first', { labels: { app: 'agent' }, node: 'a' }));
  const younger = { creationTimestamp: '2026-01-02T00:00:00Z' };
  kit.client.seed(PODS, pod('second', { labels: { app: 'agent' }, node: 'a', metadata: younger }));
  await kit.start(createDaemonSetController);
  kit.client.seed(DAEMON_SETS, daemonSet('agent', { updateStrategy: { type: 'OnDelete' } }));
  await kit.run();
  const kept = (await pods()).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  expect(kept.map(({ metadata }) => metadata.name)).toEqual(['first']);
});

test('where a template belongs: node name, selector and affinity, taints', () => {
  const on = (podSpec: object, taints: readonly object[] = [], labels: object = {}) =>
    nodeRule(daemonSet('agent', {}, podSpec as never))(node('a', 'True', { metadata: { labels }, spec: { taints } }));
  const yes = { shouldRun: true, mayStay: true };
  const no = { shouldRun: false, mayStay: false };
  expect(on({})).toEqual(yes);
  expect(on({ nodeName: 'a' })).toEqual(yes);
  expect(on({ nodeName: 'b' })).toEqual(no);
  expect(on({ nodeSelector: { x: 'y' } })).toEqual(no);
  expect(on({ nodeSelector: { x: 'y' } }, [], { x: 'y' })).toEqual(yes);
  expect(on({}, [{ key: 'k', effect: 'PreferNoSchedule' }])).toEqual(yes);
  expect(on({}, [{ key: 'k', effect: 'NoSchedule' }])).toEqual({ shouldRun: false, mayStay: true });
  expect(on({}, [{ key: 'k', effect: 'NoExecute' }])).toEqual(no);
  expect(on({}, [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }])).toEqual(yes);
  expect(on({}, [{ key: 'node.kubernetes.io/network-unavailable', effect: 'NoSchedule' }])).toEqual({ shouldRun: false, mayStay: true });
  expect(on({ hostNetwork: true }, [{ key: 'node.kubernetes.io/network-unavailable', effect: 'NoSchedule' }])).toEqual(yes);
});

test('a toleration that the template has already is not there twice', () => {
  const own = { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 5 } as const;
  const all = tolerationsOf({ containers: [], tolerations: [own] });
  expect(all.filter(({ key: name }) => name === own.key)).toEqual([{ key: own.key, operator: 'Exists', effect: 'NoExecute' }]);
});

test('revisions of one template become one: the newest, whose hash the pods get, and no pod is replaced', async () => {
  await start(daemonSet('agent'));
  await settle();
  const [first] = (await kit.client.list(CONTROLLER_REVISIONS)).items;
  const { labels, ownerReferences } = first!.metadata;
  const copy = (hash: string, revision: number) =>
    kit.client.seed(CONTROLLER_REVISIONS, {
      ...first!,
      metadata: {
        name: `agent-${hash}`,
        namespace: 'default',
        uid: `uid-${hash}`,
        labels: { ...labels, 'controller-revision-hash': hash },
        ownerReferences,
      },
      revision,
    });
  copy('older', 1);
  copy('newer', 5);
  const before = (await pods()).map(({ metadata }) => metadata.uid);
  await patch({ revisionHistoryLimit: 9 });
  await kit.run(1000);
  expect((await kit.client.list(CONTROLLER_REVISIONS)).items.map(({ metadata, revision }) => [metadata.name, revision])).toEqual([
    ['agent-newer', 5],
  ]);
  expect((await pods()).map(({ metadata }) => metadata.uid)).toEqual(before);
  expect((await pods()).map(({ metadata }) => metadata.labels!['controller-revision-hash'])).toEqual(['newer', 'newer', 'newer']);
  expect(await status()).toMatchObject({ updatedNumberScheduled: 3 });
  const writes = kit.client.requests.length;
  await patch({ revisionHistoryLimit: 8 });
  await kit.run(1000);
  expect(kit.client.requests.slice(writes).filter(({ verb, resource }) => verb !== 'watch' && resource !== 'daemonsets')).toEqual([]);
});
