import type { Event } from '../../../openapi/types/core.v1.js';
import { ApiError } from '../../apimachinery/errors/api-error.js';
import { manualClock } from '../../clock/manual-clock.js';
import { seededRandom } from '../../clock/random.js';
import { EVENTS, PODS } from '../resources.js';
import { createMemoryClient, type MemoryReactor } from '../testing/memory-client.js';
import { createEventRecorder, type EventRecorderOptions } from './recorder.js';

function setUp(options: Partial<EventRecorderOptions> = {}, reactor?: MemoryReactor) {
  const clock = manualClock();
  const client = createMemoryClient({ clock, ...(reactor ? { reactor } : {}) });
  const recorder = createEventRecorder({ client, clock, random: seededRandom(3), component: 'test-controller', ...options });
  const pod = client.seed(PODS, { metadata: { name: 'web', namespace: 'default' }, spec: { containers: [] } });
  const events = async (): Promise<readonly Event[]> => (await client.list(EVENTS, {})).items;
  return { clock, client, recorder, pod, events };
}

test('an event has the shape of those of real controllers', async () => {
  const { recorder, pod, events } = setUp();
  recorder.event(pod, 'Normal', 'Created', 'Created it');
  await recorder.flush();
  const [event] = await events();
  expect(event).toMatchObject({
    involvedObject: {
      kind: 'Pod',
      apiVersion: 'v1',
      name: 'web',
      namespace: 'default',
      uid: pod.metadata.uid,
      resourceVersion: pod.metadata.resourceVersion,
    },
    type: 'Normal',
    reason: 'Created',
    message: 'Created it',
    count: 1,
    firstTimestamp: '2026-01-01T00:00:00Z',
    lastTimestamp: '2026-01-01T00:00:00Z',
    source: { component: 'test-controller' },
    reportingComponent: 'test-controller',
    reportingInstance: '',
  });
  expect(event!.metadata.name).toMatch(/^web\.[0-9a-f]{16}$/);
});

test('a repeated event raises the count of the first', async () => {
  const { clock, client, recorder, pod, events } = setUp({ component: 'kubelet', host: 'node-0' });
  for (let i = 0; i < 3; i++) {
    recorder.event(pod, 'Warning', 'BackOff', 'Back-off restarting');
    await recorder.flush();
    await clock.advance(10_000);
  }
  const all = await events();
  expect(all).toHaveLength(1);
  expect(all[0]).toMatchObject({
    count: 3,
    lastTimestamp: '2026-01-01T00:00:20Z',
    firstTimestamp: '2026-01-01T00:00:00Z',
    source: { component: 'kubelet', host: 'node-0' },
    reportingInstance: 'node-0',
  });
  expect(client.requests.filter(({ resource, verb }) => resource === 'events' && verb !== 'list').map(({ verb }) => verb)).toEqual([
    'create',
    'patch',
    'patch',
  ]);
});

test('a patch of an event that has expired creates another with the count going on', async () => {
  const { client, recorder, pod, events } = setUp();
  recorder.event(pod, 'Normal', 'Again', 'x');
  await recorder.flush();
  await client.deleteCollection(EVENTS, { namespace: 'default' });
  recorder.event(pod, 'Normal', 'Again', 'x');
  await recorder.flush();
  expect((await events()).map(({ count }) => count)).toEqual([2]);
});

test('after ten different messages similar events are combined', async () => {
  const { recorder, pod, events } = setUp();
  for (let i = 0; i < 12; i++) {
    recorder.event(pod, 'Warning', 'Failed', `message ${i}`);
    await recorder.flush();
  }
  const all = await events();
  expect(all).toHaveLength(11);
  expect(all.at(-1)).toMatchObject({ message: '(combined from similar events): message 11', count: 2 });
});

test('one object gets 25 events at once, then one in five minutes', async () => {
  const { clock, recorder, pod, events } = setUp();
  for (let i = 0; i < 40; i++) recorder.event(pod, 'Normal', `Reason${i}`, 'x');
  await recorder.flush();
  expect(await events()).toHaveLength(25);
  await clock.advance(5 * 60_000);
  recorder.event(pod, 'Normal', 'Later', 'x');
  await recorder.flush();
  expect(await events()).toHaveLength(26);
});

test('the series style: event time, action, and a series from the second on', async () => {
  const { clock, recorder, pod, events } = setUp({ component: 'default-scheduler', style: 'series', instance: 'default-scheduler-host' });
  recorder.event(pod, 'Warning', 'FailedScheduling', '0/1 nodes are available', 'Scheduling');
  await recorder.flush();
  const [first] = await events();
  expect(first).toMatchObject({
    eventTime: '2026-01-01T00:00:00.000000Z',
    action: 'Scheduling',
    reportingInstance: 'default-scheduler-host',
    source: {},
  });
  expect(first).not.toHaveProperty('count');
  expect(first).not.toHaveProperty('series');
  await clock.advance(1000);
  recorder.event(pod, 'Warning', 'FailedScheduling', '0/1 nodes are available', 'Scheduling');
  await recorder.flush();
  expect(await events()).toMatchObject([{ series: { count: 2, lastObservedTime: '2026-01-01T00:00:01.000000Z' } }]);
});

test('failures of the server are tried again, refusals are not, and the caller never sees either', async () => {
  let tries = 0;
  let error = new ApiError(503, 'ServiceUnavailable', 'later');
  const { clock, recorder, pod, events } = setUp({}, ({ verb, resource }) => {
    if (verb === 'create' && resource === 'events' && tries++ < 2) throw error;
  });
  recorder.event(pod, 'Normal', 'One', 'x');
  await clock.advance(60_000);
  expect(tries).toBe(3);
  expect(await events()).toHaveLength(1);
  tries = 0;
  error = new ApiError(403, 'Forbidden', 'terminating');
  recorder.event(pod, 'Normal', 'Two', 'x');
  await clock.advance(600_000);
  expect(tries).toBe(1);
  recorder.event(pod, 'Normal', 'Three', 'x');
  await recorder.stop();
  recorder.event(pod, 'Normal', 'Four', 'x');
  await clock.advance(600_000);
  expect(clock.pending()).toBe(0);
});
