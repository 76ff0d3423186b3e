// Arithmetic, with CEL's errors for what does not fit. https://github.com/google/cel-spec/blob/master/doc/langdef.md#numeric-values

import { failure } from '../evaluate/errors.js';
import { durationOf, timestampOf } from '../values/time.js';
import type { CelValue, DurationValue, ListValue, TimestampValue } from '../values/value.js';
import { ArrayList, JoinedList, UintValue, keyOf } from '../values/value.js';
import { comparison, joining, perCharacter, sizeOf, sumOfSizes, scaleCost } from '../cost/costs.js';
import { compareValues, mapKeyOf } from '../values/compare.js';
import type { Costs, Overload } from './overload.js';
import { overload } from './overload.js';

const greatestInt = 2n ** 63n - 1n;
const leastInt = -(2n ** 63n);
const greatestUint = 2n ** 64n - 1n;

export function checkedInt(value: bigint): bigint {
  if (value > greatestInt || value < leastInt) throw failure('integer overflow');
  return value;
}

function checkedUint(value: bigint): UintValue {
  if (value < 0n || value > greatestUint) throw failure('unsigned integer overflow');
  return new UintValue(value);
}

function checkedTimestamp(nanoseconds: bigint, like: CelValue): TimestampValue {
  const timestamp = timestampOf(nanoseconds, (like as TimestampValue).offsetMinutes);
  if (timestamp === undefined) throw failure('timestamp overflow');
  return timestamp;
}

function checkedDuration(nanoseconds: bigint): DurationValue {
  const duration = durationOf(nanoseconds);
  if (duration === undefined) throw failure('integer overflow');
  return duration;
}

export function addInts(left: CelValue, right: CelValue): bigint {
  return checkedInt((left as bigint) + (right as bigint));
}

export function subtractInts(left: CelValue, right: CelValue): bigint {
  return checkedInt((left as bigint) - (right as bigint));
}

export function multiplyInts(left: CelValue, right: CelValue): bigint {
  return checkedInt((left as bigint) * (right as bigint));
}

export function divideInts(left: CelValue, right: CelValue): bigint {
  if (right === 0n) throw failure('division by zero');
  return checkedInt((left as bigint) / (right as bigint));
}

export function remainderOfInts(left: CelValue, right: CelValue): bigint {
  if (right === 0n) throw failure('modulus by zero');
  if (left === leastInt && right === -1n) throw failure('integer overflow');
  return (left as bigint) % (right as bigint);
}

export function negateInt(value: CelValue): bigint {
  return checkedInt(-(value as bigint));
}

function uints(calculate: (left: bigint, right: bigint) => bigint): (left: CelValue, right: CelValue) => CelValue {
  return (left, right) => checkedUint(calculate((left as UintValue).value, (right as UintValue).value));
}

function notZero(right: bigint, message: string): bigint {
  if (right === 0n) throw failure(message);
  return right;
}

const nanoseconds = (value: CelValue): bigint => (value as TimestampValue | DurationValue).nanoseconds;

/** What comes of `+` on texts is as long as both. */
const textJoining: Costs = {
  cost: (args) => Math.ceil((sizeOf(args[0]) + sizeOf(args[1])) * perCharacter),
  estimate: (args) => ({ cost: scaleCost(sumOfSizes(args), perCharacter), size: sumOfSizes(args) }),
};

export function concatenate(left: CelValue, right: CelValue): CelValue {
  const first = left as ListValue;
  const second = right as ListValue;
  if (first.listType !== undefined) return concatenateAssociative(first, second);
  if (first.size === 0) return second;
  return second.size === 0 ? first : new JoinedList(first, second);
}

/** Sets and maps of Kubernetes: what the second has replaces what is alike in the first, which keeps its place. */
function concatenateAssociative(first: ListValue, second: ListValue): ListValue {
  const keys = first.mapKeys ?? [];
  const keyFor = (item: CelValue): unknown => (first.listType === 'set' ? (keyOf(item) ?? item) : mapKeyOf(item, keys));
  const merged = new Map<unknown, CelValue>();
  for (const item of [...first.items(), ...second.items()]) merged.set(keyFor(item), item);
  return new AssociativeList([...merged.values()], first);
}

/** A list that compares as the one it was made of. */
class AssociativeList extends ArrayList {
  constructor(
    items: readonly CelValue[],
    private readonly like: ListValue,
  ) {
    super(items);
  }

  override get listType(): 'set' | 'map' | undefined {
    return this.like.listType;
  }

  override get mapKeys(): readonly string[] | undefined {
    return this.like.mapKeys;
  }
}

const additions: readonly (readonly [string, Overload])[] = [
  overload('_+_(int, int): int', addInts),
  overload(
    '_+_(uint, uint): uint',
    uints((left, right) => left + right),
  ),
  overload('_+_(double, double): double', (left, right) => (left as number) + (right as number)),
  overload('_+_(string, string): string', (left, right) => (left as string) + (right as string), textJoining),
  overload(
    '_+_(bytes, bytes): bytes',
    (left, right) => new Uint8Array(Buffer.concat([left as Uint8Array, right as Uint8Array])),
    textJoining,
  ),
  overload('_+_(list(A), list(A)): list(A)', concatenate, joining),
  overload('_+_(duration, duration): duration', (left, right) => checkedDuration(nanoseconds(left) + nanoseconds(right))),
  overload('_+_(timestamp, duration): timestamp', (left, right) => checkedTimestamp(nanoseconds(left) + nanoseconds(right), left)),
  overload('_+_(duration, timestamp): timestamp', (left, right) => checkedTimestamp(nanoseconds(left) + nanoseconds(right), right)),
];

const others: readonly (readonly [string, Overload])[] = [
  overload('_-_(int, int): int', subtractInts),
  overload(
    '_-_(uint, uint): uint',
    uints((left, right) => left - right),
  ),
  overload('_-_(double, double): double', (left, right) => (left as number) - (right as number)),
  overload('_-_(timestamp, timestamp): duration', (left, right) => checkedDuration(nanoseconds(left) - nanoseconds(right))),
  overload('_-_(timestamp, duration): timestamp', (left, right) => checkedTimestamp(nanoseconds(left) - nanoseconds(right), left)),
  overload('_-_(duration, duration): duration', (left, right) => checkedDuration(nanoseconds(left) - nanoseconds(right))),
  overload('_*_(int, int): int', multiplyInts),
  overload(
    '_*_(uint, uint): uint',
    uints((left, right) => left * right),
  ),
  overload('_*_(double, double): double', (left, right) => (left as number) * (right as number)),
  overload('_/_(int, int): int', divideInts),
  overload(
    '_/_(uint, uint): uint',
    uints((left, right) => left / notZero(right, 'division by zero')),
  ),
  overload('_/_(double, double): double', (left, right) => (left as number) / (right as number)),
  overload('_%_(int, int): int', remainderOfInts),
  overload(
    '_%_(uint, uint): uint',
    uints((left, right) => left % notZero(right, 'modulus by zero')),
  ),
  overload('-_(int): int', negateInt),
  overload('-_(double): double', (value) => -(value as number)),
];

const ordered = ['bool', 'int', 'uint', 'double', 'string', 'bytes', 'timestamp', 'duration'] as const;
const numbers = ['int', 'uint', 'double'] as const;
const orders: readonly (readonly [string, (order: number) => boolean])[] = [
  ['_<_', (order) => order < 0],
  ['_<=_', (order) => order <= 0],
  ['_>_', (order) => order > 0],
  ['_>=_', (order) => order >= 0],
];

function orderOverloads(): (readonly [string, Overload])[] {
  const pairs = ordered.map((type) => [type, type] as const);
  const mixed = numbers.flatMap((left) => numbers.filter((right) => right !== left).map((right) => [left, right] as const));
  return orders.flatMap(([name, holds]) =>
    [...pairs, ...mixed].map(([left, right]) =>
      overload(
        `${name}(${left}, ${right}): bool`,
        (one, other) => {
          const order = compareValues(one, other);
          return order !== undefined && holds(order);
        },
        left === 'string' || left === 'bytes' ? comparison : {},
      ),
    ),
  );
}

export function arithmetic(): readonly (readonly [string, Overload])[] {
  return [...additions, ...others, ...orderOverloads()];
}
