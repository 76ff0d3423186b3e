// The sentences and scores are those of a real kube-scheduler v1.36.3 for the same nodes and pods.
import { REPLICA_SETS, SERVICES } from '../../client/resources.js';
import { createWorld } from '../testing/world.js';
import { podTopologySpread } from './pod-topology-spread.js';

const zone = 'topology.kubernetes.io/zone';
const hostname = 'kubernetes.io/hostname';
const spread = (topologyKey: string, more: object = {}) => ({
  topologyKey,
  maxSkew: 1,
  whenUnsatisfiable: 'DoNotSchedule',
  labelSelector: { matchLabels: { app: 's' } },
  ...more,
});
const soft = { whenUnsatisfiable: 'ScheduleAnyway' };
const pod = (...topologySpreadConstraints: object[]) => ({ labels: { app: 's' }, spec: { topologySpreadConstraints } });
const no = "node(s) didn't match pod topology spread constraints";
const missing = `${no} (missing required label)`;

/** Two nodes in zone a, one in b, one without a zone; so many pods on each. */
async function cluster(counts: readonly number[]) {
  const world = createWorld();
  world.node('n0', { labels: { [zone]: 'a' } });
  world.node('n1', { labels: { [zone]: 'a' }, spec: { taints: [{ key: 'k', effect: 'NoSchedule' }] } });
  world.node('n2', { labels: { [zone]: 'b', disk: 'ssd' } });
  world.node('n3');
  counts.forEach((count, node) => {
    for (let i = 0; i < count; i++) world.pod(`s${node}-${i}`, `n${node}`, { labels: { app: 's' } });
  });
  await world.start();
  return world;
}

test.each<[string, readonly number[], object, Record<string, string>]>([
  ['zones', [1, 1, 0, 1], pod(spread(zone)), { n0: no, n1: no, n2: 'yes', n3: missing }],
  ['more skew', [1, 1, 0, 1], pod(spread(zone, { maxSkew: 3 })), { n0: 'yes', n1: 'yes', n2: 'yes', n3: missing }],
  ['minDomains', [1, 1, 1, 1], pod(spread(zone, { minDomains: 3 })), { n0: no, n1: no, n2: no, n3: missing }],
  ['a label that no node has', [0, 0, 0, 0], pod(spread('rack')), { n0: missing, n1: missing, n2: missing, n3: missing }],
  ['hosts', [1, 0, 0, 0], pod(spread(hostname)), { n0: no, n1: 'yes', n2: 'yes', n3: 'yes' }],
  ['both', [1, 0, 1, 0], pod(spread(hostname), spread(zone)), { n0: no, n1: 'yes', n2: no, n3: missing }],
  [
    'a selector that does not choose the pod itself',
    [1, 0, 0, 0],
    { spec: pod(spread(zone)).spec },
    { n0: 'yes', n1: 'yes', n2: 'yes', n3: missing },
  ],
  [
    'only the nodes that the pod may use count',
    [1, 0, 0, 0],
    { labels: { app: 's' }, spec: { ...pod(spread(hostname)).spec, nodeSelector: { [zone]: 'a' } } },
    { n0: no, n1: 'yes', n2: 'yes', n3: 'yes' },
  ],
  [
    'tainted nodes do not count when the constraint says so',
    [2, 0, 2, 2],
    pod(spread(hostname, { nodeTaintsPolicy: 'Honor' })),
    { n0: 'yes', n1: 'yes', n2: 'yes', n3: 'yes' },
  ],
  ['tainted nodes count otherwise', [2, 0, 2, 2], pod(spread(hostname)), { n0: no, n1: 'yes', n2: no, n3: no }],
  [
    'nodes that the pod may not use count when the constraint says so',
    [1, 1, 0, 0],
    { labels: { app: 's' }, spec: { ...pod(spread(zone, { nodeAffinityPolicy: 'Ignore' })).spec, nodeSelector: { [zone]: 'a' } } },
    { n0: no, n1: no, n2: 'yes', n3: missing },
  ],
])('%s', async (_name, counts, asked, expected) => {
  const world = await cluster(counts);
  expect(world.filter(podTopologySpread, asked)).toEqual(expected);
  world.stop();
});

test('pods that are being deleted do not count', async () => {
  const world = await cluster([0, 0, 1, 0]);
  world.pod('leaving', 'n0', { labels: { app: 's' }, metadata: { deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['x/y'] } });
  await world.settle();
  expect(world.filter(podTopologySpread, pod(spread(zone)))).toEqual({ n0: 'yes', n1: 'yes', n2: no, n3: missing });
  world.stop();
});

test('scores', async () => {
  const world = await cluster([1, 1, 1, 1]);
  expect(world.score(podTopologySpread, pod(spread(hostname, soft)))).toEqual({ n0: 100, n1: 100, n2: 100, n3: 100 });
  expect(world.score(podTopologySpread, pod(spread(zone, soft)))).toEqual({ n0: 33, n1: 33, n2: 100, n3: 0 });
  expect(world.score(podTopologySpread, pod(spread('rack', soft)))).toEqual({ n0: 0, n1: 0, n2: 0, n3: 0 });
  expect(world.score(podTopologySpread, pod(spread(zone)))).toBeUndefined();
  world.stop();
  const uneven = await cluster([1, 2, 2, 2]);
  const both = pod(spread(zone, soft), spread(hostname, { ...soft, maxSkew: 3 }));
  expect(uneven.score(podTopologySpread, both)).toEqual({ n0: 100, n1: 88, n2: 100, n3: 0 });
  uneven.stop();
});

test('without constraints of its own, the pods of its service and of its controller count', async () => {
  const world = await cluster([2, 0, 0, 1]);
  expect(world.score(podTopologySpread, { labels: { app: 's' } })).toBeUndefined();
  world.seed(SERVICES, { metadata: { name: 'svc', namespace: 't' }, spec: { selector: { app: 's' } } });
  await world.settle();
  const scores = { n0: 30, n1: 61, n2: 84, n3: 100 };
  expect(world.score(podTopologySpread, { labels: { app: 's' } })).toEqual(scores);
  expect(world.score(podTopologySpread, { labels: { app: 'x' } })).toBeUndefined();
  world.seed(REPLICA_SETS, { metadata: { name: 'rs', namespace: 't' }, spec: { selector: { matchLabels: { app: 's' } } } });
  await world.settle();
  const owned = { metadata: { ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'rs', uid: 'u', controller: true }] } };
  expect(world.score(podTopologySpread, owned)).toEqual(scores);
  const list = { defaultingType: 'List', defaultConstraints: [{ maxSkew: 1, topologyKey: zone, whenUnsatisfiable: 'DoNotSchedule' }] };
  expect(world.score(podTopologySpread, { labels: { app: 's' } }, list)).toBeUndefined();
  expect(world.filter(podTopologySpread, { labels: { app: 's' } }, list)).toEqual({ n0: no, n1: no, n2: 'yes', n3: missing });
  world.stop();
});

test.each([
  { defaultingType: 'Other' },
  { defaultConstraints: [{ maxSkew: 1, topologyKey: 'x', whenUnsatisfiable: 'ScheduleAnyway' }] },
  { defaultingType: 'List', defaultConstraints: [{ maxSkew: 0, topologyKey: 'x', whenUnsatisfiable: 'ScheduleAnyway' }] },
  { defaultingType: 'List', defaultConstraints: [{ maxSkew: 1, whenUnsatisfiable: 'ScheduleAnyway' }] },
  { defaultingType: 'List', defaultConstraints: [{ maxSkew: 1, topologyKey: 'x', whenUnsatisfiable: 'Never' }] },
])('refuses the arguments %j', (args) => {
  expect(() => podTopologySpread(createWorld().handle, args)).toThrow('PodTopologySpread: ');
});
