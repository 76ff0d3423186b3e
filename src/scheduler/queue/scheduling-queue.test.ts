// The parts of the queue, and what moves pods between them.
import { manualClock } from '../../clock/manual-clock.js';
import type { HintPlugin } from '../framework.js';
import { prioritySort } from '../plugins/priority-sort.js';
import { createWorld } from '../testing/world.js';
import { createSchedulingQueue } from './scheduling-queue.js';

function setUp() {
  const clock = manualClock();
  const { before } = prioritySort();
  const queue = createSchedulingQueue({ clock, sort: { before: before! }, initialBackoff: 1000, maxBackoff: 10_000 });
  const world = createWorld();
  const info = (name: string, priority = 0) => world.info(name, { spec: { priority } });
  return { clock, queue, info };
}

const hint = (helps: boolean, ...listens: HintPlugin['listens']): HintPlugin => ({ listens, helps: () => helps });
const nodeEvent = { resource: 'node', change: 'add', object: {} } as const;

test('the highest priority first, then the one that waits longest', () => {
  const { queue, info } = setUp();
  for (const [name, priority] of [['a', 1], ['b', 5], ['c', 5], ['d', 1]] as const) queue.set(info(name, priority), true, false); // prettier-ignore
  queue.set(info('d', 9), true, false);
  expect([1, 2, 3, 4, 5].map(() => queue.next()?.key)).toEqual(['t/d', 't/b', 't/c', 't/a', undefined]);
  queue.stop();
});

test('the back-off doubles from one second to ten', async () => {
  const { clock, queue, info } = setUp();
  queue.set(info('a'), true, false);
  const waits: number[] = [];
  for (let i = 0; i < 6; i++) {
    expect(queue.next()?.key).toBe('t/a');
    const from = clock.now();
    queue.retry('t/a');
    expect(queue.counts.backoff).toBe(1);
    while (queue.counts.active === 0) await clock.advance(100);
    waits.push(clock.now() - from);
  }
  expect(waits).toEqual([1000, 2000, 4000, 8000, 10_000, 10_000]);
  queue.stop();
});

test('only an event that helps a plugin which rejected the pod wakes it', async () => {
  const { clock, queue, info } = setUp();
  queue.set(info('a'), true, false);
  queue.next();
  queue.wait('t/a', [hint(false, 'node'), hint(true, 'persistentVolume')]);
  expect(queue.counts.unschedulable).toBe(1);
  queue.wake(nodeEvent);
  queue.wake({ ...nodeEvent, resource: 'namespace' });
  expect(queue.counts.unschedulable).toBe(1);
  queue.wake({ ...nodeEvent, resource: 'persistentVolume' });
  expect(queue.counts).toMatchObject({ unschedulable: 0, backoff: 1 });
  // Nothing else is to do: as a real scheduler since v1.33, it does not wait for the end of the back-off.
  expect(queue.next()?.key).toBe('t/a');
  // Long after its back-off it is active at once.
  queue.wait('t/a', [hint(true, 'node')]);
  await clock.advance(20_000);
  queue.wake(nodeEvent);
  expect(queue.counts.active).toBe(1);
  queue.stop();
});

test('those in back-off come early only when no active pod is left, the one that is due soonest first', async () => {
  const { clock, queue, info } = setUp();
  for (const name of ['a', 'b']) {
    queue.set(info(name), true, false);
    queue.next();
    queue.wait(`t/${name}`, [hint(true, 'node')]);
    await clock.advance(100);
  }
  queue.wake(nodeEvent);
  queue.set(info('c'), true, false);
  queue.set(info('failed'), true, false);
  expect([queue.next()?.key, queue.next()?.key]).toEqual(['t/c', 't/failed']);
  queue.retry('t/failed');
  expect([queue.next()?.key, queue.next()?.key, queue.next()]).toEqual(['t/a', 't/b', undefined]);
  await clock.advance(1000);
  expect(queue.next()?.key).toBe('t/failed');
  queue.stop();
});

test('nothing is unschedulable for longer than five minutes without another try', async () => {
  const { clock, queue, info } = setUp();
  queue.set(info('a'), true, false);
  queue.next();
  queue.wait('t/a', []);
  await clock.advance(4 * 60_000);
  expect(queue.counts.unschedulable).toBe(1);
  await clock.advance(90_000);
  expect(queue.counts.active).toBe(1);
  queue.stop();
});

test('gated pods enter when their gates are gone', () => {
  const { queue, info } = setUp();
  queue.set(info('a'), true, true);
  queue.set(info('b'), true, true);
  expect([queue.next(), queue.counts.gated]).toEqual([undefined, 2]);
  queue.set(info('a'), true, false);
  queue.ungate(({ key }) => key !== 't/b');
  expect([queue.next()?.key, queue.next()?.key, queue.counts.gated]).toEqual(['t/a', 't/b', 0]);
  queue.stop();
});

test('a change of the pod itself wakes it; one that was removed stays away', () => {
  const { queue, info } = setUp();
  for (const name of ['a', 'b']) {
    queue.set(info(name), true, false);
    queue.next();
    queue.wait(`t/${name}`, [hint(true, 'node')]);
  }
  queue.set(info('a'), false, false);
  expect(queue.counts.unschedulable).toBe(2);
  queue.set(info('a'), true, false);
  expect(queue.counts).toMatchObject({ unschedulable: 1, backoff: 1 });
  queue.remove('t/b');
  queue.wake(nodeEvent);
  queue.retry('t/b');
  expect(queue.has('t/b')).toBe(false);
  queue.stop();
});
