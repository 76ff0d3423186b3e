// The standard functions of CEL. https://github.com/google/cel-spec/blob/master/doc/langdef.md#list-of-standard-definitions

import { comparison, containing, listSearch, matching, perCharacter, scaleCost, sizeAt, sizeOf } from '../cost/costs.js';
import { failure, noSuchKey } from '../evaluate/errors.js';
import type { Patience } from '../regex/patience.js';
import { standardMacros } from '../syntax/macro.js';
import { equalValues } from '../values/compare.js';
import { codePointLength } from '../values/text.js';
import { dateInZone, dayOfYear } from '../values/time.js';
import type { CelValue, DurationValue, TimestampValue } from '../values/value.js';
import { ListValue, MapValue, OpaqueValue, OptionalValue, UintValue, keyOf, typeNameOf } from '../values/value.js';
import { arithmetic } from './arithmetic.js';
import { conversions } from './conversions.js';
import type { Costs, Library, Overload } from './overload.js';
import { library, overload, patientOverload } from './overload.js';
import { pattern } from './regex.js';

/** The place that an index means; throws when it is no whole number or out of bounds. */
export function listIndex(list: ListValue, index: CelValue): number {
  let place: number;
  if (typeof index === 'bigint') place = Number(index);
  else if (index instanceof UintValue) place = Number(index.value);
  else if (typeof index === 'number') {
    if (!Number.isInteger(index)) throw failure(`unsupported index value ${index} in list`);
    place = index;
  } else throw failure(`unsupported index type '${typeNameOf(index)}' in list`);
  if (place < 0 || place >= list.size) throw failure(`index out of bounds: ${place}`);
  return place;
}

/** How errors name a key. */
export function keyText(key: CelValue): string {
  if (typeof key === 'number') return String(key);
  return keyOf(key)?.toString() ?? typeNameOf(key);
}

export function indexInto(container: CelValue, key: CelValue): CelValue {
  if (container instanceof ListValue) return container.at(listIndex(container, key));
  if (container instanceof MapValue) {
    const value = container.get(key);
    if (value === undefined) throw noSuchKey(keyText(key));
    return value;
  }
  if (container instanceof OpaqueValue || container instanceof OptionalValue) throw failure('no such overload');
  throw noSuchKey(keyText(key));
}

export function contains(item: CelValue, container: CelValue): boolean {
  if (container instanceof MapValue) return container.has(item);
  if (!(container instanceof ListValue)) throw failure('no such overload');
  for (let index = 0; index < container.size; index++) if (equalValues(container.at(index), item)) return true;
  return false;
}

/** `startsWith` and `endsWith` read no more than what they look for. */
const affix: Costs = {
  cost: (args) => Math.ceil(sizeOf(args[1]) * perCharacter),
  estimate: (args) => ({ cost: scaleCost(sizeAt(args, 1), perCharacter) }),
};

function size(type: string, measure: (value: CelValue) => number): (readonly [string, Overload])[] {
  const run = (value: CelValue): bigint => BigInt(measure(value));
  return [overload(`size(${type}): int`, run), overload(`${type}.size(): int`, run)];
}

const strings: readonly (readonly [string, Overload])[] = [
  overload('string.contains(string): bool', (text, part) => (text as string).includes(part as string), containing),
  overload('string.startsWith(string): bool', (text, part) => (text as string).startsWith(part as string), affix),
  overload('string.endsWith(string): bool', (text, part) => (text as string).endsWith(part as string), affix),
  patientOverload('matches(string, string): bool', matches, matching),
  patientOverload('string.matches(string): bool', matches, matching),
];

function matches(patience: Patience | undefined, text: CelValue, expression: CelValue): boolean {
  return pattern(expression as string).test(text as string, patience);
}

/** Accessors of timestamps: their name and what they read of a date. */
const accessors: readonly (readonly [string, (date: Date) => number])[] = [
  ['getFullYear', (date) => date.getUTCFullYear()],
  ['getMonth', (date) => date.getUTCMonth()],
  ['getDayOfYear', dayOfYear],
  ['getDayOfMonth', (date) => date.getUTCDate() - 1],
  ['getDate', (date) => date.getUTCDate()],
  ['getDayOfWeek', (date) => date.getUTCDay()],
  ['getHours', (date) => date.getUTCHours()],
  ['getMinutes', (date) => date.getUTCMinutes()],
  ['getSeconds', (date) => date.getUTCSeconds()],
  ['getMilliseconds', (date) => date.getUTCMilliseconds()],
];

/** Accessors of durations: whole units of the whole duration, but for milliseconds, which are those beyond the seconds. */
const durationUnits: readonly (readonly [string, bigint])[] = [
  ['getHours', 3_600_000_000_000n],
  ['getMinutes', 60_000_000_000n],
  ['getSeconds', 1_000_000_000n],
];

function times(): (readonly [string, Overload])[] {
  return [
    ...accessors.flatMap(([name, read]) => [
      overload(`timestamp.${name}(): int`, (time) => BigInt(read(dateInZone(time as TimestampValue, undefined)))),
      overload(`timestamp.${name}(string): int`, (time, zone) => BigInt(read(dateInZone(time as TimestampValue, zone as string)))),
    ]),
    ...durationUnits.map(([name, unit]) => overload(`duration.${name}(): int`, (value) => (value as DurationValue).nanoseconds / unit)),
    overload('duration.getMilliseconds(): int', (value) => ((value as DurationValue).nanoseconds / 1_000_000n) % 1000n),
  ];
}

function operators(): (readonly [string, Overload])[] {
  return [
    overload('_==_(A, A): bool', equalValues, comparison),
    overload('_!=_(A, A): bool', (left, right) => !equalValues(left, right), comparison),
    overload('!_(bool): bool', (value) => value !== true),
    overload('_?_:_(bool, A, A): A', (condition, then, otherwise) => (condition === true ? then : otherwise)),
    overload('@in(A, list(A)): bool', contains, listSearch),
    overload('@in(A, map(A, B)): bool', contains),
    overload('_[_](list(A), int): A', indexInto),
    overload('_[_](map(A, B), A): B', indexInto),
  ];
}

/** What every dialect of CEL has. */
export function standardLibrary(): Library {
  return library(
    [
      ...operators(),
      ...arithmetic(),
      ...conversions(),
      ...strings,
      ...size('string', (value) => codePointLength(value as string)),
      ...size('bytes', (value) => (value as Uint8Array).length),
      ...size('list(A)', (value) => (value as ListValue).size),
      ...size('map(A, B)', (value) => (value as MapValue).size),
      ...times(),
    ],
    standardMacros,
  );
}
