// Conversions between types. https://github.com/google/cel-spec/blob/master/doc/langdef.md#list-of-standard-definitions

import { failure } from '../evaluate/errors.js';
import { perCharacter, sizeAt, sizeLike, sizeOf, scaleCost, traversal } from '../cost/costs.js';
import { decodeUtf8 } from '../values/text.js';
import { formatDuration, formatTimestamp, parseDurationText, parseTimestampText, timestampOf } from '../values/time.js';
import type { CelValue, DurationValue, TimestampValue } from '../values/value.js';
import { TypeValue, UintValue, typeNameOf } from '../values/value.js';
import type { Costs, Overload } from './overload.js';
import { overload } from './overload.js';

const billion = 1_000_000_000n;
const greatestInt = 2n ** 63n - 1n;
const leastInt = -(2n ** 63n);
const greatestUint = 2n ** 64n - 1n;

function intOfDouble(value: number): bigint {
  if (!(value > -9223372036854775808 && value < 9223372036854775808)) throw failure('integer overflow');
  return BigInt(Math.trunc(value));
}

function intOfText(text: string): bigint {
  if (!/^[-+]?\d{1,40}$/.test(text)) throw failure(`type conversion error from 'string' to 'int'`);
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text);
  if (value > greatestInt || value < leastInt) throw failure(`type conversion error from 'string' to 'int'`);
  return value;
}

function uintOfText(text: string): UintValue {
  if (!/^\d{1,40}$/.test(text) || BigInt(text) > greatestUint) throw failure(`type conversion error from 'string' to 'uint'`);
  return new UintValue(BigInt(text));
}

function uintOfDouble(value: number): UintValue {
  if (!(value > -1 && value < 18446744073709551616)) throw failure('unsigned integer overflow');
  return new UintValue(BigInt(Math.trunc(value)));
}

function doubleOfText(text: string): number {
  const word = text.toLowerCase().replace(/^[-+]/, '');
  if (word === 'inf' || word === 'infinity') return text.startsWith('-') ? -Infinity : Infinity;
  if (word === 'nan') return NaN;
  if (text.length > 400 || !/^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,10})?$/.test(text))
    throw failure(`type conversion error from 'string' to 'double'`);
  const value = Number(text);
  if (!Number.isFinite(value)) throw failure(`type conversion error from 'string' to 'double'`);
  return value;
}

const trueTexts: ReadonlySet<string> = new Set(['1', 't', 'T', 'true', 'TRUE', 'True']);
const falseTexts: ReadonlySet<string> = new Set(['0', 'f', 'F', 'false', 'FALSE', 'False']);

function boolOfText(text: string): boolean {
  if (trueTexts.has(text)) return true;
  if (falseTexts.has(text)) return false;
  throw failure(`type conversion error from 'string' to 'bool'`);
}

/** As few digits as it takes; from a million on with an exponent, `1e+06`. */
export function formatDouble(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (Object.is(value, -0)) return '-0';
  const absolute = Math.abs(value);
  if (absolute !== 0 && (absolute < 1e-4 || absolute >= 1e6)) {
    const [digits = '', exponent = ''] = value.toExponential().split('e');
    return `${digits}e${exponent[0] ?? '+'}${exponent.slice(1).padStart(2, '0')}`;
  }
  return String(value);
}

const textCost: Costs = traversal([0], sizeLike(0));
const bytesCost: Costs = {
  cost: (args) => Math.ceil(sizeOf(args[0]) * perCharacter),
  estimate: (args) => ({ cost: scaleCost(sizeAt(args, 0), perCharacter), size: sizeAt(args, 0) }),
};

const identity = (value: CelValue): CelValue => value;
const seconds = (value: CelValue): bigint => {
  const { nanoseconds } = value as TimestampValue;
  return nanoseconds >= 0n ? nanoseconds / billion : -((-nanoseconds + billion - 1n) / billion);
};

function timestampOfSeconds(value: bigint): TimestampValue {
  const timestamp = timestampOf(value * billion);
  if (timestamp === undefined) throw failure('timestamp overflow');
  return timestamp;
}

/** RFC 3339; throws an evaluation error for other texts. */
function timestampOfText(text: string): TimestampValue {
  const timestamp = text.includes('T') || text.includes('t') ? parseTimestampText(text) : undefined;
  if (timestamp === undefined) throw failure("type conversion error from 'string' to 'google.protobuf.Timestamp'");
  return timestamp;
}

function durationOfText(text: string): DurationValue {
  const duration = parseDurationText(text);
  if (duration === undefined) throw failure("type conversion error from 'string' to 'google.protobuf.Duration'");
  return duration;
}

function textOfBytes(bytes: Uint8Array): string {
  const text = decodeUtf8(bytes);
  if (text === undefined) throw failure('invalid UTF-8 in bytes, cannot convert to string');
  return text;
}

export function conversions(): readonly (readonly [string, Overload])[] {
  return [
    overload('bool(bool): bool', identity),
    overload('bool(string): bool', (value) => boolOfText(value as string)),
    overload('bytes(bytes): bytes', identity),
    overload('bytes(string): bytes', (value) => new Uint8Array(Buffer.from(value as string, 'utf8')), bytesCost),
    overload('double(double): double', identity),
    overload('double(int): double', (value) => Number(value)),
    overload('double(uint): double', (value) => Number((value as UintValue).value)),
    overload('double(string): double', (value) => doubleOfText(value as string)),
    overload('duration(duration): duration', identity),
    overload('duration(string): duration', (value) => durationOfText(value as string)),
    overload('dyn(A): dyn', identity, { estimate: () => ({ cost: { min: 0, max: 0 } }) }),
    overload('int(int): int', identity),
    overload('int(uint): int', (value) => {
      if ((value as UintValue).value > greatestInt) throw failure('integer overflow');
      return (value as UintValue).value;
    }),
    overload('int(double): int', (value) => intOfDouble(value as number)),
    overload('int(string): int', (value) => intOfText(value as string)),
    overload('int(duration): int', (value) => (value as DurationValue).nanoseconds),
    overload('int(timestamp): int', seconds),
    overload('string(string): string', identity),
    overload('string(bool): string', (value) => (value === true ? 'true' : 'false')),
    overload('string(int): string', (value) => (value as bigint).toString()),
    overload('string(uint): string', (value) => String((value as UintValue).value)),
    overload('string(double): string', (value) => formatDouble(value as number)),
    overload('string(bytes): string', (value) => textOfBytes(value as Uint8Array), textCost),
    overload('string(timestamp): string', (value) => formatTimestamp(value as TimestampValue)),
    overload('string(duration): string', (value) => formatDuration(value as DurationValue)),
    overload('timestamp(timestamp): timestamp', identity),
    overload('timestamp(string): timestamp', (value) => timestampOfText(value as string)),
    overload('timestamp(int): timestamp', (value) => timestampOfSeconds(value as bigint)),
    overload('uint(uint): uint', identity),
    overload('uint(int): uint', (value) => {
      if ((value as bigint) < 0n) throw failure('unsigned integer overflow');
      return new UintValue(value as bigint);
    }),
    overload('uint(double): uint', (value) => uintOfDouble(value as number)),
    overload('uint(string): uint', (value) => uintOfText(value as string)),
    overload('type(A): type(A)', (value) => new TypeValue(typeNameOf(value))),
  ];
}
