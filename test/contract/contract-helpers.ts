// What the parts of the store's contract share.
import { StoreError } from '../../src/storage/store.js';
import type { Codec, Entry, Store, StoreErrorCode, StoreEvent, StoreWatch } from '../../src/storage/store.js';

/** The values that the suite stores. */
export interface Doc {
  readonly text: string;
  readonly revision?: number;
}

export const docCodec: Codec<Doc> = {
  stamp: (value, revision) => ({ ...value, revision }),
  encode: (value) => new TextEncoder().encode(JSON.stringify(value)),
  decode: (bytes) => JSON.parse(new TextDecoder().decode(bytes)) as Doc,
};

export interface StoreSetup {
  readonly codec: Codec<Doc>;
  /** Gets what sinks throw. */
  readonly onError: (error: unknown) => void;
}

/** Makes an empty store that nobody else writes to. The suite closes it. */
export type MakeStore = (setup: StoreSetup) => Promise<Store<Doc>>;

/** Keeps what a watch gives. */
export class Recorder {
  readonly events: StoreEvent<Doc>[] = [];
  readonly ends: StoreError[] = [];
  event(event: StoreEvent<Doc>): void {
    this.events.push(event);
  }
  end(error: StoreError): void {
    this.ends.push(error);
  }
  get revisions(): number[] {
    return this.events.map(({ revision }) => revision);
  }
}

/** The facts of an entry, without the engine's class. */
export function facts(entry: Entry<Doc> | undefined): unknown {
  return entry && { key: entry.key, value: entry.value, created: entry.createRevision, modified: entry.modRevision };
}

export async function codeOf(promise: Promise<unknown>): Promise<StoreErrorCode | undefined> {
  return (await errorOf(promise))?.code;
}

async function errorOf(promise: Promise<unknown>): Promise<StoreError | undefined> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof StoreError) return error;
    throw error;
  }
  return undefined;
}

export async function rejection(promise: Promise<unknown>): Promise<StoreError> {
  const error = await errorOf(promise);
  if (error === undefined) throw new Error('the promise was not rejected');
  return error;
}

/** Creates keys with their own name as text; returns the last revision. */
export async function fill(store: Store<Doc>, ...keys: string[]): Promise<number> {
  for (const key of keys) await store.create(key, { text: key });
  return store.revision();
}

export async function watch(store: Store<Doc>, prefix: string, after: number): Promise<{ seen: Recorder; watch: StoreWatch }> {
  const seen = new Recorder();
  return { seen, watch: await store.watch(prefix, after, seen) };
}
