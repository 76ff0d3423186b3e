// What every engine of the store must do: one test for each sentence of src/storage/store.ts.
import { compareKeys } from '../../src/storage/structures/key-order.js';
import type { Entry, Store } from '../../src/storage/store.js';
import { codeOf, docCodec, facts, fill, Recorder, rejection, watch } from './contract-helpers.js';
import type { Doc, MakeStore } from './contract-helpers.js';
import { storeModelContract } from './store-model.contract.js';
import { storeWatchContract } from './store-watch.contract.js';

/** Runs the suite against an engine. */
export function storeContract(name: string, makeStore: MakeStore): void {
  describe(`store contract: ${name}`, () => {
    let store: Store<Doc>;

    beforeEach(async () => {
      store = await makeStore({ codec: docCodec, onError: (error) => expect(error).toBeUndefined() });
    });

    afterEach(async () => {
      await store.close();
    });

    const keysOf = async (...args: Parameters<Store<Doc>['list']>): Promise<string[]> =>
      (await store.list(...args)).entries.map(({ key }) => key);

    describe('revisions', () => {
      test('an empty store starts at 1', async () => {
        expect(await store.revision()).toBe(1);
        expect(await store.list('')).toEqual({ entries: [], revision: 1, remaining: 0 });
      });

      test('every write makes a revision one more than the last, nothing else does', async () => {
        const start = await store.revision();
        const created = await store.create('/a', { text: '1' });
        const updated = await store.update('/a', { text: '2' }, created.modRevision);
        await store.delete('/a', updated.modRevision);
        expect([created.modRevision, updated.modRevision, await store.revision()]).toEqual([start + 1, start + 2, start + 3]);
        await fill(store, '/b');
        await store.get('/b');
        await store.list('/');
        await store.count('/');
        await store.compact(start + 1);
        expect(await codeOf(store.create('/b', { text: '' }))).toBe('exists');
        expect(await codeOf(store.update('/b', { text: '' }, start))).toBe('conflict');
        expect(await codeOf(store.delete('/c', start))).toBe('missing');
        (await watch(store, '/', start + 4)).watch.stop();
        expect(await store.revision()).toBe(start + 4);
      });

      test('writes made at once get revisions of their own', async () => {
        const start = await store.revision();
        const made = await Promise.all(Array.from({ length: 20 }, (_, i) => store.create(`/k${i}`, { text: '' })));
        expect(made.map(({ modRevision }) => modRevision).sort((a, b) => a - b)).toEqual(
          Array.from({ length: 20 }, (_, i) => start + 1 + i),
        );
      });
    });

    describe('writes', () => {
      test('create stores the stamped value, and get returns it with its bytes', async () => {
        const made = await store.create('/a', { text: 'x' });
        expect(facts(made)).toEqual({
          key: '/a',
          value: { text: 'x', revision: made.modRevision },
          created: made.modRevision,
          modified: made.modRevision,
        });
        const got = (await store.get('/a'))!;
        expect(facts(got)).toEqual(facts(made));
        expect(docCodec.decode(got.bytes())).toEqual(got.value);
        expect(got.bytes()).toBe(got.bytes());
      });

      test('create of a key that is there is `exists`, of one that was deleted not', async () => {
        const made = await store.create('/a', { text: 'x' });
        const error = await rejection(store.create('/a', { text: 'y' }));
        expect([error.code, error.key]).toEqual(['exists', '/a']);
        await store.delete('/a', made.modRevision);
        const again = await store.create('/a', { text: 'z' });
        expect(again.createRevision).toBe(made.modRevision + 2);
      });

      test('update keeps the revision of creation', async () => {
        const made = await store.create('/a', { text: 'x' });
        const changed = await store.update('/a', { text: 'y' }, made.modRevision);
        expect(facts(changed)).toEqual({
          key: '/a',
          value: { text: 'y', revision: changed.modRevision },
          created: made.modRevision,
          modified: made.modRevision + 1,
        });
        expect(facts(made)).toMatchObject({ value: { text: 'x' } });
      });

      test('update and delete of a key that is not there are `missing`', async () => {
        expect(await codeOf(store.update('/a', { text: '' }, 1))).toBe('missing');
        expect(await codeOf(store.delete('/a', 1))).toBe('missing');
      });

      test('update and delete at another revision are `conflict`, with the entry there now', async () => {
        const made = await store.create('/a', { text: 'x' });
        const now = await store.update('/a', { text: 'y' }, made.modRevision);
        for (const promise of [store.update('/a', { text: 'z' }, made.modRevision), store.delete('/a', made.modRevision)]) {
          const error = await rejection(promise);
          expect([error.code, facts(error.current as Entry<Doc>)]).toEqual(['conflict', facts(now)]);
        }
        expect(facts(await store.get('/a'))).toEqual(facts(now));
      });

      test('of two updates at one revision one wins', async () => {
        const made = await store.create('/a', { text: 'x' });
        const codes = await Promise.all([1, 2].map((n) => codeOf(store.update('/a', { text: `${n}` }, made.modRevision))));
        expect(codes.filter((code) => code === 'conflict')).toHaveLength(1);
      });

      test('delete returns the last version, stamped with its own revision', async () => {
        const made = await store.create('/a', { text: 'x' });
        const revision = made.modRevision + 1;
        expect(facts(await store.delete('/a', made.modRevision))).toEqual({
          key: '/a',
          value: { text: 'x', revision },
          created: made.modRevision,
          modified: revision,
        });
        expect(await store.get('/a')).toBeUndefined();
      });
    });

    describe('reads', () => {
      test('list returns the keys of a prefix in the order of their bytes, count how many', async () => {
        const keys = ['/a/\u{1f600}', '/a/\uff5e', '/a/z', '/a/Z', '/a/b/c', '/a/b', '/a', '/ab', '/b/a', '/a/ä'];
        await fill(store, ...keys);
        const under = (prefix: string): string[] =>
          keys.filter((key) => key.startsWith(prefix)).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
        for (const prefix of ['', '/', '/a', '/a/', '/a/b', '/b/', '/c', '/a/\u{1f600}', '/a/\uff5e']) {
          expect(await keysOf(prefix)).toEqual(under(prefix));
          expect(await store.count(prefix)).toBe(under(prefix).length);
        }
        expect(under('').every((key, i, all) => i === 0 || compareKeys(all[i - 1]!, key) < 0)).toBe(true);
      });

      test('pages: limit, from and remaining', async () => {
        await fill(store, '/x', '/p/1', '/p/2', '/p/3', '/p/4', '/p/5', '/q');
        const page = async (from: string | undefined, limit: number): Promise<[string[], number]> => {
          const { entries, remaining } = await store.list('/p/', { limit, ...(from === undefined ? {} : { from }) });
          return [entries.map(({ value }) => value.text), remaining];
        };
        expect(await page(undefined, 2)).toEqual([['/p/1', '/p/2'], 3]); // prettier-ignore
        expect(await page('/p/3', 2)).toEqual([['/p/3', '/p/4'], 1]); // prettier-ignore
        expect(await page('/p/4\0', 2)).toEqual([['/p/5'], 0]);
        expect(await page('/p/4', 0)).toEqual([['/p/4', '/p/5'], 0]); // prettier-ignore
        expect(await page('/a', 1)).toEqual([['/p/1'], 4]);
        expect(await page('/z', 1)).toEqual([[], 0]);
      });

      test('get and list show the past', async () => {
        const start = await store.revision();
        const one = await store.create('/p/a', { text: '1' });
        const two = await store.update('/p/a', { text: '2' }, one.modRevision);
        const other = await store.create('/p/b', { text: 'b' });
        await store.delete('/p/a', two.modRevision);
        await store.create('/p/a', { text: '3' });
        const at = async (revision: number): Promise<unknown[]> => {
          const listed = await store.list('/p/', { revision });
          expect(listed.revision).toBe(revision);
          expect(facts(await store.get('/p/a', revision))).toEqual(facts(listed.entries.find(({ key }) => key === '/p/a')));
          return listed.entries.map(({ value }) => value.text);
        };
        expect(await at(start + 1)).toEqual(['1']);
        expect(await at(start + 2)).toEqual(['2']);
        expect(await at(other.modRevision)).toEqual(['2', 'b']);
        expect(await at(start + 4)).toEqual(['b']);
        expect(await at(start + 5)).toEqual(['3', 'b']);
      });

      test('a page of the past counts as it was then', async () => {
        const then = await fill(store, '/p/1', '/p/2', '/p/3', '/p/4');
        await store.delete('/p/3', (await store.get('/p/3'))!.modRevision);
        await fill(store, '/p/0', '/p/2a', '/p/5');
        const listed = await store.list('/p/', { revision: then, from: '/p/2', limit: 2 });
        expect(listed.entries.map(({ key }) => key)).toEqual(['/p/2', '/p/3']);
        expect(listed.remaining).toBe(1);
      });

      test('a revision not reached is `future`, with the revisions that can be had', async () => {
        const current = await fill(store, '/a');
        for (const promise of [store.get('/a', current + 1), store.list('/', { revision: current + 1 }), store.compact(current + 1)]) {
          const error = await rejection(promise);
          expect([error.code, error.revisions?.current]).toEqual(['future', current]);
        }
      });
    });

    describe('compaction', () => {
      test('forgets history up to and including the revision', async () => {
        const first = await fill(store, '/a');
        const last = await fill(store, '/b', '/c', '/d');
        await store.compact(last - 1);
        for (const promise of [store.get('/a', first), store.list('/', { revision: first }), store.watch('/', first, new Recorder())]) {
          const error = await rejection(promise);
          expect([error.code, error.revisions]).toEqual(['compacted', { oldest: last - 1, current: last }]);
        }
        expect(await keysOf('/', { revision: last - 1 })).toEqual(['/a', '/b', '/c']);
        const { seen, watch: handle } = await watch(store, '/', last - 1);
        await handle.sync();
        expect(seen.revisions).toEqual([last]);
      });

      test('of what is forgotten already does nothing, and leaves what is there now', async () => {
        const last = await fill(store, '/a', '/b');
        await store.compact(last);
        await store.compact(last - 1);
        expect(await keysOf('/')).toEqual(['/a', '/b']);
        expect(await keysOf('/', { revision: last })).toEqual(['/a', '/b']);
      });

      test('does not disturb a watch that is up to date', async () => {
        const { seen, watch: handle } = await watch(store, '/', await store.revision());
        const last = await fill(store, '/a', '/b');
        await handle.sync();
        await store.compact(last);
        await fill(store, '/c');
        await handle.sync();
        expect([seen.revisions, seen.ends]).toEqual([[last - 1, last, last + 1], []]); // prettier-ignore
      });
    });

    describe('close', () => {
      test('ends watches once, and everything else rejects with `closed`', async () => {
        const last = await fill(store, '/a');
        const { seen, watch: handle } = await watch(store, '/', last);
        const kept = (await store.get('/a'))!;
        await store.close();
        await store.close();
        expect(seen.ends.map(({ code }) => code)).toEqual(['closed']);
        const all = [
          store.revision(),
          store.get('/a'),
          store.list('/'),
          store.count('/'),
          store.create('/b', { text: '' }),
          store.update('/a', { text: '' }, last),
          store.delete('/a', last),
          store.watch('/', last, new Recorder()),
          store.compact(last),
          handle.sync(),
        ];
        expect(await Promise.all(all.map(codeOf))).toEqual(all.map(() => 'closed'));
        expect([kept.value.text, docCodec.decode(kept.bytes())]).toEqual(['/a', kept.value]);
      });
    });

    storeWatchContract(makeStore);
    storeModelContract(makeStore);
  });
}
