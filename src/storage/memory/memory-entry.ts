// One version of one key in memory: the value, its bytes, or both.
import type { Codec, Entry, StoreEvent } from '../store.js';
import { deepFreeze } from './deep-freeze.js';

/** How a store treats all its values. */
export interface Handling<V> {
  readonly codec: Codec<V>;
  readonly freeze: boolean;
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

  /** Keeps the bytes only: for versions that only history holds. Returns how many bytes these are. */
  pack(): number {
    const { length } = this.bytes();
    this.#packed = true;
    this.#value = undefined;
    return length;
  }

  /** The bytes that {@link pack} returned, 0 before. */
  get packedSize(): number {
    return this.#packed ? this.#bytes!.length : 0;
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
