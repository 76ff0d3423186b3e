// Equality and order of values. https://github.com/google/cel-spec/blob/master/doc/langdef.md#equality

import type { CelValue } from './value.js';
import { DurationValue, ListValue, MapValue, OpaqueValue, OptionalValue, TimestampValue, TypeValue, UintValue, keyOf } from './value.js';

/** A number of any of the three types, as what JavaScript compares exactly across types; undefined for other values. */
function numeric(value: CelValue): number | bigint | undefined {
  if (typeof value === 'bigint' || typeof value === 'number') return value;
  return value instanceof UintValue ? value.value : undefined;
}

/** Whether two values are equal. Numbers of different types are equal when they are the same number; other values of different types are not. */
export function equalValues(left: CelValue, right: CelValue): boolean {
  if (typeof left === 'string' || typeof left === 'boolean' || left === null) return left === right;
  const number = numeric(left);
  if (number !== undefined) {
    const other = numeric(right);
    // Loose equality compares a bigint and a number by their mathematical value.
    return other !== undefined && (typeof number === typeof other ? number === other : looselyEqual(number, other));
  }
  if (left instanceof ListValue) return right instanceof ListValue && equalLists(left, right);
  if (left instanceof MapValue) return right instanceof MapValue && equalMaps(left, right);
  if (left instanceof Uint8Array) return right instanceof Uint8Array && Buffer.compare(left, right) === 0;
  if (left instanceof TimestampValue) return right instanceof TimestampValue && left.nanoseconds === right.nanoseconds;
  if (left instanceof DurationValue) return right instanceof DurationValue && left.nanoseconds === right.nanoseconds;
  if (left instanceof TypeValue) return right instanceof TypeValue && left.name === right.name;
  if (left instanceof OptionalValue) {
    if (!(right instanceof OptionalValue)) return false;
    if (left.value === undefined || right.value === undefined) return left.value === right.value;
    return equalValues(left.value, right.value);
  }
  return (
    left instanceof OpaqueValue &&
    right instanceof OpaqueValue &&
    left.type.name === right.type.name &&
    (left.equals?.(right.content) ?? false)
  );
}

function looselyEqual(left: number | bigint, right: number | bigint): boolean {
  return left >= right && left <= right;
}

function equalLists(left: ListValue, right: ListValue): boolean {
  if (left.size !== right.size) return false;
  const kind = left.listType ?? right.listType;
  if (kind === 'set') return containsAll(left, right);
  if (kind === 'map') return equalByKeys(left, right, left.mapKeys ?? right.mapKeys ?? []);
  for (let index = 0; index < left.size; index++) if (!equalValues(left.at(index), right.at(index))) return false;
  return true;
}

function containsAll(container: ListValue, items: ListValue): boolean {
  const keys = new Set(container.items().map(keyOf));
  for (const item of items.items()) {
    const key = keyOf(item);
    if (key !== undefined ? !keys.has(key) : !container.items().some((other) => equalValues(other, item))) return false;
  }
  return true;
}

/** Keys of such lists are texts, numbers and bools. */
function keyText(value: CelValue | undefined): string {
  const key = value === undefined ? undefined : keyOf(value);
  return `${typeof key}:${key?.toString() ?? ''}`;
}

/** The values of an item's keys in one text; absent keys count. */
export function mapKeyOf(item: CelValue, keys: readonly string[]): string {
  if (!(item instanceof MapValue)) return '';
  return JSON.stringify(keys.map((key) => keyText(item.get(key))));
}

function equalByKeys(left: ListValue, right: ListValue, keys: readonly string[]): boolean {
  const others = new Map(right.items().map((item) => [mapKeyOf(item, keys), item]));
  return left.items().every((item) => {
    const other = others.get(mapKeyOf(item, keys));
    return other !== undefined && equalValues(item, other);
  });
}

function equalMaps(left: MapValue, right: MapValue): boolean {
  if (left.size !== right.size) return false;
  for (const key of left.keys()) {
    const value = left.get(key);
    const other = right.get(key);
    if (value === undefined || other === undefined || !equalValues(value, other)) return false;
  }
  return true;
}

/** Negative, zero or positive; undefined when there is no order between the two (`NaN`, or types that do not compare). */
export function compareValues(left: CelValue, right: CelValue): number | undefined {
  const number = numeric(left);
  if (number !== undefined) {
    const other = numeric(right);
    return other === undefined ? undefined : compareNumbers(number, other);
  }
  if (typeof left === 'string') return typeof right === 'string' ? compareText(left, right) : undefined;
  if (typeof left === 'boolean') return typeof right === 'boolean' ? Number(left) - Number(right) : undefined;
  if (left instanceof TimestampValue) return right instanceof TimestampValue ? order(left.nanoseconds, right.nanoseconds) : undefined;
  if (left instanceof DurationValue) return right instanceof DurationValue ? order(left.nanoseconds, right.nanoseconds) : undefined;
  if (left instanceof Uint8Array) return right instanceof Uint8Array ? Buffer.compare(left, right) : undefined;
  return undefined;
}

/** An int and a double compare as doubles. */
function compareNumbers(left: number | bigint, right: number | bigint): number | undefined {
  if (typeof left !== typeof right) return compareNumbers(Number(left), Number(right));
  return left < right ? -1 : left > right ? 1 : left === right ? 0 : undefined;
}

function order(left: bigint, right: bigint): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** By code points; UTF-16 units put what is beyond the first plane before the end of it. */
function compareText(left: string, right: string): number {
  if (left === right) return 0;
  for (let index = 0; index < left.length && index < right.length; index++) {
    const one = left.charCodeAt(index);
    const other = right.charCodeAt(index);
    if (one === other) continue;
    const surrogates = Number(one >= 0xd800 && one < 0xe000) - Number(other >= 0xd800 && other < 0xe000);
    return surrogates !== 0 ? surrogates : one - other;
  }
  return left.length - right.length;
}
