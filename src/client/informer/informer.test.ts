import type { Pod } from '../../../openapi/types/core.v1.js';
import { ApiError, expired } from '../../apimachinery/errors/api-error.js';
import { manualClock } from '../../clock/manual-clock.js';
import { seededRandom } from '../../clock/random.js';
import { byNamespace } from '../controller/owner-references.js';
import { keyOf } from '../keys.js';
import { NODES, PODS } from '../resources.js';
import { createMemoryClient, type MemoryReactor } from '../testing/memory-client.js';
import { createInformerFactory } from './factory.js';
import { createInformer } from './informer.js';

const pod = (name: string, labels: Record<string, string> = {}, namespace = 'default') => ({
  metadata: { name, namespace, labels },
  spec: { containers: [] },
});

function setUp(reactor?: MemoryReactor) {
  const clock = manualClock();
  const random = seededRandom(7);
  const client = createMemoryClient({ clock, ...(reactor ? { reactor } : {}) });
  const seen: string[] = [];
  const handler = {
    add: (one: Pod, initial: boolean) => void seen.push(`add ${one.metadata.name}${initial ? ' initial' : ''}`),
    update: (before: Pod, after: Pod) =>
      void seen.push(`update ${before.metadata.labels?.['v'] ?? '-'} to ${after.metadata.labels?.['v'] ?? '-'}`),
    delete: (last: Pod, missed: boolean) => void seen.push(`delete ${last.metadata.name}${missed ? ' missed' : ''}`),
  };
  return { clock, random, client, seen, handler };
}

/** A server that knows no streamed lists. */
const noStreaming =
  (): MemoryReactor =>
  ({ verb, body }) => {
    if (verb === 'watch' && (body as { sendInitialEvents?: boolean })?.sendInitialEvents)
      throw new ApiError(422, 'Invalid', 'sendInitialEvents is forbidden');
  };

describe.each([
  ['streamed', undefined],
  ['paged', noStreaming()],
] as const)('an informer with a %s first list', (_name, reactor) => {
  test('holds what is there and follows changes', async () => {
    const { clock, random, client, seen, handler } = setUp(reactor);
    client.seed(PODS, pod('a'));
    const informer = createInformer({ client, type: PODS, clock, random, indexers: { namespace: byNamespace } });
    informer.addHandler(handler);
    const synced = informer.waitForSync();
    expect(informer.hasSynced()).toBe(false);
    informer.start();
    expect(await synced).toBe(true);
    expect(seen).toEqual(['add a initial']);

    await client.create(PODS, pod('b', {}, 'other'));
    await client.patch(PODS, { namespace: 'default', name: 'a' }, 'merge', { metadata: { labels: { v: '2' } } });
    await client.delete(PODS, { namespace: 'other', name: 'b' });
    await clock.advance(0);
    expect(seen).toEqual(['add a initial', 'add b', 'update - to 2', 'delete b']);
    expect(informer.store.byIndex('namespace', 'default').map(keyOf)).toEqual(['default/a']);
    expect(informer.store.byIndex('namespace', 'other')).toEqual([]);
    expect([informer.store.countByIndex('namespace', 'default'), informer.store.countByIndex('namespace', 'other')]).toEqual([1, 0]);
    expect(informer.store.get('default/a')).toBe(await client.get(PODS, { namespace: 'default', name: 'a' }));
    informer.stop();
    expect(clock.pending()).toBe(0);
  });

  test('lists again after 410 and tells the differences, the missed deletion too', async () => {
    const { clock, random, client, seen, handler } = setUp(reactor);
    client.seed(PODS, pod('a'));
    client.seed(PODS, pod('b'));
    const informer = createInformer({ client, type: PODS, clock, random });
    informer.addHandler(handler);
    informer.start();
    await informer.waitForSync();
    seen.length = 0;

    client.cutWatches();
    await clock.advance(0);
    await client.delete(PODS, { namespace: 'default', name: 'a' });
    await client.create(PODS, pod('c'));
    client.compact();
    await clock.advance(10_000);
    expect(seen).toEqual(['add c', 'delete a missed']);
    expect(informer.store.list().map(keyOf)).toEqual(['default/b', 'default/c']);
    informer.stop();
    expect(clock.pending()).toBe(0);
  });
});

test('the reactor of these tests does make informers list', async () => {
  const { clock, random, client } = setUp(noStreaming());
  const informer = createInformer({ client, type: PODS, clock, random });
  informer.start();
  await informer.waitForSync();
  expect(client.requests.map(({ verb }) => verb)).toEqual(['watch', 'list', 'watch']);
  informer.stop();
});

test('backs off while the server fails, with growing delays', async () => {
  let failures = 0;
  const { clock, random, client } = setUp(({ verb }) => {
    if (verb === 'watch' && failures++ < 6) throw new ApiError(500, 'InternalError', 'broken');
  });
  const informer = createInformer({ client, type: PODS, clock, random });
  informer.start();
  await clock.advance(800);
  const early = failures;
  await clock.advance(5_000);
  expect(early).toBeLessThanOrEqual(2);
  expect(failures).toBeLessThanOrEqual(4);
  expect(informer.hasSynced()).toBe(false);
  await clock.advance(120_000);
  expect(informer.hasSynced()).toBe(true);
  informer.stop();
});

test('watches on from where it was when the stream ends', async () => {
  const { clock, random, client, seen, handler } = setUp();
  const informer = createInformer({ client, type: PODS, clock, random });
  informer.addHandler(handler);
  informer.start();
  await informer.waitForSync();
  client.cutWatches();
  await client.create(PODS, pod('a'));
  await clock.advance(5_000);
  expect(seen).toEqual(['add a']);
  expect(client.requests.filter(({ verb }) => verb === 'list')).toEqual([]);
  informer.stop();
});

test('a late handler is told of what is there, and a removed one nothing more', async () => {
  const { clock, random, client, seen, handler } = setUp();
  client.seed(PODS, pod('a'));
  const informer = createInformer({ client, type: PODS, clock, random });
  informer.start();
  await informer.waitForSync();
  const registration = informer.addHandler(handler);
  expect(seen).toEqual(['add a initial']);
  expect(registration.hasSynced()).toBe(true);
  registration.remove();
  await client.create(PODS, pod('b'));
  await clock.advance(0);
  expect(seen).toEqual(['add a initial']);
  informer.stop();
});

test('a handler that throws disturbs neither the store nor the others', async () => {
  const { clock, random, client, seen, handler } = setUp();
  const informer = createInformer({ client, type: PODS, clock, random });
  informer.addHandler({
    add: () => {
      throw new Error('broken handler');
    },
  });
  informer.addHandler(handler);
  informer.start();
  await client.create(PODS, pod('a'));
  await clock.advance(0);
  expect(seen).toHaveLength(1);
  expect(informer.store.size).toBe(1);
  informer.stop();
});

test('resync calls update for every object', async () => {
  const { clock, random, client, seen, handler } = setUp();
  client.seed(PODS, pod('a', { v: '1' }));
  const informer = createInformer({ client, type: PODS, clock, random, resync: 1000 });
  informer.addHandler(handler);
  informer.start();
  await clock.advance(1000);
  expect(seen).toEqual(['add a initial', 'update 1 to 1']);
  informer.stop();
  expect(clock.pending()).toBe(0);
});

test('an unknown index is an error that names it', () => {
  const { clock, random, client } = setUp();
  const informer = createInformer({ client, type: PODS, clock, random });
  expect(() => informer.store.byIndex('nope', 'x')).toThrow('no index "nope"');
  expect(() => informer.store.countByIndex('nope', 'x')).toThrow('no index "nope"');
});

test('waiting ends when stopped or aborted', async () => {
  const { clock, random, client } = setUp(() => {
    throw expired('never');
  });
  const informer = createInformer({ client, type: PODS, clock, random });
  informer.start();
  const abort = new AbortController();
  const aborted = informer.waitForSync(abort.signal);
  const stopped = informer.waitForSync();
  abort.abort();
  expect(await aborted).toBe(false);
  informer.stop();
  expect(await stopped).toBe(false);
  await clock.advance(0);
  expect(clock.pending()).toBe(0);
});

test('a factory shares informers of the same resource and selectors', async () => {
  const { clock, random, client } = setUp();
  client.seed(NODES, { metadata: { name: 'node-0' } });
  const factory = createInformerFactory({ client, clock, random });
  const pods = factory.informer(PODS);
  expect(factory.informer(PODS, { indexers: { namespace: byNamespace } })).toBe(pods);
  expect(factory.informer(PODS, { namespace: 'x' })).not.toBe(pods);
  factory.start();
  const nodes = factory.informer(NODES);
  expect(await factory.waitForSync()).toBe(true);
  expect(nodes.store.size).toBe(1);
  expect(pods.store.byIndex('namespace', 'default')).toEqual([]);
  factory.stop();
  expect(clock.pending()).toBe(0);
});
