// Plugins that look at a node and what is on it.
import { NODES } from '../../client/resources.js';
import { createWorld } from '../testing/world.js';
import { nodeAffinity } from './node-affinity.js';
import { nodeDeclaredFeatures } from './node-declared-features.js';
import { nodeName } from './node-name.js';
import { nodePorts } from './node-ports.js';
import { nodeUnschedulable } from './node-unschedulable.js';
import { schedulingGates } from './scheduling-gates.js';
import { taintToleration } from './taint-toleration.js';
import { volumeRestrictions } from './volume-restrictions.js';
import { podOf } from '../testing/world.js';

async function cluster() {
  const world = createWorld();
  world.node('n0', { labels: { zone: 'a' } });
  world.node('n1', { labels: { zone: 'b' }, spec: { taints: [{ key: 'k', value: 'v', effect: 'NoSchedule' }] } });
  world.node('n2', { spec: { unschedulable: true, taints: [{ key: 's', effect: 'PreferNoSchedule' }] } });
  await world.start();
  return world;
}

const inZone = (zone: string) => ({ nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'In', values: [zone] }] }] });

test('a node by name', async () => {
  const world = await cluster();
  const no = "node(s) didn't match the requested node name";
  expect(world.filter(nodeName, { spec: { nodeName: 'n1' } })).toEqual({ n0: no, n1: 'yes', n2: no });
  expect(world.filter(nodeName, {})).toEqual({ n0: 'yes', n1: 'yes', n2: 'yes' });
  world.stop();
});

test('features that a node must declare', async () => {
  const world = await cluster();
  const no = "node(s) didn't match Pod's required features";
  const restartPolicyRules = [{ action: 'RestartAllContainers', exitCodes: { operator: 'In', values: [3] } }];
  const spec = { containers: [{ name: 'c', image: 'x', restartPolicy: 'Never', restartPolicyRules }] };
  expect(world.filter(nodeDeclaredFeatures, { spec })).toEqual({ n0: no, n1: no, n2: no });
  const initial = { initContainers: spec.containers, containers: [{ name: 'main', image: 'x' }] };
  expect(world.filter(nodeDeclaredFeatures, { spec: initial })).toMatchObject({ n0: no });
  expect(world.filter(nodeDeclaredFeatures, {})).toEqual({ n0: 'yes', n1: 'yes', n2: 'yes' });
  const status = { declaredFeatures: ['GuaranteedQoSPodCPUResize', 'RestartAllContainersOnContainerExits'] };
  await world.client.patch(NODES, { name: 'n1' }, 'merge', { status }, { subresource: 'status' });
  await world.settle();
  expect(world.filter(nodeDeclaredFeatures, { spec })).toEqual({ n0: no, n1: 'yes', n2: no });
  world.stop();
});

test('cordoned nodes', async () => {
  const world = await cluster();
  expect(world.filter(nodeUnschedulable, {})).toEqual({ n0: 'yes', n1: 'yes', n2: 'node(s) were unschedulable' });
  const tolerations = [{ key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' }];
  expect(world.filter(nodeUnschedulable, { spec: { tolerations } })).toMatchObject({ n2: 'yes' });
  world.stop();
});

test('taints, hard and soft', async () => {
  const world = await cluster();
  expect(world.filter(taintToleration, {})).toEqual({ n0: 'yes', n1: 'node(s) had untolerated taint(s)', n2: 'yes' });
  expect(world.filter(taintToleration, { spec: { tolerations: [{ key: 'k', value: 'v' }] } })).toMatchObject({ n1: 'yes' });
  expect(world.score(taintToleration, {})).toEqual({ n0: 100, n1: 100, n2: 0 });
  expect(world.score(taintToleration, { spec: { tolerations: [{ key: 's', operator: 'Exists' }] } })).toEqual({
    n0: 100,
    n1: 100,
    n2: 100,
  });
  world.stop();
});

test('affinity to nodes, of the pod and of the profile', async () => {
  const world = await cluster();
  const no = "node(s) didn't match Pod's node affinity/selector";
  const enforced = "node(s) didn't match scheduler-enforced node affinity";
  expect(world.filter(nodeAffinity, { spec: { nodeSelector: { zone: 'a' } } })).toEqual({ n0: 'yes', n1: no, n2: no });
  const addedAffinity = { requiredDuringSchedulingIgnoredDuringExecution: inZone('a') };
  expect(world.filter(nodeAffinity, {}, { addedAffinity })).toEqual({ n0: 'yes', n1: enforced, n2: enforced });
  expect(world.filter(nodeAffinity, { spec: { nodeSelector: { zone: 'b' } } }, { addedAffinity })).toMatchObject({ n0: no, n1: enforced });
  const preferred = (zone: string, weight: number) => ({
    preferredDuringSchedulingIgnoredDuringExecution: [{ weight, preference: inZone(zone).nodeSelectorTerms[0] }],
  });
  const spec = { affinity: { nodeAffinity: preferred('a', 2) } };
  expect(world.score(nodeAffinity, { spec })).toEqual({ n0: 100, n1: 0, n2: 0 });
  expect(world.score(nodeAffinity, { spec }, { addedAffinity: preferred('b', 4) })).toEqual({ n0: 50, n1: 100, n2: 0 });
  expect(world.score(nodeAffinity, {})).toBeUndefined();
  expect(() => nodeAffinity(world.handle, { addedAffinity: 'x' })).toThrow('addedAffinity must be a node affinity');
  world.stop();
});

test('ports of a host, by address and protocol', async () => {
  const world = await cluster();
  const port = (hostPort: number, more: object = {}) => ({ spec: { containers: [{ name: 'c', ports: [{ hostPort, ...more }] }] } });
  world.pod('all', 'n0', port(80));
  world.pod('one', 'n1', port(80, { hostIP: '10.0.0.1' }));
  await world.settle();
  const no = "node(s) didn't have free ports for the requested pod ports";
  expect(world.filter(nodePorts, port(80))).toEqual({ n0: no, n1: no, n2: 'yes' });
  expect(world.filter(nodePorts, port(80, { hostIP: '10.0.0.2' }))).toEqual({ n0: no, n1: 'yes', n2: 'yes' });
  expect(world.filter(nodePorts, port(80, { protocol: 'UDP' }))).toEqual({ n0: 'yes', n1: 'yes', n2: 'yes' });
  world.stop();
});

test('disks with one writer', async () => {
  const world = await cluster();
  const disk = (readOnly: boolean, pdName = 'd') => ({ spec: { volumes: [{ name: 'v', gcePersistentDisk: { pdName, readOnly } }] } });
  world.pod('reader', 'n0', disk(true));
  world.pod('writer', 'n1', disk(false));
  await world.settle();
  const no = 'node(s) had no available disk';
  expect(world.filter(volumeRestrictions, disk(true))).toEqual({ n0: 'yes', n1: no, n2: 'yes' });
  expect(world.filter(volumeRestrictions, disk(false))).toEqual({ n0: no, n1: no, n2: 'yes' });
  expect(world.filter(volumeRestrictions, disk(false, 'other'))).toEqual({ n0: 'yes', n1: 'yes', n2: 'yes' });
  world.stop();
});

test('gates are named', () => {
  const { preEnqueue } = schedulingGates();
  const gates = [{ name: 'a.b/c' }, { name: 'd.e/f' }];
  expect(preEnqueue?.(podOf('gated', { spec: { schedulingGates: gates } }))).toBe('waiting for scheduling gates: [a.b/c d.e/f]');
  expect(preEnqueue?.(podOf('open', { spec: { schedulingGates: [] } }))).toBeUndefined();
});
