// Random operations on an engine, compared with a model that is too simple to be wrong.
import fc from 'fast-check';
import { StoreError } from '../../src/storage/store.js';
import type { Store } from '../../src/storage/store.js';
import { docCodec, Recorder } from './contract-helpers.js';
import type { Doc, MakeStore } from './contract-helpers.js';

interface Version {
  readonly text: string;
  readonly created: number;
  readonly modified: number;
}

/** All states that a store has had, by revision. */
class Model {
  readonly states: ReadonlyMap<string, Version>[] = [];
  readonly events: {
    readonly type: string;
    readonly revision: number;
    readonly key: string;
    readonly text: string;
    readonly before: number | undefined;
  }[] = [];
  oldest: number;

  constructor(readonly start: number) {
    this.oldest = start;
    this.states.push(new Map());
  }

  get revision(): number {
    return this.start + this.states.length - 1;
  }

  at(revision: number): ReadonlyMap<string, Version> {
    return this.states[revision - this.start]!;
  }

  write(type: 'put' | 'delete', key: string, text: string): void {
    const next = new Map(this.at(this.revision));
    const old = next.get(key);
    const modified = this.revision + 1;
    if (type === 'put') next.set(key, { text, created: old?.created ?? modified, modified });
    else next.delete(key);
    this.states.push(next);
    this.events.push({ type, revision: modified, key, text: type === 'put' ? text : old!.text, before: old?.modified });
  }

  list(prefix: string, revision: number, from: string): [string, Version][] {
    const bytes = (key: string): Buffer => Buffer.from(key);
    return [...this.at(revision)]
      .filter(([key]) => key.startsWith(prefix) && Buffer.compare(bytes(key), bytes(from)) >= 0)
      .sort(([a], [b]) => Buffer.compare(bytes(a), bytes(b)));
  }
}

const keys = ['/p/a', '/p/a/x', '/p/b', '/p/é', '/p/\uff5e', '/p/\u{1f600}', '/q/a', '/q', '/', ''];
const prefixes = ['', '/', '/p', '/p/', '/p/a', '/q/', '/r'];

const operation = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('put' as const), key: fc.constantFrom(...keys), text: fc.string({ maxLength: 3 }) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('delete' as const), key: fc.constantFrom(...keys) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('compact' as const), share: fc.double({ min: 0, max: 1, noNaN: true }) }) },
);

const question = fc.record({
  share: fc.double({ min: 0, max: 1, noNaN: true }),
  prefix: fc.constantFrom(...prefixes),
  from: fc.constantFrom('', ...keys),
  limit: fc.integer({ min: 0, max: 4 }),
});

type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;
type Question = typeof question extends fc.Arbitrary<infer T> ? T : never;

async function run(store: Store<Doc>, model: Model, step: Operation): Promise<void> {
  if (step.do === 'compact') {
    const revision = pick(model, step.share);
    await store.compact(revision);
    model.oldest = Math.max(model.oldest, revision);
    return;
  }
  const there = model.at(model.revision).get(step.key);
  if (step.do === 'put') {
    if (there === undefined) await store.create(step.key, { text: step.text });
    else await store.update(step.key, { text: step.text }, there.modified);
    model.write('put', step.key, step.text);
  } else if (there !== undefined) {
    await store.delete(step.key, there.modified);
    model.write('delete', step.key, '');
  } else {
    await expect(store.delete(step.key, model.revision)).rejects.toMatchObject({ code: 'missing' });
  }
}

/** A revision between the oldest that can be shown and the newest. */
function pick(model: Model, share: number): number {
  return model.oldest + Math.floor((model.revision - model.oldest) * share);
}

async function askPresent(store: Store<Doc>, model: Model, { prefix }: Question): Promise<void> {
  expect(await store.revision()).toBe(model.revision);
  expect(await store.count(prefix)).toBe(model.list(prefix, model.revision, '').length);
}

async function askPast(store: Store<Doc>, model: Model, { share, prefix, from, limit }: Question): Promise<void> {
  const revision = pick(model, share);
  const all = model.list(prefix, revision, from);
  const wanted = limit === 0 ? all : all.slice(0, limit);
  for (const options of revision === model.revision
    ? [
        { from, limit },
        { from, limit, revision },
      ]
    : [{ from, limit, revision }]) {
    const listed = await store.list(prefix, options);
    expect(
      listed.entries.map(({ key, value, createRevision, modRevision }) => [
        key,
        { text: value.text, created: createRevision, modified: modRevision },
      ]),
    ).toEqual(wanted);
    expect([listed.revision, listed.remaining]).toEqual([revision, all.length - wanted.length]);
    for (const entry of listed.entries) {
      expect(entry.value.revision).toBe(entry.modRevision);
      expect(docCodec.decode(entry.bytes())).toEqual(entry.value);
    }
  }
  for (const key of keys) expect((await store.get(key, revision))?.modRevision).toBe(model.at(revision).get(key)?.modified);
}

async function askWatch(store: Store<Doc>, model: Model, { share, prefix }: Question): Promise<void> {
  const after = pick(model, share);
  const seen = new Recorder();
  const watch = await store.watch(prefix, after, seen);
  expect(await watch.sync()).toBe(model.revision);
  watch.stop();
  expect(replayed(seen)).toEqual(model.events.filter((event) => event.revision > after && event.key.startsWith(prefix)));
}

function replayed(seen: Recorder): unknown[] {
  return seen.events.map(({ type, revision, key, entry, previous }) => {
    expect([entry.modRevision, entry.value.revision]).toEqual([revision, revision]);
    return { type, revision, key, text: entry.value.text, before: previous?.modRevision };
  });
}

/** Part of the store's contract. */
export function storeModelContract(makeStore: MakeStore): void {
  describe('random operations', () => {
    const property = (ask: (store: Store<Doc>, model: Model, question: Question) => Promise<void>): (() => Promise<void>) => {
      return async () => {
        await fc.assert(
          fc.asyncProperty(
            fc.array(operation, { maxLength: 40 }),
            fc.array(question, { minLength: 1, maxLength: 5 }),
            async (operations, questions) => {
              const store = await makeStore({ codec: docCodec, onError: (error) => expect(error).toBeUndefined() });
              try {
                const model = new Model(await store.revision());
                const live = new Recorder();
                const watch = await store.watch('', model.start, live);
                for (const step of operations) await run(store, model, step);
                for (const one of questions) await ask(store, model, one);
                await watch.sync();
                expect(replayed(live)).toEqual(model.events);
              } finally {
                await store.close();
              }
            },
          ),
          { numRuns: 60 },
        );
      };
    };

    test('count and revision are those of the model', property(askPresent));
    test('a list or get at any revision shows what the model had then', property(askPast));
    test('a watch from any revision replays what the model did', property(askWatch));

    test(
      'what is older than the last compaction is refused',
      property(async (store, model, { prefix }) => {
        const { oldest } = model;
        if (oldest === model.start) return;
        for (const promise of [
          store.list(prefix, { revision: oldest - 1 }),
          store.get('/p/a', oldest - 1),
          store.watch(prefix, oldest - 2, new Recorder()),
        ]) {
          const error: unknown = await promise.then(
            () => undefined,
            (reason: unknown) => reason,
          );
          expect(error instanceof StoreError && error.code).toBe('compacted');
        }
      }),
    );
  });
}
