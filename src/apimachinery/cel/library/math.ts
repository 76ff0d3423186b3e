// The math and encoders extensions of CEL. Kubernetes does not have them; CEL's own cases do.

import { failure } from '../evaluate/errors.js';
import { compareValues } from '../values/compare.js';
import type { CelValue } from '../values/value.js';
import { ListValue, UintValue } from '../values/value.js';
import { checkedInt } from './arithmetic.js';
import type { Library, Overload } from './overload.js';
import { library, overload } from './overload.js';

const numbers = ['int', 'uint', 'double'] as const;

function choose(sign: number): (...values: CelValue[]) => CelValue {
  return (...values) => {
    const items = values.length === 1 && values[0] instanceof ListValue ? values[0].items() : values;
    const [first, ...rest] = items;
    if (first === undefined) throw failure('argument must not be empty');
    return rest.reduce((best: CelValue, value) => ((compareValues(value, best) ?? 0) * sign > 0 ? value : best), first);
  };
}

/** One argument, or several of types that need not be the same, or a list of numbers. */
function extremes(name: string, sign: number): (readonly [string, Overload])[] {
  const run = choose(sign);
  const pairs = numbers.flatMap((left) =>
    numbers.map((right) => overload(`!${name}(${left}, ${right}): ${left === right ? left : 'dyn'}`, run)),
  );
  const single = numbers.map((type) => overload(`!${name}(${type}): ${type}`, run));
  const lists = numbers.map((type) => overload(`!${name}(list(${type})): ${type}`, run));
  return [
    ...single,
    ...pairs,
    ...lists,
    ...[3, 4, 5, 6].map((count) => overload(`!${name}(${Array<string>(count).fill('dyn').join(', ')}): dyn`, run)),
  ];
}

function double(name: string, calculate: (value: number) => number | boolean): readonly [string, Overload] {
  return overload(`!math.${name}(double): ${name.startsWith('is') ? 'bool' : 'double'}`, (value) => calculate(value as number));
}

const greatestUint = 2n ** 64n - 1n;

function bits(name: string, calculate: (left: bigint, right: bigint) => bigint): (readonly [string, Overload])[] {
  return [
    overload(`!math.${name}(int, int): int`, (left, right) => BigInt.asIntN(64, calculate(left as bigint, right as bigint))),
    overload(
      `!math.${name}(uint, uint): uint`,
      (left, right) => new UintValue(calculate((left as UintValue).value, (right as UintValue).value) & greatestUint),
    ),
  ];
}

function shifts(name: string, calculate: (value: bigint, by: bigint) => bigint): (readonly [string, Overload])[] {
  const shift = (value: bigint, by: bigint): bigint => {
    if (by < 0n) throw failure(`math.${name}() negative offset: ${by}`);
    return by > 63n ? 0n : calculate(value, by);
  };
  return [
    overload(`!math.${name}(int, int): int`, (value, by) => BigInt.asIntN(64, shift(BigInt.asUintN(64, value as bigint), by as bigint))),
    overload(
      `!math.${name}(uint, int): uint`,
      (value, by) => new UintValue(shift((value as UintValue).value, by as bigint) & greatestUint),
    ),
  ];
}

/** Halves go away from zero. */
function round(value: number): number {
  return Math.sign(value) * Math.round(Math.abs(value));
}

export function mathLibrary(): Library {
  return library([
    ...extremes('math.greatest', 1),
    ...extremes('math.least', -1),
    double('ceil', Math.ceil),
    double('floor', Math.floor),
    double('round', round),
    double('trunc', Math.trunc),
    double('sqrt', Math.sqrt),
    double('isNaN', Number.isNaN),
    double('isInf', (value) => value === Infinity || value === -Infinity),
    double('isFinite', Number.isFinite),
    double('abs', Math.abs),
    overload('!math.abs(int): int', (value) => checkedInt((value as bigint) < 0n ? -(value as bigint) : (value as bigint))),
    overload('!math.abs(uint): uint', (value) => value),
    double('sign', Math.sign),
    overload('!math.sign(int): int', (value) => ((value as bigint) < 0n ? -1n : (value as bigint) > 0n ? 1n : 0n)),
    overload('!math.sign(uint): uint', (value) => new UintValue((value as UintValue).value > 0n ? 1n : 0n)),
    ...bits('bitAnd', (left, right) => left & right),
    ...bits('bitOr', (left, right) => left | right),
    ...bits('bitXor', (left, right) => left ^ right),
    overload('!math.bitNot(int): int', (value) => ~(value as bigint)),
    overload('!math.bitNot(uint): uint', (value) => new UintValue(~(value as UintValue).value & greatestUint)),
    ...shifts('bitShiftLeft', (value, by) => value << by),
    ...shifts('bitShiftRight', (value, by) => value >> by),
  ]);
}

export function encodersLibrary(): Library {
  return library([
    overload('!base64.encode(bytes): string', (value) => Buffer.from(value as Uint8Array).toString('base64')),
    overload('!base64.decode(string): bytes', (value) => {
      if (!/^[A-Za-z0-9+/]*={0,2}$/.test(value as string)) throw failure('illegal base64 data');
      return new Uint8Array(Buffer.from(value as string, 'base64'));
    }),
  ]);
}
