// What the tests of the watch cache share: a memory store, and short forms of what they do most.
import { manualClock } from '../../clock/manual-clock.js';
import type { ManualClock } from '../../clock/manual-clock.js';
import { createMemoryStore } from '../memory/memory-store.js';
import { StoreError } from '../store.js';
import type { Codec, Store, StoreEvent, WatchSink } from '../store.js';
import { WatchCache } from './watch-cache.js';
import type { CacheWatchOptions, WatchCacheOptions } from './watch-cache.js';

export interface Doc {
  readonly terms: readonly string[];
  readonly revision?: number;
}

const codec: Codec<Doc> = {
  stamp: (value, revision) => ({ ...value, revision }),
  encode: (value) => new TextEncoder().encode(JSON.stringify(value)),
  decode: (bytes) => JSON.parse(new TextDecoder().decode(bytes)) as Doc,
};

export class Recorder implements WatchSink<Doc> {
  readonly events: StoreEvent<Doc>[] = [];
  readonly ends: string[] = [];
  event(event: StoreEvent<Doc>): void {
    this.events.push(event);
  }
  end(error: StoreError): void {
    this.ends.push(error.code);
  }
  get seen(): string[] {
    return this.events.map(({ type, key }) => `${type} ${key}`);
  }
}

export const watch = (
  cache: WatchCache<Doc>,
  options: CacheWatchOptions = {},
): { sink: Recorder; keys: string[] | undefined; stop(): void } => {
  const sink = new Recorder();
  const handle = cache.watch(options, sink);
  return { sink, keys: handle.entries?.map(({ key }) => key), stop: () => handle.stop() };
};

export const codeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof StoreError) return error.code;
    throw error;
  }
  return 'none';
};

export const keysOf = (cache: WatchCache<Doc>, ...args: Parameters<WatchCache<Doc>['list']>): string[] =>
  cache.list(...args).entries.map(({ key }) => key);

export interface Fixture {
  /** A new one for each test. */
  store: Store<Doc>;
  readonly clock: ManualClock;
  make(options?: Partial<WatchCacheOptions<Doc>>): WatchCache<Doc>;
  started(options?: Partial<WatchCacheOptions<Doc>>): Promise<WatchCache<Doc>>;
  put(key: string, ...terms: string[]): Promise<number>;
  remove(key: string): Promise<void>;
}

/** To be called at the top of a test file. */
export function cacheFixture(): Fixture {
  const clock = manualClock();
  const newStore = (): Store<Doc> => createMemoryStore({ codec, clock, freeze: true });
  const make = (options: Partial<WatchCacheOptions<Doc>> = {}): WatchCache<Doc> =>
    new WatchCache({ store: fixture.store, prefix: '/p/', clock, terms: (value) => value.terms, ...options });

  const started = async (options: Partial<WatchCacheOptions<Doc>> = {}): Promise<WatchCache<Doc>> => {
    const cache = make(options);
    await cache.ready();
    return cache;
  };

  /** Creates or replaces. */
  const put = async (key: string, ...terms: string[]): Promise<number> => {
    const there = await fixture.store.get(key);
    const entry =
      there === undefined ? await fixture.store.create(key, { terms }) : await fixture.store.update(key, { terms }, there.modRevision);
    return entry.modRevision;
  };

  const remove = async (key: string): Promise<void> => {
    await fixture.store.delete(key, (await fixture.store.get(key))!.modRevision);
  };

  const fixture: Fixture = { store: newStore(), clock, make, started, put, remove };
  beforeEach(() => {
    fixture.store = newStore();
  });
  afterEach(() => fixture.store.close());
  return fixture;
}
