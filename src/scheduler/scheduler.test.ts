import { ApiError } from '../apimachinery/errors/api-error.js';
import { manualClock } from '../clock/manual-clock.js';
import { seededRandom } from '../clock/random.js';
import { createInformerFactory } from '../client/informer/factory.js';
import { EVENTS, NODES, PODS } from '../client/resources.js';
import { createMemoryClient, type MemoryReactor } from '../client/testing/memory-client.js';
import { createScheduler } from './scheduler.js';

interface NodeOptions {
  readonly allocatable?: Record<string, string>;
  readonly labels?: Record<string, string>;
  readonly spec?: Record<string, unknown>;
}

function setUp(reactor?: MemoryReactor) {
  const clock = manualClock();
  const random = seededRandom(1);
  const client = createMemoryClient({ clock, ...(reactor ? { reactor } : {}) });
  const informers = createInformerFactory({ client, clock, random });
  const scheduler = createScheduler({ client, informers, clock, random });
  const node = (name: string, { allocatable = {}, labels = {}, spec = {} }: NodeOptions = {}) =>
    client.seed(NODES, {
      metadata: { name, labels: { 'kubernetes.io/hostname': name, ...labels } },
      spec,
      status: { allocatable: { cpu: '4', memory: '8Gi', pods: '110', ...allocatable } },
    });
  const pod = (
    name: string,
    requests: Record<string, string> = {},
    spec: Record<string, unknown> = {},
    container: Record<string, unknown> = {},
  ) =>
    client.create(PODS, {
      metadata: { name, namespace: 't' },
      spec: { schedulerName: 'default-scheduler', containers: [{ name: 'c', image: 'x', resources: { requests }, ...container }], ...spec },
      status: { phase: 'Pending' },
    });
  const start = async () => {
    informers.start();
    scheduler.start();
    await settle();
  };
  const settle = async () => {
    for (let turn = 0; turn < 6; turn++) await clock.advance(0);
  };
  const stop = async () => {
    await scheduler.stop();
    informers.stop();
    expect(clock.pending()).toBe(0);
  };
  const nodeOf = async (name: string) => (await client.get(PODS, { namespace: 't', name })).spec.nodeName;
  const condition = async (name: string) =>
    (await client.get(PODS, { namespace: 't', name })).status.conditions?.find(({ type }) => type === 'PodScheduled');
  const events = async (name: string) =>
    (await client.list(EVENTS, { namespace: 't' })).items
      .filter(({ involvedObject }) => involvedObject.name === name)
      .map(({ reason, message, action, type }) => ({ type, reason, message, action }));
  return { clock, client, scheduler, node, pod, start, settle, stop, nodeOf, condition, events };
}

const notHelpful = (nodes: number) =>
  `no new claims to deallocate, preemption: 0/${nodes} nodes are available: ${nodes} Preemption is not helpful for scheduling.`;
const onNode = (...names: string[]) => ({
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: names }] }],
      },
    },
  },
});

test('binds a pod and says so', async () => {
  const { node, pod, start, stop, nodeOf, events, condition } = setUp();
  node('n0');
  await pod('web', { cpu: '1' });
  await start();
  expect(await nodeOf('web')).toBe('n0');
  expect(await events('web')).toEqual([
    { type: 'Normal', reason: 'Scheduled', message: 'Successfully assigned t/web to n0', action: 'Binding' },
  ]);
  expect(await condition('web')).toMatchObject({ status: 'True' });
  await stop();
});

test('spreads equal pods over equal nodes', async () => {
  const { node, pod, start, stop, nodeOf } = setUp();
  for (const name of ['n0', 'n1', 'n2']) node(name);
  for (let i = 0; i < 9; i++) await pod(`p${i}`);
  await start();
  const counts = new Map<string, number>();
  for (let i = 0; i < 9; i++) {
    const name = (await nodeOf(`p${i}`))!;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  expect([...counts.values()]).toEqual([3, 3, 3]);
  await stop();
});

// The sentences below are those of a real kube-scheduler v1.36.3 for the same nodes and pods.
describe('what does not fit', () => {
  test('no nodes', async () => {
    const { pod, start, stop, condition, events } = setUp();
    await pod('none', { cpu: '1' });
    await start();
    expect(await condition('none')).toMatchObject({
      status: 'False',
      reason: 'Unschedulable',
      message: 'no nodes available to schedule pods',
      lastTransitionTime: '2026-01-01T00:00:00Z',
    });
    expect(await events('none')).toEqual([
      { type: 'Warning', reason: 'FailedScheduling', message: 'no nodes available to schedule pods', action: 'Scheduling' },
    ]);
    await stop();
  });

  test.each([
    ['cpu', { cpu: '1000' }, {}, `1 Insufficient cpu, 1 node(s) had untolerated taint(s), 1 node(s) were unschedulable. ${notHelpful(3)}`],
    [
      'memory',
      { memory: '4000Gi' },
      {},
      `1 Insufficient memory, 1 node(s) had untolerated taint(s), 1 node(s) were unschedulable. ${notHelpful(3)}`,
    ],
    [
      'both',
      { cpu: '1000', memory: '4000Gi' },
      {},
      `1 Insufficient cpu, 1 Insufficient memory, 1 node(s) had untolerated taint(s), 1 node(s) were unschedulable. ${notHelpful(3)}`,
    ],
    [
      'extended',
      { 'example.com/foo': '1' },
      {},
      `1 Insufficient example.com/foo, 1 node(s) had untolerated taint(s), 1 node(s) were unschedulable. ${notHelpful(3)}`,
    ],
    [
      'selector',
      {},
      { nodeSelector: { disk: 'ssd' } },
      `1 node(s) didn't match Pod's node affinity/selector, 1 node(s) had untolerated taint(s), 1 node(s) were unschedulable. ${notHelpful(3)}`,
    ],
    ['tolerating', { cpu: '1000' }, { tolerations: [{ operator: 'Exists' }] }, `3 Insufficient cpu. ${notHelpful(3)}`],
    ['named', {}, onNode('n1'), `1 node(s) were unschedulable, 2 node(s) didn't satisfy plugin(s) [NodeAffinity]. ${notHelpful(3)}`],
    ['named-nowhere', {}, onNode('nx'), `3 node(s) didn't satisfy plugin(s) [NodeAffinity]. ${notHelpful(3)}`],
    [
      'never',
      { cpu: '1000' },
      { preemptionPolicy: 'Never' },
      '1 Insufficient cpu, 1 node(s) had untolerated taint(s), 1 node(s) were unschedulable. no new claims to deallocate, preemption: not eligible due to preemptionPolicy=Never.',
    ],
  ] as const)('%s', async (name, requests, spec, expected) => {
    const { node, pod, start, stop, condition } = setUp();
    node('n0');
    node('n1', { spec: { unschedulable: true } });
    node('n2', { spec: { taints: [{ key: 'dedicated', value: 'x', effect: 'NoSchedule' }] } });
    await pod(name, requests, spec);
    await start();
    expect((await condition(name))?.message).toBe(`0/3 nodes are available: ${expected}`);
    await stop();
  });

  test('an affinity to nodes that cannot be met', async () => {
    const { node, pod, start, stop, condition } = setUp();
    node('n0');
    const matchFields = ['n0', 'n1'].map((name) => ({ key: 'metadata.name', operator: 'In', values: [name] }));
    await pod(
      'conflict',
      {},
      { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields }] } } } },
    );
    await start();
    expect((await condition('conflict'))?.message).toBe('0/1 nodes are available: pod affinity terms conflict. not found');
    await stop();
  });

  test('room that other pods hold, and too many pods', async () => {
    const { node, pod, start, stop, settle, condition } = setUp();
    for (const name of ['n0', 'n1', 'n2']) node(name);
    node('n3', { allocatable: { cpu: '1', memory: '1Gi', pods: '0' } });
    for (let i = 0; i < 3; i++) await pod(`three${i}`, { cpu: '3' });
    await start();
    await pod('three3', { cpu: '3' });
    await pod('zeropods', {}, { nodeSelector: { 'kubernetes.io/hostname': 'n3' } });
    await settle();
    expect((await condition('three3'))?.message).toBe(
      '0/4 nodes are available: 1 Too many pods, 4 Insufficient cpu. no new claims to deallocate, preemption: 0/4 nodes are available: 1 Preemption is not helpful for scheduling, 3 No preemption victims found for incoming pod.',
    );
    expect((await condition('zeropods'))?.message).toBe(
      "0/4 nodes are available: 1 Too many pods, 3 node(s) didn't match Pod's node affinity/selector. no new claims to deallocate, preemption: 0/4 nodes are available: 1 No preemption victims found for incoming pod, 3 Preemption is not helpful for scheduling.",
    );
    await stop();
  });

  test('a host port that is taken', async () => {
    const { node, pod, start, stop, settle, condition, nodeOf } = setUp();
    node('n0');
    await pod('port', {}, {}, { ports: [{ containerPort: 80, hostPort: 80 }] });
    await start();
    await pod('port2', {}, {}, { ports: [{ containerPort: 80, hostPort: 80, hostIP: '10.0.0.1' }] });
    await pod('port3', {}, {}, { ports: [{ containerPort: 80, hostPort: 80, protocol: 'UDP' }] });
    await settle();
    expect((await condition('port2'))?.message).toMatch(
      /^0\/1 nodes are available: 1 node\(s\) didn't have free ports for the requested pod ports\. .*1 No preemption victims found/,
    );
    expect(await nodeOf('port3')).toBe('n0');
    await stop();
  });
});

describe('waiting pods are tried again', () => {
  test('when a node comes, not for one that does not help', async () => {
    const { clock, node, pod, start, stop, settle, nodeOf, events } = setUp();
    node('n0', { allocatable: { cpu: '1' } });
    await pod('big', { cpu: '3' });
    await start();
    node('n1', { allocatable: { cpu: '2' } });
    await clock.advance(60_000);
    expect(await events('big')).toHaveLength(1);
    node('n2', { allocatable: { cpu: '3' } });
    await settle();
    expect(await nodeOf('big')).toBe('n2');
    await stop();
  });

  test('when a pod leaves, before the back-off is over when nothing else is to do', async () => {
    const { client, node, pod, start, stop, settle, nodeOf } = setUp();
    node('n0');
    await pod('first', { cpu: '3' });
    await start();
    await pod('second', { cpu: '3' });
    await settle();
    expect(await nodeOf('second')).toBeUndefined();
    await client.delete(PODS, { namespace: 't', name: 'first' }, { gracePeriodSeconds: 0 });
    await settle();
    expect(await nodeOf('second')).toBe('n0');
    await stop();
  });

  test('when a pod ends, a node is uncordoned, or its labels change', async () => {
    const { clock, client, node, pod, start, stop, settle, nodeOf } = setUp();
    node('n0', { spec: { unschedulable: true } });
    node('n1', { allocatable: { cpu: '1' } });
    await pod('holder', { cpu: '1' });
    await start();
    expect(await nodeOf('holder')).toBe('n1');
    await pod('small', { cpu: '1' }, { nodeSelector: { 'kubernetes.io/hostname': 'n1' } });
    await pod('cordoned', { cpu: '2' });
    await pod('labelled', {}, { nodeSelector: { disk: 'ssd' } });
    await settle();
    await client.patch(PODS, { namespace: 't', name: 'holder' }, 'merge', { status: { phase: 'Succeeded' } }, { subresource: 'status' });
    await client.patch(NODES, { name: 'n0' }, 'merge', { spec: { unschedulable: null } });
    await client.patch(NODES, { name: 'n1' }, 'merge', { metadata: { labels: { disk: 'ssd' } } });
    await clock.advance(1000);
    await settle();
    expect(await nodeOf('small')).toBe('n1');
    expect(await nodeOf('cordoned')).toBe('n0');
    expect(await nodeOf('labelled')).toBe('n1');
    await stop();
  });

  test('a heartbeat wakes nobody', async () => {
    const { clock, client, node, pod, start, stop, events } = setUp();
    node('n0');
    await pod('big', { cpu: '100' });
    await start();
    await client.patch(
      NODES,
      { name: 'n0' },
      'merge',
      { status: { conditions: [{ type: 'Ready', status: 'True' }] } },
      { subresource: 'status' },
    );
    await clock.advance(30_000);
    expect(await events('big')).toHaveLength(1);
    await stop();
  });

  test('after five minutes in any case', async () => {
    const { clock, client, node, pod, start, stop, events } = setUp();
    node('n0');
    await pod('big', { cpu: '100' });
    await start();
    await clock.advance(5 * 60_000 + 31_000);
    expect((await client.list(EVENTS, { namespace: 't' })).items.length).toBeGreaterThan(1);
    expect(await events('big')).toHaveLength(2);
    await stop();
  });
});

test('gated pods, pods of other schedulers and pods that have a node are left alone', async () => {
  const { client, node, pod, start, stop, settle, nodeOf, events } = setUp();
  node('n0');
  await pod('gated', {}, { schedulingGates: [{ name: 'example.com/gate' }] });
  await pod('other', {}, { schedulerName: 'mine' });
  await pod('placed', {}, { nodeName: 'elsewhere' });
  await start();
  expect([await nodeOf('gated'), await nodeOf('other'), await nodeOf('placed')]).toEqual([undefined, undefined, 'elsewhere']);
  expect([...(await events('gated')), ...(await events('other')), ...(await events('placed'))]).toEqual([]);
  await client.patch(PODS, { namespace: 't', name: 'gated' }, 'merge', { spec: { schedulingGates: null } });
  await settle();
  expect(await nodeOf('gated')).toBe('n0');
  await stop();
});

test('a pod that is being deleted is skipped', async () => {
  const { client, node, pod, start, stop, settle, nodeOf, events } = setUp();
  node('n0');
  await pod('leaving');
  await client.patch(PODS, { namespace: 't', name: 'leaving' }, 'merge', { metadata: { finalizers: ['example.com/x'] } });
  await client.delete(PODS, { namespace: 't', name: 'leaving' });
  await start();
  await settle();
  expect(await nodeOf('leaving')).toBeUndefined();
  expect((await events('leaving')).map(({ message }) => message)).toEqual(['skip schedule deleting pod: t/leaving']);
  await stop();
});

test('a binding that fails gives the room back and is tried again', async () => {
  let failures = 0;
  const { clock, node, pod, start, stop, settle, nodeOf, condition } = setUp(({ subresource }) => {
    if (subresource === 'binding' && failures++ < 1) throw new ApiError(500, 'InternalError', 'no luck');
  });
  node('n0');
  await pod('web', { cpu: '3' });
  await start();
  expect(await condition('web')).toMatchObject({
    reason: 'SchedulerError',
    message: 'binding rejected: running Bind plugin "DefaultBinder": no luck',
  });
  await clock.advance(1000);
  await settle();
  expect(await nodeOf('web')).toBe('n0');
  expect(failures).toBe(2);
  await stop();
});

test('higher priority goes first', async () => {
  const { node, pod, start, stop, nodeOf } = setUp();
  node('n0', { allocatable: { cpu: '1' } });
  await pod('low', { cpu: '1' }, { priority: 0 });
  await pod('high', { cpu: '1' }, { priority: 1000 });
  await start();
  expect([await nodeOf('low'), await nodeOf('high')]).toEqual([undefined, 'n0']);
  await stop();
});

test('prefers nodes without soft taints, and those its affinity prefers', async () => {
  const { node, pod, start, stop, nodeOf } = setUp();
  node('n0', { spec: { taints: [{ key: 'k', effect: 'PreferNoSchedule' }] }, labels: { zone: 'a' } });
  node('n1', { labels: { zone: 'a' } });
  node('n2', { labels: { zone: 'b' } });
  const prefer = (zone: string) => ({
    affinity: {
      nodeAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          { weight: 10, preference: { matchExpressions: [{ key: 'zone', operator: 'In', values: [zone] }] } },
        ],
      },
    },
  });
  for (let i = 0; i < 4; i++) await pod(`plain${i}`);
  await pod('a', {}, prefer('a'));
  await pod('b', {}, prefer('b'));
  await start();
  for (let i = 0; i < 4; i++) expect(await nodeOf(`plain${i}`)).not.toBe('n0');
  expect([await nodeOf('a'), await nodeOf('b')]).toEqual(['n1', 'n2']);
  await stop();
});
