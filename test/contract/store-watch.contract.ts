// What every engine's watches must do.
import type { Store, StoreError, StoreEvent, StoreWatch } from '../../src/storage/store.js';
import { codeOf, docCodec, facts, fill, Recorder, watch } from './contract-helpers.js';
import type { Doc, MakeStore } from './contract-helpers.js';

/** Part of the store's contract. */
export function storeWatchContract(makeStore: MakeStore): void {
  describe('watches', () => {
    let store: Store<Doc>;
    let thrown: unknown[];

    beforeEach(async () => {
      thrown = [];
      store = await makeStore({ codec: docCodec, onError: (error) => thrown.push(error) });
    });

    afterEach(async () => {
      await store.close();
    });

    test('get events of the prefix, first from history, then as they come', async () => {
      const start = await store.revision();
      const made = await store.create('/p/a', { text: '1' });
      await fill(store, '/q/a');
      const { seen, watch: handle } = await watch(store, '/p/', start);
      const changed = await store.update('/p/a', { text: '2' }, made.modRevision);
      await store.delete('/p/a', changed.modRevision);
      await fill(store, '/q/b', '/p');
      await handle.sync();
      const deletion = changed.modRevision + 1;
      expect(seen.events.map(({ type, revision, key, entry, previous }) => [type, revision, key, facts(entry), facts(previous)])).toEqual([
        ['put', made.modRevision, '/p/a', facts(made), undefined],
        ['put', changed.modRevision, '/p/a', facts(changed), facts(made)],
        [
          'delete',
          deletion,
          '/p/a',
          { key: '/p/a', value: { text: '2', revision: deletion }, created: made.modRevision, modified: deletion },
          facts(changed),
        ],
      ]);
    });

    test('get only what is newer than `after`', async () => {
      const first = await fill(store, '/a');
      const last = await fill(store, '/b', '/c');
      const { seen, watch: handle } = await watch(store, '/', first + 1);
      await handle.sync();
      expect(seen.revisions).toEqual([last]);
    });

    test('from a revision of the future wait for it', async () => {
      const start = await store.revision();
      const { seen, watch: handle } = await watch(store, '/', start + 2);
      await fill(store, '/a', '/b', '/c');
      await handle.sync();
      expect(seen.revisions).toEqual([start + 3]);
    });

    test.each(['', '/', '/p', '/p/', '/p/a', '/p/ab', '/p/a/', '/x'])('of the prefix %p get what starts with it', async (prefix) => {
      const keys = ['/p', '/p/a', '/p/ab', '/p/a/b', '/pq', 'p', '/p/b'];
      const { seen, watch: handle } = await watch(store, prefix, await store.revision());
      await fill(store, ...keys);
      await handle.sync();
      expect(seen.events.map(({ key }) => key)).toEqual(keys.filter((key) => key.startsWith(prefix)));
    });

    test('get nothing more after stop, which may be called again', async () => {
      const { seen, watch: handle } = await watch(store, '/', await store.revision());
      await fill(store, '/a');
      await handle.sync();
      handle.stop();
      handle.stop();
      await fill(store, '/b');
      await store.close();
      expect([seen.events.length, seen.ends]).toEqual([1, []]); // prettier-ignore
      expect(await codeOf(handle.sync())).toBe('closed');
    });

    test('sync resolves with the newest revision, also when the events were of other prefixes', async () => {
      const { watch: handle } = await watch(store, '/p/', await store.revision());
      const last = await fill(store, '/q/a');
      expect(await handle.sync()).toBe(last);
    });

    test('a sink that writes: all watches see all events in the order of revisions', async () => {
      const start = await store.revision();
      const before = await watch(store, '/', start);
      const made: Promise<unknown>[] = [];
      const writer = new (class extends Recorder {
        override event(event: StoreEvent<Doc>): void {
          super.event(event);
          if (event.key === '/a') made.push(store.create('/b', { text: '' }), store.create('/c', { text: '' }));
        }
      })();
      const writing = await store.watch('/', start, writer);
      const after = await watch(store, '/', start);
      await fill(store, '/a');
      await Promise.all(made);
      for (const [handle, seen] of [
        [before.watch, before.seen],
        [writing, writer],
        [after.watch, after.seen],
      ] as const) {
        await handle.sync();
        expect(seen.events.map(({ revision, key }) => [revision, key])).toEqual([[start + 1, '/a'], [start + 2, '/b'], [start + 3, '/c']]); // prettier-ignore
      }
    });

    test('a watch started by a sink gets each event once', async () => {
      const start = await store.revision();
      const inner = new Recorder();
      const starting: Promise<StoreWatch>[] = [];
      const outer = await store.watch('/', start, {
        event: ({ key }) => {
          if (key === '/a') starting.push(store.watch('/', start, inner));
        },
        end: () => {},
      });
      await fill(store, '/a', '/b');
      await outer.sync();
      await (await starting[0]!).sync();
      expect(inner.revisions).toEqual([start + 1, start + 2]);
    });

    test('a sink that throws ends its own watch with `lost` and harms no other', async () => {
      const start = await store.revision();
      const ends: StoreError[] = [];
      const bad = await store.watch('/', start, {
        event: () => {
          throw new Error('bad sink');
        },
        end: (error) => {
          ends.push(error);
          throw new Error('bad end');
        },
      });
      const good = await watch(store, '/', start);
      await fill(store, '/a', '/b');
      await good.watch.sync();
      expect(good.seen.revisions).toEqual([start + 1, start + 2]);
      expect(ends.map(({ code }) => code)).toEqual(['lost']);
      expect(thrown).toEqual([new Error('bad sink'), new Error('bad end')]);
      expect(await codeOf(bad.sync())).toBe('lost');
    });
  });
}
