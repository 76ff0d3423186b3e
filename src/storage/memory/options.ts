// What a memory store is made with.
import type { Clock } from '../../clock/clock.js';
import type { Codec } from '../store.js';

export interface MemoryStoreOptions<V> {
  readonly codec: Codec<V>;
  /** Tells the age of events. */
  readonly clock: Clock;
  /** The most events kept for watches and lists of the past; 10,000 by default. At least 1. */
  readonly historyLimit?: number;
  /** The most bytes of old versions kept; 16 MiB by default. Those of the newest `unpackedEvents` do not count. */
  readonly historyBytes?: number;
  /** Old versions in this many of the newest events keep their value and their bytes, since watches may still be reading them; 1,000 by default. */
  readonly unpackedEvents?: number;
  /**
   * Older ones keep their bytes only, and are decoded when they are read, if they have more than so many bytes (about) that the version after
   * them does not share; 4,096 by default. Smaller ones keep their value only, and are encoded when their bytes are asked for.
   */
  readonly packAbove?: number;
  /** Events older than this many milliseconds are forgotten by the next write; 5 minutes by default, as often as a real server compacts. */
  readonly historyMilliseconds?: number;
  /** Deep-freezes every value that comes in, so that a test finds whoever changes one. Slow; off by default. */
  readonly freeze?: boolean;
  /** Gets what a watch's sink threw (its watch ends). By default it is thrown outside of the store's call, where the process sees it as uncaught. */
  readonly onError?: (error: unknown) => void;
}
