// Preemption as a whole. The sentences are those of a real kube-scheduler v1.36.3 for the same nodes and pods.
import { POD_DISRUPTION_BUDGETS, PODS } from '../../client/resources.js';
import { setUpScheduler, type PodOptions } from '../testing/world.js';

const cpu = (amount: string, priority: number, more: PodOptions = {}): PodOptions => ({
  ...more,
  requests: { cpu: amount },
  spec: { priority, ...more.spec },
});
const on = (node: string, amount: string, priority: number, more: PodOptions = {}): PodOptions =>
  cpu(amount, priority, { ...more, spec: { ...more.spec, nodeName: node } });

test('the sentences for pods that cannot preempt', async () => {
  const { node, pod, start, stop, condition } = setUpScheduler();
  for (const [name, amount] of [['n0', '4'], ['n1', '8'], ['n2', '4'], ['n3', '16']] as const) node(name, { allocatable: { cpu: amount, memory: '32Gi' } }); // prettier-ignore
  pod('l0', on('n0', '2', 10));
  pod('l0b', on('n0', '1', 500));
  pod('l1', on('n1', '3', 10));
  pod('l1b', on('n1', '4', 10));
  pod('l2', on('n2', '3500m', 1000));
  pod('l3', on('n3', '14', 500));
  pod('never', cpu('3', 1000, { spec: { preemptionPolicy: 'Never' } }));
  pod('equal', cpu('5', 10));
  pod('big', cpu('15', 500));
  await start();
  const prefix = '0/4 nodes are available: 4 Insufficient cpu. no new claims to deallocate, preemption:';
  expect((await condition('never'))?.message).toBe(`${prefix} not eligible due to preemptionPolicy=Never.`);
  expect((await condition('equal'))?.message).toBe(
    `${prefix} 0/4 nodes are available: 2 No preemption victims found for incoming pod, 2 Preemption is not helpful for scheduling.`,
  );
  expect((await condition('big'))?.message).toBe(
    `${prefix} 0/4 nodes are available: 1 No preemption victims found for incoming pod, 3 Preemption is not helpful for scheduling.`,
  );
  await stop();
});

test('less important pods go, and the pod gets their place', async () => {
  const { client, node, pod, start, stop, settle, clock, get, nodeOf, condition, events } = setUpScheduler();
  node('n0');
  pod('low', on('n0', '2', 10));
  pod('mid', on('n0', '1', 500));
  pod('high', cpu('3', 1000));
  await start();
  expect(await get('high')).toMatchObject({ status: { nominatedNodeName: 'n0' } });
  expect((await condition('high'))?.message).toBe('0/1 nodes are available: 1 Insufficient cpu.');
  const low = await get('low');
  expect(low.metadata.deletionTimestamp).toBeDefined();
  expect((await get('mid')).metadata.deletionTimestamp).toBeUndefined();
  expect(await condition('low', 'DisruptionTarget')).toMatchObject({
    status: 'True',
    reason: 'PreemptionByScheduler',
    message: 'default-scheduler: preempting to accommodate a higher priority pod',
  });
  expect(await events('low')).toEqual([
    { type: 'Normal', reason: 'Preempted', message: 'Preempted by pod uid-t-high on node n0', action: 'Preempting' },
  ]);

  // The room is promised: a pod that is less important than the promised one does not get it.
  pod('late', cpu('500m', 500));
  await settle();
  await client.delete(PODS, { namespace: 't', name: 'low' }, { gracePeriodSeconds: 0 });
  await clock.advance(1000);
  await settle();
  expect(await nodeOf('high')).toBe('n0');
  expect(await nodeOf('late')).toBeUndefined();
  await stop();
});

test('a second try does not preempt more while the first victims are leaving', async () => {
  const { client, node, pod, start, stop, settle, clock, get, condition } = setUpScheduler();
  node('n0');
  node('n1');
  pod('low0', on('n0', '3', 10));
  pod('low1', on('n1', '3', 20));
  pod('high', cpu('3', 1000));
  await start();
  expect((await get('low0')).metadata.deletionTimestamp).toBeDefined();
  await client.patch(PODS, { namespace: 't', name: 'high' }, 'merge', { metadata: { labels: { look: 'again' } } });
  await clock.advance(1000);
  await settle();
  expect((await get('low1')).metadata.deletionTimestamp).toBeUndefined();
  expect((await condition('high'))?.message).toBe(
    '0/2 nodes are available: 2 Insufficient cpu. no new claims to deallocate, preemption: not eligible due to a terminating pod on the nominated node.',
  );
  await stop();
});

describe('which node', () => {
  const victims = async (set: ReturnType<typeof setUpScheduler>): Promise<readonly string[]> =>
    (await set.client.list(PODS, { namespace: 't' })).items
      .filter(({ metadata }) => metadata.deletionTimestamp !== undefined)
      .map(({ metadata }) => metadata.name);

  test.each<[string, Record<string, PodOptions>, readonly string[]]>([
    ['the lowest of the highest priorities', { a: on('n0', '4', 20), b: on('n1', '4', 10) }, ['b']],
    [
      'the smallest sum of priorities',
      { a: on('n0', '2', 20), a2: on('n0', '2', 20), b: on('n1', '2', 20), b2: on('n1', '2', 10) },
      ['b', 'b2'],
    ],
    ['the fewest victims', { a: on('n0', '2', 20), a2: on('n0', '2', 20), b: on('n1', '4', 20) }, ['b']],
    [
      'the youngest',
      {
        a: on('n0', '4', 20, { status: { startTime: '2026-01-01T00:00:00Z' } }),
        b: on('n1', '4', 20, { status: { startTime: '2026-01-02T00:00:00Z' } }),
      },
      ['b'],
    ],
  ])('%s', async (_name, pods, expected) => {
    const set = setUpScheduler();
    set.node('n0');
    set.node('n1');
    for (const [name, options] of Object.entries(pods)) set.pod(name, options);
    set.pod('high', cpu('4', 1000));
    await set.start();
    expect(await victims(set)).toEqual(expected);
    await set.stop();
  });

  test('the one where no disruption budget is broken, even for more important victims', async () => {
    const set = setUpScheduler();
    set.node('n0');
    set.node('n1');
    set.pod('guarded', on('n0', '4', 10, { labels: { app: 'guarded' } }));
    set.pod('free', on('n1', '4', 900));
    set.client.seed(POD_DISRUPTION_BUDGETS, {
      metadata: { name: 'budget', namespace: 't' },
      spec: { selector: { matchLabels: { app: 'guarded' } } },
      status: { disruptionsAllowed: 0 },
    });
    set.pod('high', cpu('4', 1000));
    await set.start();
    expect(await victims(set)).toEqual(['free']);
    await set.stop();
  });

  test('a budget is broken when there is no other way, by as little as possible', async () => {
    const set = setUpScheduler();
    set.node('n0');
    set.pod('guarded', on('n0', '2', 10, { labels: { app: 'guarded' } }));
    set.pod('guarded2', on('n0', '2', 20, { labels: { app: 'guarded' } }));
    set.client.seed(POD_DISRUPTION_BUDGETS, {
      metadata: { name: 'budget', namespace: 't' },
      spec: { selector: { matchLabels: { app: 'guarded' } } },
      status: { disruptionsAllowed: 0 },
    });
    set.pod('high', cpu('2', 1000));
    await set.start();
    expect(await victims(set)).toEqual(['guarded']);
    await set.stop();
  });
});

test('anti-affinity to less important pods is met by their removal', async () => {
  const { node, pod, start, stop, get } = setUpScheduler();
  node('n0');
  pod('low', on('n0', '1', 10, { labels: { app: 'x' } }));
  const term = { labelSelector: { matchLabels: { app: 'x' } }, topologyKey: 'kubernetes.io/hostname' };
  const affinity = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
  pod('high', cpu('1', 1000, { spec: { affinity } }));
  await start();
  expect((await get('high')).status?.nominatedNodeName).toBe('n0');
  expect((await get('low')).metadata.deletionTimestamp).toBeDefined();
  await stop();
});

test('a more important pod takes the promised room over', async () => {
  const { node, pod, start, stop, settle, get } = setUpScheduler();
  node('n0');
  pod('low', on('n0', '4', 10));
  pod('mid', cpu('4', 500));
  await start();
  expect((await get('mid')).status?.nominatedNodeName).toBe('n0');
  pod('high', cpu('4', 1000));
  await settle();
  expect((await get('high')).status?.nominatedNodeName).toBe('n0');
  expect((await get('mid')).status?.nominatedNodeName ?? '').toBe('');
  await stop();
});
