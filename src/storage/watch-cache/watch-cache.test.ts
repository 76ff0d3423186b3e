// The watch cache over the memory engine: lists, and what happens when the store's watch is lost.
import { StoreError } from '../store.js';
import type { Store, WatchSink } from '../store.js';
import { cacheFixture, codeOf, keysOf, watch } from './watch-cache.fixture.js';
import type { Doc } from './watch-cache.fixture.js';

const fixture = cacheFixture();
const { make, started, put, remove } = fixture;

describe('reads', () => {
  test('nothing before it is ready', async () => {
    const cache = make();
    expect([() => cache.get('/p/a'), () => cache.list(), () => cache.count(), () => watch(cache)].map(codeOf)).toEqual(
      Array(4).fill('lost'),
    );
    await Promise.all([cache.ready(), cache.ready()]);
    expect(cache.list()).toEqual({ entries: [], remaining: 0, revision: 1 });
  });

  test('holds the prefix only, as the store has it', async () => {
    await put('/p/a', 'x');
    await put('/q/a', 'x');
    const cache = await started();
    const last = await put('/p/b', 'x');
    await put('/q/b', 'x');
    await remove('/p/a');
    expect(keysOf(cache)).toEqual(['/p/b']);
    expect(cache.get('/p/a')).toBeUndefined();
    expect(cache.get('/p/b')).toBe(await fixture.store.get('/p/b'));
    expect([cache.count(), cache.count('/p/b'), cache.count('/q/')]).toEqual([1, 1, 0]);
    expect(cache.revision).toBe(last + 2);
  });

  test('fresh moves the revision on past the writes of other prefixes', async () => {
    const cache = await started();
    const last = await put('/q/a');
    expect(cache.revision).toBe(1);
    await cache.fresh();
    expect([cache.revision, cache.list().revision]).toEqual([last, last]);
  });

  test('says since when nothing has changed', async () => {
    await put('/q/a');
    const cache = await started();
    expect([cache.changed, cache.revision]).toEqual([2, 2]);
    const last = await put('/p/a');
    await put('/q/b');
    await cache.fresh();
    expect([cache.changed, cache.revision]).toEqual([last, last + 1]);
  });
  test('lists by key, prefix, terms, and pages', async () => {
    for (let i = 0; i < 10; i++) await put(`/p/${i % 2 === 0 ? 'even' : 'odd'}/${i}`, 'all', `third${i % 3}`, ...(i > 5 ? ['big'] : []));
    const cache = await started();
    expect(keysOf(cache, { terms: ['third0'] })).toEqual(['/p/even/0', '/p/even/6', '/p/odd/3', '/p/odd/9']);
    expect(keysOf(cache, { terms: ['third0', 'big'] })).toEqual(['/p/even/6', '/p/odd/9']);
    expect(keysOf(cache, { terms: ['third0', 'big'], prefix: '/p/odd/' })).toEqual(['/p/odd/9']);
    expect(keysOf(cache, { terms: ['all'], prefix: '/p/odd/', from: '/p/odd/4' })).toEqual(['/p/odd/5', '/p/odd/7', '/p/odd/9']);
    expect(keysOf(cache, { terms: ['all', 'unknown'] })).toEqual([]);
    expect(keysOf(cache, { key: '/p/odd/3', terms: ['third0'] })).toEqual(['/p/odd/3']);
    expect(keysOf(cache, { key: '/p/odd/3', terms: ['third1'] })).toEqual([]);
    expect(keysOf(cache, { key: '/p/odd/3', prefix: '/p/even/' })).toEqual([]);
    expect(keysOf(cache, { key: '/p/odd/3', from: '/p/odd/4' })).toEqual([]);
    expect(keysOf(cache, { key: '/p/none' })).toEqual([]);
    const page = (...args: Parameters<typeof cache.list>): unknown[] => [keysOf(cache, ...args), cache.list(...args).remaining];
    expect(page({ limit: 2 })).toEqual([['/p/even/0', '/p/even/2'], 8]); // prettier-ignore
    expect(page({ terms: ['third0'], limit: 2, from: '/p/even/1' })).toEqual([['/p/even/6', '/p/odd/3'], 1]); // prettier-ignore
    expect(page({ terms: ['third0', 'big'], limit: 1 })).toEqual([['/p/even/6'], 1]);
    expect(page({ terms: ['third0', 'big'], limit: 2 })).toEqual([['/p/even/6', '/p/odd/9'], 0]); // prettier-ignore
  });

  test('terms follow the value', async () => {
    const cache = await started();
    await put('/p/a', 'x', 'y', 'x');
    await put('/p/b', 'y');
    await put('/p/a', 'z', 'y');
    expect([['x'], ['y'], ['z'], ['y', 'z']].map((terms) => keysOf(cache, { terms }))).toEqual([[], ['/p/a', '/p/b'], ['/p/a'], ['/p/a']]);
    await remove('/p/a');
    expect([['y'], ['z']].map((terms) => keysOf(cache, { terms }))).toEqual([['/p/b'], []]);
  });
});

describe('the end', () => {
  /** A store whose watches the test can end, as an engine does that lost its connection. */
  const flaky = (): { lossy: Store<Doc>; lose(): void; sinks: WatchSink<Doc>[] } => {
    const sinks: WatchSink<Doc>[] = [];
    const lossy: Store<Doc> = Object.create(fixture.store, {
      watch: {
        value: (prefix: string, after: number, sink: WatchSink<Doc>) => (sinks.push(sink), fixture.store.watch(prefix, after, sink)),
      },
      list: { value: fixture.store.list.bind(fixture.store) },
    }) as Store<Doc>;
    return { lossy, sinks, lose: () => sinks.at(-1)!.end(new StoreError('compacted', '/p/')) };
  };

  test('when the watch of the store ends, watches end with its error and the next ready lists again', async () => {
    const { lossy, lose, sinks } = flaky();
    const cache = await started({ store: lossy });
    await put('/p/a', 'x');
    const { sink } = watch(cache);
    lose();
    expect([sink.ends, codeOf(() => cache.list()), cache.watches]).toEqual([['compacted'], 'lost', 0]);
    await remove('/p/a');
    await put('/p/b', 'y');
    await cache.fresh();
    expect([keysOf(cache), keysOf(cache, { terms: ['x'] }), sinks.length]).toEqual([['/p/b'], [], 2]); // prettier-ignore
    sinks[0]!.end(new StoreError('compacted', '/p/'));
    const again = watch(cache);
    await put('/p/c');
    expect([sink.seen, again.sink.seen]).toEqual([[], ['put /p/c']]);
  });

  test('a start that fails is tried again by the next call', async () => {
    let failures = 2;
    const list = fixture.store.list.bind(fixture.store);
    const cache = make({
      store: Object.assign(Object.create(fixture.store) as Store<Doc>, {
        list: (...args: Parameters<typeof list>) => (failures-- > 0 ? Promise.reject(new Error('away')) : list(...args)),
        watch: fixture.store.watch.bind(fixture.store),
      }),
    });
    await expect(cache.ready()).rejects.toThrow('away');
    await expect(cache.fresh()).rejects.toThrow('away');
    await cache.ready();
    expect(cache.count()).toBe(0);
  });

  test('a closed store ends watches with `closed`, and the cache stays closed', async () => {
    const cache = await started();
    const { sink } = watch(cache);
    await fixture.store.close();
    expect([sink.ends, codeOf(() => cache.list())]).toEqual([['closed'], 'closed']); // prettier-ignore
    await expect(cache.ready()).rejects.toMatchObject({ code: 'closed' });
  });

  test('close leaves the store alone', async () => {
    const cache = await started();
    const { sink } = watch(cache);
    const starting = make();
    const ready = starting.ready();
    starting.close();
    await expect(ready).rejects.toMatchObject({ code: 'closed' });
    cache.close();
    cache.close();
    expect([sink.ends, codeOf(() => cache.get('/p/a'))]).toEqual([['closed'], 'closed']);
    await expect(cache.fresh()).rejects.toMatchObject({ code: 'closed' });
    await put('/p/a');
    expect(await fixture.store.count('/p/')).toBe(1);
  });
});
