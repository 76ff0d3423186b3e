// Random writes: what the cache lists and replays is what a scan of the store would give.
import fc from 'fast-check';
import { manualClock } from '../../clock/manual-clock.js';
import { createMemoryStore } from '../memory/memory-store.js';
import type { StoreEvent } from '../store.js';
import { WatchCache } from './watch-cache.js';

interface Doc {
  readonly terms: readonly string[];
}

const key = fc.constantFrom('/p/a', '/p/a/b', '/p/é', '/p/\uff5e', '/p/\u{1f600}', '/p/c', '/q/a');
const terms = fc.array(fc.constantFrom('x', 'y', 'z', 'w'), { maxLength: 4 });
const write = fc.record({ key, terms: fc.option(terms, { nil: undefined }) });
const question = fc.record({
  prefix: fc.constantFrom(undefined, '/p/', '/p/a', '/q/'),
  terms: fc.array(fc.constantFrom('x', 'y', 'z'), { maxLength: 3 }),
  from: fc.option(key, { nil: undefined }),
  limit: fc.integer({ min: 0, max: 3 }),
  share: fc.double({ min: 0, max: 1, noNaN: true }),
});

const has = (event: StoreEvent<Doc>, term: string): boolean =>
  (event.type === 'put' && event.entry.value.terms.includes(term)) || (event.previous?.value.terms.includes(term) ?? false);

test('lists and watches by prefix and terms agree with a scan', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(write, { maxLength: 40 }),
      fc.nat(40),
      fc.array(question, { minLength: 1, maxLength: 6 }),
      async (writes, startAt, questions) => {
        const store = createMemoryStore<Doc>({
          codec: {
            stamp: (value) => value,
            encode: (value) => Buffer.from(JSON.stringify(value)),
            decode: (bytes) => JSON.parse(Buffer.from(bytes).toString()) as Doc,
          },
          clock: manualClock(),
          freeze: true,
          unpackedEvents: 3,
        });
        const cache = new WatchCache<Doc>({ store, prefix: '/p/', terms: (value) => value.terms });
        const all: StoreEvent<Doc>[] = [];
        await store.watch('/p/', 1, { event: (event) => void all.push(event), end: () => {} });
        for (const [index, one] of writes.entries()) {
          if (index === startAt) await cache.ready();
          const there = await store.get(one.key);
          if (one.terms === undefined) await (there && store.delete(one.key, there.modRevision));
          else if (there === undefined) await store.create(one.key, { terms: one.terms });
          else await store.update(one.key, { terms: one.terms }, there.modRevision);
        }
        await cache.fresh();
        expect(cache.revision).toBe(await store.revision());
        for (const { prefix = '', terms: wanted, from = '', limit, share } of questions) {
          const inOrder = (await store.list('/p/', { from })).entries;
          const matching = inOrder.filter(
            (entry) => entry.key.startsWith(prefix) && wanted.every((term) => entry.value.terms.includes(term)),
          );
          const listed = cache.list({ prefix, terms: wanted, from, limit });
          expect(listed.entries).toEqual(limit === 0 ? matching : matching.slice(0, limit));
          const more = matching.length - listed.entries.length;
          expect(listed.remaining).toBe(wanted.length > 1 ? Math.min(more, 1) : more);

          const after = 1 + Math.floor((cache.revision - 1) * share);
          const term = wanted[0];
          const seen: StoreEvent<Doc>[] = [];
          cache.watch({ prefix, term, after }, { event: (event) => void seen.push(event), end: () => {} }).stop();
          expect(seen).toEqual(
            all.filter((event) => event.revision > after && event.key.startsWith(prefix) && (term === undefined || has(event, term))),
          );
        }
        await store.close();
      },
    ),
    { numRuns: 60 },
  );
});
