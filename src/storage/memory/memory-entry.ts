// One version of one key in memory: the value, its bytes, or both.
import type { Codec, Entry, StoreEvent } from '../store.js';
import { deepFreeze } from './deep-freeze.js';
import { ownSize } from './own-size.js';

/** How a store treats all its values. */
export interface Handling<V> {
  readonly codec: Codec<V>;
  readonly freeze: boolean;
  /** Old versions that are larger than this keep their bytes only. */
  readonly packAbove: number;
}

/** An event whose entries the engine can pack. */
export interface MemoryEvent<V> extends StoreEvent<V> {
  readonly entry: MemoryEntry<V>;
  readonly previous: MemoryEntry<V> | undefined;
}

export class MemoryEntry<V> implements Entry<V> {
  #value: V | undefined;
  #bytes: Uint8Array | undefined;
  #packed = false;
  #cooledSize = 0;
  /** What was decoded since packing, as long as somebody else holds it: many readers of one old version decode it once. */
  #unpacked: WeakRef<V & object> | undefined;

  constructor(
    readonly key: string,
    value: V,
    readonly createRevision: number,
    readonly modRevision: number,
    private readonly handling: Handling<V>,
  ) {
    this.#value = handling.freeze ? deepFreeze(value) : value;
  }

  get value(): V {
    return this.#packed ? this.#unpack() : (this.#value as V);
  }

  bytes(): Uint8Array {
    return (this.#bytes ??= this.handling.codec.encode(this.#value as V));
  }

  /**
   * Keeps less, for a version that only history holds: the value when little of it is not in `next`, the version after it; else the bytes.
   * To encode it would cost more time than the value takes room. Returns about how many bytes are kept.
   */
  cool(next: MemoryEntry<V> | undefined): number {
    return this.#keep(ownSize(this.#value, next?.value, this.handling.packAbove));
  }

  /** {@link cool} for the version that a deletion made of `previous`, which is cooled already: but for the revision it is the same. */
  coolLike(previous: MemoryEntry<V>): number {
    return this.#keep(previous.#packed ? undefined : previous.#cooledSize);
  }

  /** What {@link cool} returned, 0 before. */
  get cooledSize(): number {
    return this.#cooledSize;
  }

  /** Keeps the value, of this size, or with undefined the bytes. */
  #keep(size: number | undefined): number {
    if (size === undefined) {
      this.#cooledSize = this.bytes().length;
      this.#packed = true;
      this.#value = undefined;
    } else {
      this.#cooledSize = size;
      this.#bytes = undefined;
    }
    return this.#cooledSize;
  }

  #unpack(): V {
    const known = this.#unpacked?.deref();
    if (known !== undefined) return known;
    const decoded = this.handling.codec.decode(this.#bytes!);
    const value = this.handling.freeze ? deepFreeze(decoded) : decoded;
    if (typeof value === 'object' && value !== null) this.#unpacked = new WeakRef(value);
    return value;
  }
}
