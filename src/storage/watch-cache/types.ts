// What goes into and comes out of a watch cache.
import type { Clock } from '../../clock/clock.js';
import type { Entry, Store } from '../store.js';

export interface WatchCacheOptions<V> {
  readonly store: Store<V>;
  /** The cache holds all keys with this prefix, such as `/registry/pods/`. */
  readonly prefix: string;
  /** Tells the age of events; without it they are kept up to `maximumEvents`. */
  readonly clock?: Clock;
  /**
   * The index terms of a value: any strings, such as `label\0app\0web` or `field\0spec.nodeName\0node-0`. Must be pure, and should give them
   * in the same order each time. What names one object (`metadata.name`) is better served by `key`.
   */
  readonly terms?: (value: V) => readonly string[];
  /** Events kept for watches from a past revision however old they are; 1,000 by default. */
  readonly minimumEvents?: number;
  /** The most events kept; 10,000 by default. */
  readonly maximumEvents?: number;
  /** Between the two, events younger than this many milliseconds are kept; 75 seconds by default. */
  readonly eventMilliseconds?: number;
  /** Gets what a watch's sink threw (its watch ends). By default it is thrown outside of the cache's call, where the process sees it as uncaught. */
  readonly onError?: (error: unknown) => void;
}

export interface CacheListOptions {
  /** Only keys with this prefix, such as `/registry/pods/default/`. */
  readonly prefix?: string | undefined;
  /** Only this key. */
  readonly key?: string | undefined;
  /** Only values that have all of these terms. */
  readonly terms?: readonly string[] | undefined;
  /** The first key to return (included); with it pages go on. */
  readonly from?: string | undefined;
  /** The most entries to return; 0 or absent: all. */
  readonly limit?: number | undefined;
}

export interface CacheListResult<V> {
  /** In the order of keys (bytes). */
  readonly entries: readonly Entry<V>[];
  /** The revision that the list shows. */
  readonly revision: number;
  /** How many entries more there are after these, with a limit; 0 otherwise. With two terms or more: 1 when there are more. */
  readonly remaining: number;
}

export interface CacheWatchOptions {
  /** Only keys with this prefix. */
  readonly prefix?: string | undefined;
  /** Only this key: events of other keys cost this watch nothing. */
  readonly key?: string | undefined;
  /** Only events whose old or new value has this term: others cost this watch nothing. */
  readonly term?: string | undefined;
  /** Events after this revision, first from the cache's own past. Absent: the entries as they are now, then events. */
  readonly after?: number | undefined;
}

export interface CacheWatch<V> {
  /** Without `after`: what matched when the watch started, in the order of keys. */
  readonly entries: readonly Entry<V>[] | undefined;
  /** The revision up to which everything is in `entries` or has been given to the sink already. */
  readonly revision: number;
  /** Idempotent. The sink is not called again. */
  stop(): void;
}
