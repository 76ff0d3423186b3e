// `'%s has %d'.format([…])`. https://pkg.go.dev/github.com/google/cel-go/ext#Strings

import { failure } from '../evaluate/errors.js';
import { formatDuration, formatTimestamp } from '../values/time.js';
import type { CelValue } from '../values/value.js';
import { DurationValue, ListValue, MapValue, TimestampValue, TypeValue, UintValue, typeNameOf } from '../values/value.js';
import { formatDouble } from './conversions.js';
import { decodeUtf8 } from '../values/text.js';

/** What a pattern asks for: texts, and clauses such as `%.3f`. */
export type Piece = string | { readonly clause: string; readonly precision: number | undefined };

/** Digits after the point, when the pattern does not say. */
const usualPrecision = 6;
const mostPrecision = 1000;

/** Splits a pattern; the text of what is wrong with it is thrown as an evaluation error. */
export function* piecesOf(pattern: string): Generator<Piece> {
  let at = 0;
  for (;;) {
    const percent = pattern.indexOf('%', at);
    if (percent < 0) break;
    if (percent > at) yield pattern.slice(at, percent);
    if (percent + 1 >= pattern.length) throw failure('unexpected end of string');
    if (pattern[percent + 1] === '%') {
      yield '%';
      at = percent + 2;
      continue;
    }
    let end = percent + 1;
    let precision: number | undefined;
    if (pattern[end] === '.') {
      const digits = /^\d+/.exec(pattern.slice(end + 1, end + 20))?.[0] ?? '';
      end += 1 + digits.length;
      if (end >= pattern.length) {
        throw failure('could not parse formatting clause: error while parsing precision: could not find end of precision specifier');
      }
      if (digits === '') {
        throw failure(
          'could not parse formatting clause: error while parsing precision: error while converting precision to integer: strconv.Atoi: parsing "": invalid syntax',
        );
      }
      precision = Number(digits);
    }
    const clause = String.fromCodePoint(pattern.codePointAt(end) ?? 0);
    if (!'sdfeboxX'.includes(clause)) throw failure(`could not parse formatting clause: unrecognized formatting clause "${clause}"`);
    yield { clause, precision };
    at = end + clause.length;
  }
  if (at < pattern.length) yield pattern.slice(at);
}

/** How values are written: as the specification has it, or as Kubernetes does, which follows an older version of it. */
export type FormatStyle = 'kubernetes' | 'cel';

export function formatText(pattern: string, args: ListValue, style: FormatStyle): string {
  let text = '';
  let next = 0;
  for (const piece of piecesOf(pattern)) {
    if (typeof piece === 'string') text += piece;
    else {
      if (next >= args.size) throw failure(`index ${next} out of range`);
      text += formatClause(piece.clause, piece.precision, args.at(next++), style);
    }
  }
  return text;
}

function formatClause(clause: string, precision: number | undefined, value: CelValue, style: FormatStyle): string {
  switch (clause) {
    case 's':
      return style === 'cel' ? asText(value) : kubernetesText(value);
    case 'd':
      return decimal(value);
    case 'f':
      return fixed(value, precision ?? usualPrecision);
    case 'e':
      return style === 'cel' ? scientific(value, precision ?? usualPrecision) : powerOfTen(value);
    case 'b':
      return binary(value);
    case 'o':
      return octal(value);
    default:
      return hexadecimal(value, clause === 'X');
  }
}

function wrong(message: string, value: CelValue): never {
  throw failure(`error during formatting: ${message}, was given ${typeNameOf(value)}`);
}

const infinities: ReadonlyMap<number, string> = new Map([
  [Infinity, 'Infinity'],
  [-Infinity, '-Infinity'],
]);

function notFinite(value: number): string {
  return infinities.get(value) ?? 'NaN';
}

function integer(value: CelValue): bigint | undefined {
  if (typeof value === 'bigint') return value;
  return value instanceof UintValue ? value.value : undefined;
}

/** What `%s` makes of any value. */
function asText(value: CelValue): string {
  if (typeof value === 'string') return value;
  if (value === null) return 'null';
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return Number.isFinite(value) ? formatDouble(value) : notFinite(value);
  const whole = integer(value);
  if (whole !== undefined) return whole.toString();
  if (value instanceof ListValue) return `[${value.items().map(asText).join(', ')}]`;
  if (value instanceof MapValue) return mapAsText(value);
  if (value instanceof TimestampValue) return formatTimestamp(value);
  if (value instanceof DurationValue) return formatDuration(value);
  if (value instanceof TypeValue) return value.name;
  if (value instanceof Uint8Array) return decodeUtf8(value) ?? Buffer.from(value).toString('utf8');
  return wrong(
    'string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps',
    value,
  );
}

function mapAsText(map: MapValue): string {
  const entries = map.keys().map((key) => [asText(key), asText(map.get(key) ?? null)] as const);
  entries.sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0));
  return `{${entries.map(([key, value]) => `${key}: ${value}`).join(', ')}}`;
}

/** Like `asText`, but what is in lists and maps is written as a literal would be. */
function kubernetesText(value: CelValue): string {
  if (value instanceof ListValue) return `[${value.items().map(nested).join(', ')}]`;
  if (!(value instanceof MapValue)) return asText(value);
  const entries = value.keys().map((key) => [nested(key), nested(value.get(key) ?? null)] as const);
  entries.sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0));
  return `{${entries.map(([key, entry]) => `${key}:${entry}`).join(', ')}}`;
}

function nested(value: CelValue): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') return fixed(value, usualPrecision);
  if (value instanceof TimestampValue) return `timestamp("${formatTimestamp(value)}")`;
  if (value instanceof DurationValue) return `duration("${formatDuration(value)}")`;
  if (value instanceof Uint8Array) return `b${JSON.stringify(asText(value))}`;
  return kubernetesText(value);
}

const superscripts: ReadonlyMap<string, string> = new Map([...'⁰¹²³⁴⁵⁶⁷⁸⁹'].map((digit, index) => [String(index), digit]));

/** `1.234567×10⁰⁶`; the precision of the pattern does not count. */
function powerOfTen(value: CelValue): string {
  const plain = scientific(value, usualPrecision);
  const [digits = '', exponent] = plain.split('e');
  if (exponent === undefined) return plain;
  const raised = [...exponent.slice(1)].map((digit) => superscripts.get(digit) ?? '').join('');
  return `${digits}×10${exponent.startsWith('-') ? '⁻' : ''}${raised}`;
}

function decimal(value: CelValue): string {
  const whole = integer(value);
  if (whole !== undefined) return whole.toString();
  if (typeof value === 'number' && !Number.isFinite(value)) return notFinite(value);
  return wrong('decimal clause can only be used on integers', value);
}

function asDouble(value: CelValue, what: string): number {
  if (typeof value === 'number') return value;
  const whole = integer(value);
  if (whole !== undefined) return Number(whole);
  if (value === 'NaN') return NaN;
  if (value === 'Infinity' || value === '-Infinity') return Number(value);
  return wrong(`${what} clause can only be used on doubles`, value);
}

function fixed(value: CelValue, precision: number): string {
  const double = asDouble(value, 'fixed-point');
  return Number.isFinite(double) ? decimalExpansion(double, Math.min(precision, mostPrecision)) : notFinite(double);
}

/** Exactly, to the half-even digit: JavaScript's `toFixed` stops at 100 digits and writes big numbers with exponents. */
function decimalExpansion(value: number, digits: number): string {
  const negative = value < 0 || Object.is(value, -0);
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, Math.abs(value));
  const exponent = bits.getUint16(0) >> 4;
  const fraction = bits.getBigUint64(0) & 0xfffffffffffffn;
  const mantissa = exponent === 0 ? fraction : fraction | 0x10000000000000n;
  const power = (exponent === 0 ? 1 : exponent) - 1075;
  const scaled = mantissa * 10n ** BigInt(digits);
  let rounded: bigint;
  if (power >= 0) rounded = scaled << BigInt(power);
  else {
    const divisor = 1n << BigInt(-power);
    rounded = scaled / divisor;
    const rest = (scaled % divisor) * 2n;
    if (rest > divisor || (rest === divisor && rounded % 2n === 1n)) rounded++;
  }
  const text = rounded.toString().padStart(digits + 1, '0');
  const whole = text.slice(0, text.length - digits);
  return `${negative ? '-' : ''}${whole}${digits > 0 ? `.${text.slice(-digits)}` : ''}`;
}

function scientific(value: CelValue, precision: number): string {
  const double = asDouble(value, 'scientific');
  if (!Number.isFinite(double)) return notFinite(double);
  const [digits = '', exponent = '+0'] = double.toExponential(Math.min(precision, 100)).split('e');
  return `${digits}e${exponent[0] ?? '+'}${exponent.slice(1).padStart(2, '0')}`;
}

function binary(value: CelValue): string {
  if (typeof value === 'boolean') return value ? '1' : '0';
  return integer(value)?.toString(2) ?? wrong('only integers and bools can be formatted as binary', value);
}

function octal(value: CelValue): string {
  return integer(value)?.toString(8) ?? wrong('octal clause can only be used on integers', value);
}

function hexadecimal(value: CelValue, upper: boolean): string {
  const whole = integer(value);
  let text: string;
  if (whole !== undefined) text = whole.toString(16);
  else if (typeof value === 'string') text = Buffer.from(value, 'utf8').toString('hex');
  else if (value instanceof Uint8Array) text = Buffer.from(value).toString('hex');
  else return wrong('only integers, byte buffers, and strings can be formatted as hex', value);
  return upper ? text.toUpperCase() : text;
}
