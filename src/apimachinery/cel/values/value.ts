// The values of CEL. Ints are bigints, doubles are numbers, so that `typeof` tells every type of JSON apart (docs/decisions/011-own-cel.md).

import type { CelType } from '../types.js';

/**
 * A value. bool, string and null are JavaScript's own; `bigint` is CEL's int, `number` is double; the rest are classes.
 * Values are immutable.
 */
export type CelValue =
  | null
  | boolean
  | bigint
  | number
  | string
  | Uint8Array
  | UintValue
  | TimestampValue
  | DurationValue
  | ListValue
  | MapValue
  | TypeValue
  | OptionalValue
  | OpaqueValue;

export class UintValue {
  constructor(readonly value: bigint) {}
}

/** Nanoseconds since 1970 in UTC; the offset from UTC that it was written with shows in its text alone. */
export class TimestampValue {
  constructor(
    readonly nanoseconds: bigint,
    readonly offsetMinutes = 0,
  ) {}
}

export class DurationValue {
  constructor(readonly nanoseconds: bigint) {}
}

/** A type as a value: what `type(x)` gives. */
export class TypeValue {
  constructor(readonly name: string) {}
}

/** `optional.of(x)`, or `optional.none()` when `value` is undefined. */
export class OptionalValue {
  constructor(readonly value: CelValue | undefined) {}
}

/** A value of a library's type (quantity, URL, authorizer). */
export class OpaqueValue {
  constructor(
    readonly type: CelType,
    /** What the library keeps; only its own functions look inside. */
    readonly content: object,
    /** Equality of two values of the type; absent: none is equal to another. */
    readonly equals?: (other: object) => boolean,
  ) {}
}

/** A list. Items may be made when they are asked for: keep what `at` gave. */
export abstract class ListValue {
  abstract readonly size: number;
  /** `index` is within the list. */
  abstract at(index: number): CelValue;
  /** Sets and maps of Kubernetes compare without regard to order. */
  get listType(): 'set' | 'map' | undefined {
    return undefined;
  }
  get mapKeys(): readonly string[] | undefined {
    return undefined;
  }

  /** Whether an item may be a text or bytes, whose length counts for what it costs to look at them. */
  get mayHoldTexts(): boolean {
    return true;
  }

  /** Throws RangeError when there are too many items to go through. */
  checkLength(): void {
    // Lists that are held in memory are not that long.
  }

  /** All items, made at once. Throws RangeError when there are too many. */
  items(): readonly CelValue[] {
    const items: CelValue[] = new Array<CelValue>(this.size);
    for (let index = 0; index < items.length; index++) items[index] = this.at(index);
    return items;
  }
}

/** A map, or an object with declared fields. */
export abstract class MapValue {
  abstract readonly size: number;
  /** undefined when there is no such key. Numbers that are equal are the same key. */
  abstract get(key: CelValue): CelValue | undefined;
  /** Like `get(key) !== undefined`, without making the value. */
  abstract has(key: CelValue): boolean;
  abstract keys(): readonly CelValue[];
  /** The name of the declared object type; undefined: a map. */
  get typeName(): string | undefined {
    return undefined;
  }
}

/** A list that the evaluation made. */
export class ArrayList extends ListValue {
  constructor(private readonly elements: readonly CelValue[]) {
    super();
  }

  get size(): number {
    return this.elements.length;
  }

  at(index: number): CelValue {
    return this.elements[index] as CelValue;
  }

  override items(): readonly CelValue[] {
    return this.elements;
  }
}

/** The longest list that is ever made at once; longer ones exist only as parts of others. */
const mostItems = 2_000_000;

/** Two lists, one after the other, neither of them copied. Its depth is bounded by that of the expression. */
export class JoinedList extends ListValue {
  readonly size: number;
  constructor(
    readonly left: ListValue,
    readonly right: ListValue,
  ) {
    super();
    this.size = left.size + right.size;
  }

  at(index: number): CelValue {
    if (index < this.left.size) return partAt(this.left, index);
    return partAt(this.right, index - this.left.size);
  }

  override checkLength(): void {
    if (this.size > mostItems) throw new RangeError('array length of a joined list');
  }

  override items(): readonly CelValue[] {
    this.checkLength();
    return super.items();
  }
}

/** Walks down without recursion: lists of lists of lists are made by hostile expressions. */
function partAt(part: ListValue, index: number): CelValue {
  let list = part;
  let place = index;
  while (list instanceof JoinedList) {
    if (place < list.left.size) list = list.left;
    else {
      place -= list.left.size;
      list = list.right;
    }
  }
  return list.at(place);
}

/** What keys are looked up by: equal numbers of int, uint and double are one key. undefined: no value can be a key like that. */
export function keyOf(key: CelValue): string | bigint | boolean | undefined {
  if (typeof key === 'string' || typeof key === 'bigint' || typeof key === 'boolean') return key;
  if (key instanceof UintValue) return key.value;
  if (typeof key === 'number' && Number.isInteger(key)) return BigInt(key);
  return undefined;
}

/** A map that the evaluation made. */
export class EntriesMap extends MapValue {
  /** `entries` by `keyOf(key)`. */
  constructor(private readonly entries: ReadonlyMap<string | bigint | boolean, readonly [CelValue, CelValue]>) {
    super();
  }

  get size(): number {
    return this.entries.size;
  }

  get(key: CelValue): CelValue | undefined {
    const lookup = keyOf(key);
    return lookup === undefined ? undefined : this.entries.get(lookup)?.[1];
  }

  has(key: CelValue): boolean {
    const lookup = keyOf(key);
    return lookup !== undefined && this.entries.has(lookup);
  }

  keys(): readonly CelValue[] {
    return [...this.entries.values()].map(([key]) => key);
  }
}

/** An object that an expression constructed: `Object{spec: …}`. */
export class StructValue extends EntriesMap {
  constructor(
    entries: ReadonlyMap<string, readonly [CelValue, CelValue]>,
    readonly type: CelType,
  ) {
    super(entries);
  }

  override get typeName(): string {
    return this.type.name;
  }

  /** A field that was not set is null where any field may be set. */
  override get(key: CelValue): CelValue | undefined {
    return super.get(key) ?? (this.type.object?.open === true ? null : undefined);
  }
}

export const noValue = new OptionalValue(undefined);

/** The name of a value's type, as `type(x)` gives it. */
export function typeNameOf(value: CelValue): string {
  switch (typeof value) {
    case 'boolean':
      return 'bool';
    case 'bigint':
      return 'int';
    case 'number':
      return 'double';
    case 'string':
      return 'string';
    default:
  }
  if (value === null) return 'null_type';
  if (value instanceof ListValue) return 'list';
  if (value instanceof MapValue) return value.typeName ?? 'map';
  if (value instanceof UintValue) return 'uint';
  if (value instanceof Uint8Array) return 'bytes';
  if (value instanceof TimestampValue) return 'google.protobuf.Timestamp';
  if (value instanceof DurationValue) return 'google.protobuf.Duration';
  if (value instanceof TypeValue) return 'type';
  if (value instanceof OptionalValue) return 'optional_type';
  return value instanceof OpaqueValue ? value.type.name : 'dyn';
}
