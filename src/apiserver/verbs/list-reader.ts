// Where a list reads from: the watch cache when it shows the revision that is wanted, the store's past otherwise.
import type { KubeObject } from '../../apimachinery/object.js';
import type { Entry } from '../../storage/store.js';
import type { ResourceStorage } from '../core/resource-storage.js';

export interface Reading {
  readonly prefix: string;
  /** Only this key. */
  readonly key?: string | undefined;
  /** Narrows the entries down when the reader has an index; others may come as well. */
  readonly terms?: readonly string[];
  /** The first key that may come. */
  readonly from: string;
  /** The most entries; 0 for all. */
  readonly limit: number;
}

export interface ReadEntries {
  readonly entries: readonly Entry<KubeObject>[];
  /** More than 0 when more follow; without terms, how many. */
  readonly remaining: number;
}

/** A promise only when the answer is not in memory: readings one after the other then show one state without a lock. */
export type Reader = (reading: Reading) => ReadEntries | Promise<ReadEntries>;

/** Reads the collection as it was at a revision. The cache must be fresh and have reached it; reads reject with `compacted` when it is too far back. */
export function readerAt({ cache, store }: ResourceStorage, revision: number): Reader {
  if (revision >= cache.changed) return (reading) => cache.list(reading);
  return async ({ prefix, key, from, limit }) => {
    if (key === undefined) return store.list(prefix, { from, limit, revision });
    const entry = await store.get(key, revision);
    return { entries: entry === undefined || key < from ? [] : [entry], remaining: 0 };
  };
}
