import { manualClock, resources, startCluster, type ApiError, type Cluster, type WatchEvent } from '../../index.js';

const { CONFIG_MAPS } = resources;
const clock = manualClock();
const namespace = 'default';
const minute = 60_000;
let cluster: Cluster;

beforeAll(async () => {
  let settled = false;
  const starting = startCluster({ components: ['apiserver'], clock }).finally(() => (settled = true));
  while (!settled) await clock.advance(10);
  cluster = await starting;
});

afterAll(async () => {
  const stopping = cluster.stop();
  await clock.advance(minute);
  await stopping;
});

type Options = Partial<Parameters<Cluster['client']['watch']>[1]>;

/** A watch whose events are gathered as `TYPE name label`; `end` is how it ended. */
function gather(options: Options): { readonly events: string[]; readonly ends: (ApiError | undefined)[]; stop(): void } {
  const events: string[] = [];
  const ends: (ApiError | undefined)[] = [];
  const { stop } = cluster.client.watch(
    CONFIG_MAPS,
    { namespace, ...options },
    {
      event: ({ type, object }: WatchEvent) => {
        const { name = '', labels = {}, annotations = {} } = object.metadata;
        events.push([type, name, labels['app'] ?? '', ...Object.keys(annotations)].filter((word) => word !== '').join(' '));
      },
      end: (error) => void ends.push(error),
    },
  );
  return { events, ends, stop };
}

const draft = (name: string, app: string) => ({
  apiVersion: 'v1' as const,
  kind: 'ConfigMap' as const,
  metadata: { name, namespace, labels: { app } },
});
const create = (name: string, app: string) => cluster.client.create(CONFIG_MAPS, draft(name, app));
const relabel = (name: string, app: string) => cluster.client.update(CONFIG_MAPS, draft(name, app));

it('shows as added and deleted what comes into the selection and leaves it, as it was', async () => {
  const { metadata } = await create('moving', 'x');
  const watches = ['app=x', 'app!=x', 'app in (x, y)'].map((labelSelector) =>
    gather({ labelSelector, resourceVersion: metadata.resourceVersion, fieldSelector: 'metadata.name=moving' }),
  );
  await clock.advance(1);
  await relabel('moving', 'y');
  await relabel('moving', 'z');
  await relabel('moving', 'x');
  await cluster.client.delete(CONFIG_MAPS, { namespace, name: 'moving' });
  for (const { stop } of watches) stop();
  expect(watches.map(({ events }) => events)).toEqual([
    ['DELETED moving x', 'ADDED moving x', 'DELETED moving x'],
    ['ADDED moving y', 'MODIFIED moving z', 'DELETED moving z'],
    ['MODIFIED moving y', 'DELETED moving y', 'ADDED moving x', 'DELETED moving x'],
  ]);
});

it('sends a bookmark after what was there, and one a minute', async () => {
  await create('marked', 'x');
  const { events, stop } = gather({ fieldSelector: 'metadata.name=marked', allowWatchBookmarks: true });
  await clock.advance(1);
  expect(events).toEqual(['ADDED marked x', 'BOOKMARK k8s.io/initial-events-end']);
  await clock.advance(2 * minute);
  stop();
  expect(events.slice(2)).toEqual(['BOOKMARK', 'BOOKMARK']);
});

it('ends when its time is over, and after half an hour to an hour when nobody said when', async () => {
  const short = gather({ timeoutSeconds: 90 });
  const unlimited = gather({ timeoutSeconds: 0 });
  await clock.advance(89_000);
  expect(short.ends).toEqual([]);
  await clock.advance(2_000);
  expect(short.ends).toEqual([undefined]);
  await clock.advance(28 * minute);
  expect(unlimited.ends).toEqual([]);
  await clock.advance(32 * minute);
  expect(unlimited.ends).toEqual([undefined]);
});

it.each([
  ['that asks for the newest', {}, [expect.objectContaining({ code: 500, message: 'context deadline exceeded' })]],
  ['that asks for any', { resourceVersion: '0' }, [undefined]],
])('has no time for a watch of less than no time %s', async (_which, options, ends) => {
  await create(`no-time-${JSON.stringify(options).length}`, 'x');
  const watching = gather({ ...options, timeoutSeconds: -5 });
  await clock.advance(1);
  expect(watching).toMatchObject({ events: [], ends });
});

it('tells who comes too late, or too early for a streamed list', async () => {
  const { metadata } = await create('late', 'x');
  // The cache keeps the last thousand events of a resource, however old they are.
  for (let i = 0; i < 1100; i++) await relabel('late', String(i));
  await clock.advance(10 * minute);
  await relabel('late', 'x');
  const late = gather({ resourceVersion: metadata.resourceVersion });
  const early = gather({ resourceVersion: '99999999', sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' });
  await clock.advance(1);
  expect(late.ends[0]).toMatchObject({ code: 410, reason: 'Expired', message: expect.stringContaining('too old resource version') });
  expect(early.ends[0]).toMatchObject({ code: 504, reason: 'Timeout' });
  expect([late.events, early.events]).toEqual([[], []]);
});
