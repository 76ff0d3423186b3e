// The watches of the cache: order, filters, the past, and their cost.
import type { StoreEvent, StoreError } from '../store.js';
import { cacheFixture, codeOf, keysOf, Recorder, watch } from './watch-cache.fixture.js';
import type { Doc } from './watch-cache.fixture.js';
import type { CacheWatchOptions } from './watch-cache.js';

const fixture = cacheFixture();
const { started, put, remove, clock } = fixture;

describe('watches', () => {
  test('without `after` show what is there, then what comes', async () => {
    await put('/p/a', 'x');
    await put('/p/b', 'y');
    const cache = await started();
    const all = watch(cache);
    const some = watch(cache, { term: 'x' });
    const one = watch(cache, { key: '/p/b' });
    expect([all.keys, some.keys, one.keys]).toEqual([['/p/a', '/p/b'], ['/p/a'], ['/p/b']]); // prettier-ignore
    await put('/p/b', 'x');
    await put('/p/c', 'z');
    expect(all.sink.seen).toEqual(['put /p/b', 'put /p/c']);
    expect(some.sink.seen).toEqual(['put /p/b']);
    expect(one.sink.seen).toEqual(['put /p/b']);
  });

  test('by term see values that come to have it and cease to, once each, narrowed by prefix', async () => {
    const cache = await started();
    const term = watch(cache, { term: 'x' });
    const narrow = watch(cache, { term: 'x', prefix: '/p/n/' });
    const key = watch(cache, { key: '/p/a', term: 'x' });
    await put('/p/a', 'x', 'y');
    await put('/p/a', 'y', 'x');
    await put('/p/a', 'y');
    await put('/p/a', 'z');
    await put('/p/n/b', 'x');
    await remove('/p/n/b');
    await remove('/p/a');
    expect(term.sink.seen).toEqual(['put /p/a', 'put /p/a', 'put /p/a', 'put /p/n/b', 'delete /p/n/b']);
    expect(narrow.sink.seen).toEqual(['put /p/n/b', 'delete /p/n/b']);
    expect(key.sink.seen).toEqual(['put /p/a', 'put /p/a', 'put /p/a']);
  });

  test('with `after` get the past first', async () => {
    const cache = await started();
    const start = cache.revision;
    await put('/p/a', 'x');
    await put('/p/n/b', 'y');
    await put('/p/a', 'y');
    await remove('/p/a');
    const after = (options: CacheWatchOptions): string[] => watch(cache, { after: start, ...options }).sink.seen;
    expect(after({})).toEqual(['put /p/a', 'put /p/n/b', 'put /p/a', 'delete /p/a']);
    expect(after({ after: start + 2 })).toEqual(['put /p/a', 'delete /p/a']);
    expect(after({ term: 'x' })).toEqual(['put /p/a', 'put /p/a']);
    expect(after({ key: '/p/n/b' })).toEqual(['put /p/n/b']);
    expect(after({ prefix: '/p/n/' })).toEqual(['put /p/n/b']);
    const late = watch(cache, { after: cache.revision });
    await put('/p/c');
    expect([late.keys, late.sink.seen]).toEqual([undefined, ['put /p/c']]);
  });

  test('from shortly before the cache started are served from the history of the store', async () => {
    const start = await put('/p/a', 'x');
    await put('/p/b', 'x');
    await put('/p/a', 'y');
    await remove('/p/b');
    const cache = await started();
    expect(keysOf(cache)).toEqual(['/p/a']);
    expect(watch(cache, { after: start }).sink.seen).toEqual(['put /p/b', 'put /p/a', 'delete /p/b']);
    expect(watch(cache, { after: start, term: 'y' }).sink.seen).toEqual(['put /p/a']);
    await fixture.store.compact(start + 1);
    const later = await started();
    expect(watch(later, { after: start + 1 }).sink.seen).toEqual(['put /p/a', 'delete /p/b']);
    expect(codeOf(() => watch(later, { after: start }))).toBe('compacted');
  });

  test('too far back are `compacted`, ahead `future`', async () => {
    const cache = await started({ minimumEvents: 2, maximumEvents: 3 });
    for (const key of ['a', 'b', 'c', 'd', 'e']) await put(`/p/${key}`);
    const { revision } = cache;
    expect([-4, -3, 0, 1].map((ahead) => codeOf(() => watch(cache, { after: revision + ahead })))).toEqual([
      'compacted',
      'none',
      'none',
      'future',
    ]);
    try {
      watch(cache, { after: 1 });
    } catch (error) {
      expect(error).toMatchObject({ revisions: { oldest: revision - 3, current: revision } });
    }
  });

  test('the past is kept for so long, and never less than the minimum', async () => {
    const cache = await started({ minimumEvents: 2, eventMilliseconds: 1_000 });
    for (const key of ['a', 'b', 'c', 'd']) await put(`/p/${key}`);
    const { revision } = cache;
    expect(codeOf(() => watch(cache, { after: revision - 4 }))).toBe('none');
    await clock.advance(1_001);
    await put('/p/e');
    expect([-2, -1].map((ahead) => codeOf(() => watch(cache, { after: revision + ahead })))).toEqual(['compacted', 'none']);
  });

  test("all get the store's own event object; stop is final and may be called again", async () => {
    const direct: StoreEvent<Doc>[] = [];
    await fixture.store.watch('/p/', 1, { event: (event) => void direct.push(event), end: () => {} });
    const cache = await started();
    const watches = [watch(cache), watch(cache, { key: '/p/a' }), watch(cache, { term: 'x' }), watch(cache, { after: 1 })];
    await put('/p/a', 'x');
    for (const { sink, stop } of watches) {
      expect(sink.events).toHaveLength(1);
      expect(sink.events[0]).toBe(direct[0]);
      stop();
      stop();
    }
    await put('/p/a', 'x');
    expect([watches.map(({ sink }) => sink.events.length), cache.watches]).toEqual([[1, 1, 1, 1], 0]); // prettier-ignore
  });

  test('an event visits only the watches that may want it', async () => {
    const cache = await started();
    let visits = 0;
    const counted = (options: CacheWatchOptions): CacheWatchOptions => ({
      get prefix() {
        visits++;
        return options.prefix;
      },
      get key() {
        return options.key;
      },
      get term() {
        return options.term;
      },
    });
    for (let i = 0; i < 1_000; i++) {
      cache.watch(counted({ term: `node-${i}` }), new Recorder());
      cache.watch(counted({ key: `/p/${i}` }), new Recorder());
      cache.watch(counted({ prefix: `/p/ns-${i}/` }), new Recorder());
    }
    visits = 0;
    await put('/p/7', 'node-7');
    expect(visits).toBe(2);
  });

  test('sinks that write, start and stop watches: each sees each event once, in order', async () => {
    const cache = await started();
    const inner = new Recorder();
    const writes: Promise<unknown>[] = [];
    const before = watch(cache);
    cache.watch(
      {},
      {
        event: ({ key }) => {
          if (key !== '/p/a') return;
          writes.push(put('/p/b'), put('/p/c'));
          expect(cache.watch({}, inner).entries!.map((entry) => entry.key)).toEqual(['/p/a']);
          toStop.stop();
        },
        end: () => {},
      },
    );
    const toStop = watch(cache);
    const after = watch(cache);
    await put('/p/a');
    await Promise.all(writes);
    for (const { sink } of [before, after]) expect(sink.seen).toEqual(['put /p/a', 'put /p/b', 'put /p/c']);
    expect([inner.seen, toStop.sink.seen]).toEqual([['put /p/b', 'put /p/c'], []]); // prettier-ignore
  });

  test('a sink that writes while it gets the past sees its own writes after that', async () => {
    const cache = await started();
    await put('/p/a');
    await put('/p/b');
    const sink = new Recorder();
    const record = sink.event.bind(sink);
    sink.event = (event) => {
      record(event);
      if (event.key === '/p/a') void fixture.store.create('/p/c', { terms: [] });
    };
    const handle = cache.watch({ after: 1 }, sink);
    expect([sink.seen, handle.revision]).toEqual([['put /p/a', 'put /p/b', 'put /p/c'], cache.revision]); // prettier-ignore
  });

  test('a sink that throws ends its own watch only', async () => {
    const thrown: unknown[] = [];
    const cache = await started({ onError: (error) => thrown.push(error) });
    const ends: string[] = [];
    const bad = { event: () => { throw new Error('bad sink'); }, end: ({ code }: StoreError) => void ends.push(code) }; // prettier-ignore
    cache.watch({}, bad);
    const good = watch(cache);
    await put('/p/a');
    await put('/p/b');
    cache.watch({ after: 1 }, bad);
    expect([ends, thrown.length, good.sink.seen.length, cache.watches]).toEqual([['lost', 'lost'], 2, 2, 1]); // prettier-ignore
  });
});
