// What an apply configuration's expression constructed, as JSON: the types that it named must be those of their places.
import { formatTimestamp } from '../../../apimachinery/cel/values/time.js';
import type { MapValue } from '../../../apimachinery/cel/values/value.js';
import {
  DurationValue,
  EntriesMap,
  ListValue,
  OpaqueValue,
  StructValue,
  TimestampValue,
  UintValue,
  type CelValue,
} from '../../../apimachinery/cel/values/value.js';
import { toJson } from '../../../apimachinery/cel/values/json.js';
import { setField } from '../../../apimachinery/fields.js';
import { NativeValue, shortText, typedText } from '../../../apimachinery/managedfields/go-text.js';
import { formatQuantity, type Quantity } from '../../../apimachinery/quantity/quantity.js';

/** A value cannot be an apply configuration; the message is the real server's. */
export class UnusableValue extends Error {}

export interface Constructed {
  readonly config: unknown;
  /** The same with what no JSON has as it is, for checking its types; `config` itself when there is nothing of the kind. */
  readonly native: unknown;
}

/** Throws UnusableValue. Expressions are bounded in depth, so values are as well. */
export function constructedObject(value: CelValue): Constructed {
  const found = { native: false };
  const native = nativeOf(value, 'Object', found);
  return { native, config: found.native ? toJson(value) : native };
}

interface Found {
  /** Something is no JSON. */
  native: boolean;
}

/** `path` is the name of the type that is expected here. */
function nativeOf(value: CelValue, path: string, found: Found): unknown {
  if (value instanceof StructValue) {
    if (value.type.name === path) return fieldsOf(value, (name) => `${path}.${name}`, found);
    const expected = `expected ${JSON.stringify(path)}, which matches field name path from root Object type`;
    throw new UnusableValue(`type mismatch: unexpected type name ${JSON.stringify(value.type.name)}, ${expected}`);
  }
  if (value instanceof ListValue) {
    const items: unknown[] = [];
    for (let index = 0; index < value.size; index++) items.push(innerOf(value.at(index), path, found));
    return items;
  }
  if (value instanceof EntriesMap) return fieldsOf(value, () => path, found);
  const native = nativeScalar(value);
  if (native === undefined) return toJson(value);
  found.native = true;
  return native;
}

function fieldsOf(value: MapValue, pathOf: (name: string) => string, found: Found): unknown {
  const json: Record<string, unknown> = {};
  for (const key of value.keys()) {
    if (typeof key !== 'string') throw new UnusableValue('invalid return type: *dynamic.ObjectVal');
    const inner = value.get(key) ?? null;
    setField(json, key, value instanceof StructValue ? nativeOf(inner, pathOf(key), found) : innerOf(inner, pathOf(key), found));
  }
  return json;
}

/** Of a value in a map or list: a map or list that is written out there is none to the schema any more. */
function innerOf(value: CelValue, path: string, found: Found): unknown {
  const type = value instanceof ListValue ? '[]ref.Val' : value instanceof EntriesMap ? 'map[ref.Val]ref.Val' : undefined;
  if (type === undefined || value instanceof StructValue) return nativeOf(value, path, found);
  found.native = true;
  const json = toJson(value);
  return new NativeValue(shortText(json), typedText(json).replace(/^(?:\[\]|map\[string\])interface \{\}/, type), type);
}

/** Undefined for what JSON has. */
function nativeScalar(value: CelValue): NativeValue | undefined {
  if (value === null) return new NativeValue('NULL_VALUE', '0', 'structpb.NullValue');
  if (value instanceof UintValue) return new NativeValue(value.value.toString(), `0x${value.value.toString(16)}`, 'uint64');
  if (value instanceof TimestampValue) return nativeTime(formatTimestamp(value));
  if (value instanceof DurationValue)
    return new NativeValue(durationText(value.nanoseconds), value.nanoseconds.toString(), 'time.Duration');
  if (value instanceof OpaqueValue) {
    const type = `*${value.type.name.replace('kubernetes.', 'resource.')}`;
    const short = type === '*resource.Quantity' ? formatQuantity(value.content as Quantity) : '';
    return new NativeValue(short, `(${type})(nil)`, type);
  }
  if (!(value instanceof Uint8Array)) return undefined;
  const bytes = [...value];
  const hex = bytes.map((byte) => `0x${byte.toString(16)}`).join(', ');
  return new NativeValue(`[${bytes.join(' ')}]`, `[]uint8{${hex}}`, '[]uint8');
}

/** `1h0m1.5s`, `90ms`, `3µs`. */
function durationText(nanoseconds: bigint): string {
  const sign = nanoseconds < 0n ? '-' : '';
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  if (size === 0n) return '0s';
  if (size < 1000n) return `${sign}${size}ns`;
  if (size < 1_000_000n) return `${sign}${Number(size) / 1000}µs`;
  if (size < 1_000_000_000n) return `${sign}${Number(size) / 1_000_000}ms`;
  const minutes = size / 60_000_000_000n;
  const seconds = `${Number(size % 60_000_000_000n) / 1_000_000_000}s`;
  if (minutes === 0n) return `${sign}${seconds}`;
  return `${sign}${minutes < 60n ? '' : `${minutes / 60n}h`}${minutes % 60n}m${seconds}`;
}

const months = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];

/** @param text as in RFC 3339, in UTC */
function nativeTime(text: string): NativeValue {
  const [, year = '', month = '', day = '', hour = '', minute = '', second = '', fraction = ''] =
    /^(-?\d+)-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?Z$/.exec(text) ?? [];
  const parts = [
    Number(year),
    `time.${months[Number(month) - 1] ?? ''}`,
    ...[day, hour, minute, second, fraction.padEnd(9, '0')].map(Number),
    'time.UTC',
  ];
  return new NativeValue(text.replace('T', ' ').replace('Z', ' +0000 UTC'), `time.Date(${parts.join(', ')})`, 'time.Time');
}
