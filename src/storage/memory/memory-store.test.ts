// What is the memory engine's own: bounds of history, packing, freezing, and no half-done writes.
import { manualClock } from '../../clock/manual-clock.js';
import type { ManualClock } from '../../clock/manual-clock.js';
import type { Codec, Entry, Store, StoreEvent } from '../store.js';
import { createMemoryStore } from './memory-store.js';
import type { MemoryStoreOptions } from './memory-store.js';

interface Doc {
  readonly text: string;
  readonly parts?: { readonly deep: readonly number[] };
  readonly revision?: number;
}

class CountingCodec implements Codec<Doc> {
  encoded = 0;
  decoded = 0;
  stamp(value: Doc, revision: number): Doc {
    if (value.text === 'refused') throw new Error('refused');
    return { ...value, revision };
  }
  encode(value: Doc): Uint8Array {
    this.encoded++;
    return new TextEncoder().encode(JSON.stringify(value));
  }
  decode(bytes: Uint8Array): Doc {
    this.decoded++;
    return JSON.parse(new TextDecoder().decode(bytes)) as Doc;
  }
}

let codec: CountingCodec;
let clock: ManualClock;

beforeEach(() => {
  codec = new CountingCodec();
  clock = manualClock();
});

const make = (options: Partial<MemoryStoreOptions<Doc>> = {}): Store<Doc> => createMemoryStore({ codec, clock, ...options });

/** Writes one key again and again; returns the last entry. */
async function rewrite(store: Store<Doc>, key: string, times: number): Promise<Entry<Doc>> {
  let entry = (await store.get(key)) ?? (await store.create(key, { text: '0' }));
  for (let i = 1; i <= times; i++) entry = await store.update(key, { text: String(i) }, entry.modRevision);
  return entry;
}

/** The oldest revision that can be shown. */
async function oldest(store: Store<Doc>): Promise<number> {
  for (let revision = await store.revision(); ; revision--) {
    try {
      await store.list('/', { revision });
    } catch {
      return revision + 1;
    }
    if (revision === 0) return 0;
  }
}

const silent = { event: () => {}, end: () => {} };

describe('history', () => {
  test('keeps so many events', async () => {
    const store = make({ historyLimit: 5 });
    const { modRevision } = await rewrite(store, '/a', 20);
    expect(await oldest(store)).toBe(modRevision - 5);
    await expect(store.watch('/', modRevision - 6, silent)).rejects.toMatchObject({
      code: 'compacted',
      revisions: { oldest: modRevision - 5, current: modRevision },
    });
  });

  test('keeps events for so long', async () => {
    const store = make({ historyMilliseconds: 1_000 });
    await rewrite(store, '/a', 5);
    await clock.advance(600);
    const { modRevision } = await rewrite(store, '/a', 3);
    await clock.advance(600);
    await rewrite(store, '/a', 1);
    expect(await oldest(store)).toBe(modRevision - 3);
  });

  test('keeps so many bytes of old versions', async () => {
    const store = make({ historyBytes: 10_000, unpackedEvents: 10 });
    let entry = await store.create('/a', { text: '' });
    for (let i = 0; i < 100; i++) entry = await store.update('/a', { text: 'x'.repeat(1_000) }, entry.modRevision);
    const kept = entry.modRevision - (await oldest(store));
    expect(kept).toBeGreaterThanOrEqual(19);
    expect(kept).toBeLessThanOrEqual(20);
  });

  test('what is deleted counts as well', async () => {
    const store = make({ historyBytes: 10_000, unpackedEvents: 0 });
    for (let i = 0; i < 100; i++) {
      const { modRevision } = await store.create('/a', { text: 'x'.repeat(1_000) });
      await store.delete('/a', modRevision);
    }
    expect((await store.revision()) - (await oldest(store))).toBeLessThanOrEqual(12);
    expect((await store.revision()) - (await oldest(store))).toBeGreaterThanOrEqual(8);
  });

  test('a sink whose own writes push history out under its replay is ended with `compacted`', async () => {
    const store = make({ historyLimit: 3 });
    const { modRevision } = await rewrite(store, '/a', 10);
    const revisions: number[] = [];
    const codes: string[] = [];
    await store.watch('/a', modRevision - 3, {
      event: ({ revision }) => {
        revisions.push(revision);
        for (const name of ['x', 'y', 'z']) void store.create(`/b/${revision}/${name}`, { text: '' });
      },
      end: ({ code }) => codes.push(code),
    });
    expect([revisions, codes]).toEqual([[modRevision - 2], ['compacted']]);
  });
});

describe('bytes and values', () => {
  test('each version is encoded at most once, and only when it is asked for', async () => {
    const store = make();
    const entry = await rewrite(store, '/a', 3);
    expect(codec.encoded).toBe(0);
    entry.bytes();
    (await store.get('/a'))!.bytes();
    (await store.list('/')).entries[0]!.bytes();
    expect([codec.encoded, codec.decoded]).toEqual([1, 0]);
  });

  test('old versions that are small keep their values; nothing is encoded for history', async () => {
    const store = make({ unpackedEvents: 5 });
    const start = await store.revision();
    const { value } = await rewrite(store, '/a', 3);
    await rewrite(store, '/a', 10);
    const early = (await store.get('/a', start + 4))!;
    expect(early.value).toBe(value);
    expect([codec.encoded, codec.decoded]).toEqual([0, 0]);
    expect(new TextDecoder().decode(early.bytes())).toBe(JSON.stringify(value));
  });

  test('what an old version shares with the next is not counted', async () => {
    const store = make({ unpackedEvents: 0, packAbove: 1_000 });
    const parts = { deep: Array.from({ length: 5_000 }, (_, i) => i) };
    const made = await store.create('/a', { text: '1', parts });
    const second = await store.update('/a', { text: '2', parts }, made.modRevision);
    expect(codec.encoded).toBe(0);
    await store.update('/a', { text: '3' }, second.modRevision);
    expect(codec.encoded).toBe(1);
    expect((await store.get('/a', made.modRevision))!.value).toBe(made.value);
    expect(second.value).toEqual({ text: '2', parts, revision: second.modRevision });
  });

  test('what is deleted and large is kept as bytes alone', async () => {
    const store = make({ unpackedEvents: 0, packAbove: 1_000 });
    const parts = { deep: Array.from({ length: 5_000 }, (_, i) => i) };
    const made = await store.create('/a', { text: '1', parts });
    await store.delete('/a', made.modRevision);
    const before = (await store.get('/a', made.modRevision))!;
    expect(before.value).toEqual(made.value);
    expect(codec.decoded).toBe(1);
  });

  test('old versions are packed once they have left the newest events; the current version never is', async () => {
    const store = make({ unpackedEvents: 5, packAbove: 0 });
    const start = await store.revision();
    await rewrite(store, '/a', 10);
    expect(codec.encoded).toBe(5);
    const early = (await store.get('/a', start + 1))!;
    expect(early.value).toEqual({ text: '0', revision: start + 1 });
    expect(early.value).toBe(early.value);
    expect(codec.decoded).toBe(1);
    expect((await store.get('/a'))!.value.text).toBe('10');
    expect((await store.get('/a', start + 8))!.value.text).toBe('7');
    expect(codec.decoded).toBe(1);
  });

  test('freeze freezes all that comes in, and what is decoded from history', async () => {
    const store = make({ freeze: true, unpackedEvents: 0, packAbove: 0 });
    const made = await store.create('/a', { text: 'x', parts: { deep: [1] } });
    expect([made.value, made.value.parts, made.value.parts!.deep].every(Object.isFrozen)).toBe(true);
    await store.update('/a', { text: 'y' }, made.modRevision);
    const past = (await store.get('/a', made.modRevision))!;
    expect(codec.decoded).toBe(0);
    expect(past.value.parts!.deep).toEqual([1]);
    expect(codec.decoded).toBe(1);
    expect([past.value, past.value.parts, past.value.parts!.deep].every(Object.isFrozen)).toBe(true);
  });

  test('a value that cannot be stamped changes nothing', async () => {
    const store = make();
    const made = await store.create('/a', { text: 'x' });
    await expect(store.create('/b', { text: 'refused' })).rejects.toThrow('refused');
    await expect(store.update('/a', { text: 'refused' }, made.modRevision)).rejects.toThrow('refused');
    expect([await store.revision(), await store.count('/'), await store.get('/a')]).toEqual([made.modRevision, 1, made]);
  });
});

describe('dispatch', () => {
  test('sinks have been called by the time that a write is made, with one event object for all', async () => {
    const store = make();
    const seen: StoreEvent<Doc>[] = [];
    const sink = { ...silent, event: (event: StoreEvent<Doc>) => void seen.push(event) };
    await store.watch('/', 1, sink);
    await store.watch('/a', 1, sink);
    const made = store.create('/a', { text: '' });
    expect(seen).toHaveLength(2);
    expect(seen[0]).toBe(seen[1]);
    expect((await made).bytes()).toBe(seen[0]!.entry.bytes());
  });

  test('what a sink throws is reported as uncaught when nobody asked for it', async () => {
    const store = make();
    await store.watch('/', 1, {
      ...silent,
      event: () => {
        throw new Error('bad sink');
      },
    });
    const microtasks: (() => void)[] = [];
    const original = globalThis.queueMicrotask;
    globalThis.queueMicrotask = (run) => void microtasks.push(run);
    try {
      await store.create('/a', { text: '' });
    } finally {
      globalThis.queueMicrotask = original;
    }
    expect(microtasks).toHaveLength(1);
    expect(microtasks[0]).toThrow('bad sink');
  });
});
