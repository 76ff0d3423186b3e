import type { Node } from '../../../openapi/types/core.v1.js';
import { LEASES, NODES, PODS } from '../../client/resources.js';
import { formatMicroTime } from '../../clock/clock.js';
import { createKit, type Kit } from '../testing/kit.js';
import { node, pod } from '../testing/objects.js';
import { createNodeLifecycleController } from './index.js';
import { desiredTaints } from './taints.js';
import { createZones } from './zones.js';

let kit: Kit;
afterEach(() => kit?.stop());

const get = (name: string): Promise<Node> => kit.client.get(NODES, { name });
const taints = async (name: string): Promise<unknown> => ((await get(name)).spec.taints ?? []).map(({ key, effect }) => `${key}:${effect}`);
const ready = async (name: string) => (await get(name)).status.conditions?.find(({ type }) => type === 'Ready');
/** Renews the leases of these nodes every 10 seconds while time moves on. */
async function live(milliseconds: number, ...names: string[]): Promise<void> {
  for (let passed = 0; passed < milliseconds; passed += 10_000) {
    for (const name of names)
      kit.client.seed(LEASES, { metadata: { name, namespace: 'kube-node-lease' }, spec: { renewTime: formatMicroTime(kit.clock.now()) } });
    await kit.run(Math.min(10_000, milliseconds - passed));
  }
}

test('a node whose lease is renewed stays ready; a silent one becomes unknown, tainted, and its pods unready', async () => {
  kit = createKit();
  for (const name of ['alive', 'silent']) kit.client.seed(NODES, node(name));
  kit.client.seed(PODS, pod('on-alive', { node: 'alive' }));
  kit.client.seed(PODS, pod('on-silent', { node: 'silent' }));
  await kit.start(createNodeLifecycleController);
  await live(50_000, 'alive');
  expect((await ready('silent'))?.status).toBe('True');
  await live(20_000, 'alive');
  expect(await ready('alive')).toMatchObject({ status: 'True' });
  expect(await ready('silent')).toMatchObject({
    status: 'Unknown',
    reason: 'NodeStatusUnknown',
    message: 'Kubelet stopped posting node status.',
    lastHeartbeatTime: '2026-01-01T00:00:00Z',
  });
  expect((await get('silent')).status.conditions?.map(({ status }) => status)).toEqual(['Unknown', 'Unknown', 'Unknown', 'Unknown']);
  expect(await taints('alive')).toEqual([]);
  expect(await taints('silent')).toEqual(['node.kubernetes.io/unreachable:NoSchedule', 'node.kubernetes.io/unreachable:NoExecute']);
  const readiness = async (name: string) => (await kit.client.get(PODS, { namespace: 'default', name })).status.conditions?.[0]?.status;
  expect([await readiness('on-alive'), await readiness('on-silent')]).toEqual(['True', 'False']);
  expect(await kit.events()).toEqual([
    'RegisteredNode: Node alive event: Registered Node alive in Controller',
    'RegisteredNode: Node silent event: Registered Node silent in Controller',
    'NodeNotReady: Node silent status is now: NodeNotReady',
    'NodeNotReady: Node is not ready',
  ]);

  kit.client.seed(NODES, { ...(await get('silent')), status: node('silent').status });
  await live(10_000, 'alive', 'silent');
  expect(await taints('silent')).toEqual([]);
});

test('a node that never said anything', async () => {
  kit = createKit();
  kit.client.seed(NODES, node('mute', null));
  await kit.start(createNodeLifecycleController);
  await kit.run(58_000);
  expect((await get('mute')).status.conditions).toEqual([]);
  await kit.run(15_000);
  expect(await ready('mute')).toMatchObject({
    status: 'Unknown',
    reason: 'NodeStatusNeverUpdated',
    message: 'Kubelet never posted node status.',
  });
});

test('cordoned and pressed nodes are tainted at once, and freed again', async () => {
  kit = createKit();
  kit.client.seed(NODES, node('n', 'True', { spec: { taints: [{ key: 'mine', effect: 'NoSchedule' }] } }));
  await kit.start(createNodeLifecycleController);
  await kit.client.patch(NODES, { name: 'n' }, 'merge', { spec: { unschedulable: true } });
  await kit.run();
  expect(await taints('n')).toEqual(['mine:NoSchedule', 'node.kubernetes.io/unschedulable:NoSchedule']);
  await kit.client.patch(NODES, { name: 'n' }, 'merge', { spec: { unschedulable: null } });
  await kit.run();
  expect(await taints('n')).toEqual(['mine:NoSchedule']);
});

test('a removed node is told of', async () => {
  kit = createKit();
  kit.client.seed(NODES, node('n'));
  await kit.start(createNodeLifecycleController);
  await kit.run(6000);
  await kit.client.delete(NODES, { name: 'n' });
  await kit.run(6000);
  expect(await kit.events()).toContain('RemovingNode: Node n event: Removing Node n from Controller');
});

test('taints by conditions', () => {
  const told = (one: Node, evict: 'now' | 'later' | 'never') =>
    desiredTaints(one, evict, 0)?.map(({ key, effect }) => `${key.replace('node.kubernetes.io/', '')}:${effect}`);
  expect(told(node('n', 'False'), 'now')).toEqual(['not-ready:NoSchedule', 'not-ready:NoExecute']);
  expect(told(node('n', 'Unknown'), 'later')).toEqual(['unreachable:NoSchedule']);
  const evicted = { spec: { taints: [{ key: 'node.kubernetes.io/not-ready', effect: 'NoExecute' }] } };
  expect(told(node('n', 'Unknown', evicted), 'later')).toEqual(['unreachable:NoSchedule', 'unreachable:NoExecute']);
  expect(told(node('n', 'False', evicted), 'never')).toEqual(['not-ready:NoSchedule']);
  expect(told(node('n', 'True'), 'later')).toBeUndefined();
});

test('nodes of a zone are emptied one in ten seconds, none when half the zone or all is silent', () => {
  const nodes = (ready: number, silent: number): Node[] => [
    ...Array.from({ length: ready }, (_, i) => node(`r${i}`)),
    ...Array.from({ length: silent }, (_, i) => node(`s${i}`, 'Unknown')),
  ];
  const permits = (all: Node[], times: number[]): string[] => {
    const zones = createZones();
    zones.count(all);
    return times.map((time) => (zones.permit(all.at(-1)!, time) ? 'now' : 'later'));
  };
  expect(permits(nodes(5, 2), [0, 5000, 10_000])).toEqual(['now', 'later', 'now']);
  expect(permits(nodes(2, 4), [0, 100_000])).toEqual(['later', 'later']);
  expect(permits(nodes(20, 40), [0, 10_000, 100_000])).toEqual(['now', 'later', 'now']);
  const silent = createZones();
  silent.count(nodes(0, 3));
  expect(silent.allSilent()).toBe(true);
});
