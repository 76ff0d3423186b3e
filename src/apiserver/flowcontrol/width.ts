// How many seats a request takes: more for a list of many bytes, and for a write that many watchers are told of.
// https://kubernetes.io/docs/concepts/cluster-administration/flow-control/#seats-occupied-by-a-request
import type { KubeObject } from '../../apimachinery/object.js';
import type { Kind } from '../../registry/kind.js';
import type { Entry } from '../../storage/store.js';
import { narrow, type Width } from './ticket.js';

/** Bytes of an answer for which a list takes one seat; watchers for whom a write takes one. */
const bytesOfSeat = 100_000;
const watchersOfSeat = 10;
/** How long telling ten watchers takes, in milliseconds. */
const tellMilliseconds = 5;
/** No request takes more seats, nor more than this part of its level's share. */
const mostSeats = 10;
const mostOfLevel = 0.15;

/** Entries whose size is looked at, and for how many milliseconds their average is good. */
const sampled = 10;
const goodFor = 30_000;

/** What width needs to know of a resource. */
export interface ResourceSize {
  readonly count: number;
  /** A few entries. */
  sample(most: number): readonly Entry<KubeObject>[];
}

export interface ListedOrWatched {
  readonly limit: number;
  /** Whether the request is for one object by `metadata.name`. */
  readonly oneName: boolean;
  /** For a watch: whether it begins with what is there. */
  readonly initialEvents: boolean;
}

export class Widths {
  readonly #averages = new WeakMap<Kind, { readonly bytes: number; readonly until: number }>();

  /** `monotonic` in milliseconds. */
  constructor(private readonly monotonic: () => number) {}

  /** Of a list or watch. `share` is the level's nominal seats. */
  ofRead(kind: Kind, size: ResourceSize, { limit, oneName, initialEvents }: ListedOrWatched, share: number): Width {
    if (oneName || !initialEvents || size.count === 0) return narrow;
    const objects = limit > 0 ? Math.min(limit, size.count) : size.count;
    return widthOf(bounded(Math.ceil((objects * this.#average(kind, size)) / bytesOfSeat), share), 0, 0);
  }

  /** Of a write that so many watchers are told of. */
  ofWrite(watchers: number, share: number): Width {
    if (watchers < watchersOfSeat) return narrow;
    const wanted = Math.ceil(watchers / watchersOfSeat);
    const seats = bounded(wanted, share);
    // Fewer seats are held the longer.
    return widthOf(1, seats, (wanted * tellMilliseconds) / seats);
  }

  #average(kind: Kind, size: ResourceSize): number {
    const now = this.monotonic();
    const known = this.#averages.get(kind);
    if (known !== undefined && known.until > now) return known.bytes;
    const entries = size.sample(sampled);
    let sum = 0;
    for (const entry of entries) sum += entry.bytes().byteLength;
    const bytes = entries.length === 0 ? 0 : sum / entries.length;
    this.#averages.set(kind, { bytes, until: now + goodFor });
    return bytes;
  }
}

function bounded(seats: number, share: number): number {
  return Math.max(1, Math.min(seats, mostSeats, Math.round(share * mostOfLevel)));
}

function widthOf(initialSeats: number, finalSeats: number, finalMilliseconds: number): Width {
  return { initialSeats, seats: Math.max(initialSeats, finalSeats), finalSeats, finalMilliseconds };
}
