// How one value is read and written: strings, numbers, bytes, and the API's own small types.
import { parseAndScan } from '../codec/json.js';
import { DecodeError } from '../schema/problems.js';
import { canonicalMicroTime, canonicalTime, parseTime } from '../time/time.js';
import { fixed64Wire, lengthWire, ProtobufError, varintWire, type WireReader } from './reader.js';
import type { WireWriter } from './writer.js';

/** Reads and writes one value without its tag. Values are as in JSON; undefined stands for absent. */
export interface ValueCodec {
  readonly wire: 0 | 1 | 2;
  /** `depth` counts messages in messages. */
  read(reader: WireReader, depth: number): unknown;
  write(writer: WireWriter, value: unknown): void;
  /** What an entry of a map has whose value is absent. */
  zero(): unknown;
  /** Whether null is a value of its own; else a null among others is written as an empty message. */
  readonly nullable?: boolean;
}

export const stringCodec: ValueCodec = {
  wire: lengthWire,
  read: (reader) => reader.string(),
  write: (writer, value) => writer.string(value as string),
  zero: () => '',
};

/** Base64 in JSON. */
export const bytesCodec: ValueCodec = {
  wire: lengthWire,
  read: (reader) => reader.bytes().toString('base64'),
  write: (writer, value) => writer.bytes(Buffer.from(value as string, 'base64')),
  zero: () => '',
};

export const boolCodec: ValueCodec = {
  wire: varintWire,
  read: (reader) => reader.bool(),
  write: (writer, value) => writer.varint(value === true ? 1 : 0),
  zero: () => false,
};

export const int32Codec: ValueCodec = {
  wire: varintWire,
  read: (reader) => reader.int32(),
  write: (writer, value) => writer.integer(value as number),
  zero: () => 0,
};

export const int64Codec: ValueCodec = { ...int32Codec, read: (reader) => reader.int64() };

export const doubleCodec: ValueCodec = {
  wire: fixed64Wire,
  read: (reader) => reader.double(),
  write: (writer, value) => writer.double(value as number),
  zero: () => 0,
};

/** Calls `field` for each field of a message, which reads or skips it. */
export function readFields(reader: WireReader, name: string, field: (tag: number) => void): void {
  const outer = reader.end;
  const end = reader.lengthEnd();
  reader.end = end;
  while (reader.at < end) field(reader.tag(name));
  reader.end = outer;
}

/** Writes a message's fields by `fields`, last field first, and their length before them. */
export function writeFields(writer: WireWriter, fields: () => void): void {
  const after = writer.length;
  fields();
  writer.varint(writer.length - after);
}

const [field1, field2, field3] = [1 * 8, 2 * 8, 3 * 8];

/** Seconds 1, nanoseconds 2; the time that stands for none is an empty message. `fraction` in JSON: how the nanoseconds are shown. */
function timeCodec(name: string, micro: boolean): ValueCodec {
  return {
    wire: lengthWire,
    read: (reader) => {
      let seconds = 0;
      let nanos = 0;
      let any = false;
      readFields(reader, name, (tag) => {
        any = true;
        if (tag === field1) seconds = Number(integerOf(reader.int64()));
        else if (tag === field2) nanos = reader.int32();
        else reader.skip(tag & 7);
      });
      return any ? timeText(seconds, nanos, micro) : null;
    },
    write: (writer, value) => {
      const text = value as string;
      const seconds = Math.floor(millisecondsOf(text) / 1000);
      const nanos = micro ? Number(canonicalMicroTime(text).slice(-7, -1)) * 1000 : 0;
      writeFields(writer, () => {
        writer.varint(nanos);
        writer.varint(field2);
        writer.integer(seconds);
        writer.varint(field1);
      });
    },
    zero: () => null,
  };
}

/** Stored times are in UTC, which the runtime reads faster. */
function millisecondsOf(text: string): number {
  const quick = text.endsWith('Z') ? Date.parse(text) : NaN;
  return Number.isNaN(quick) ? parseTime(text) : quick;
}

function integerOf(value: number | { readonly text: string }): number {
  return typeof value === 'number' ? value : Number(value.text);
}

/** From the year 0 to the end of 9999, in seconds since the epoch. */
const [firstSecond, lastSecond] = [-62_167_219_200, 253_402_300_799];

function timeText(seconds: number, nanos: number, micro: boolean): string {
  const whole = seconds + Math.floor(nanos / 1e9);
  if (whole < firstSecond || whole > lastSecond) throw new ProtobufError('Time.MarshalJSON: year outside of range [0,9999]');
  const text = new Date(whole * 1000).toISOString().slice(0, 19);
  if (!micro) return canonicalTime(`${text}Z`);
  const rest = nanos - Math.floor(nanos / 1e9) * 1e9;
  return `${text}.${String(Math.floor(rest / 1000)).padStart(6, '0')}Z`;
}

const quantityCodec: ValueCodec = {
  wire: lengthWire,
  read: (reader) => {
    let text = '';
    readFields(reader, 'Quantity', (tag) => {
      if (tag === field1 + lengthWire) text = reader.string();
      else reader.skip(tag & 7);
    });
    return text === '' ? '0' : text;
  },
  write: (writer, value) =>
    writeFields(writer, () => {
      writer.string(String(value));
      writer.varint(field1 + lengthWire);
    }),
  zero: () => '0',
};

/** Type 1 (0 for a number, 1 for a text), the number 2, the text 3. All three are always written, as the real server does. */
const intOrStringCodec: ValueCodec = {
  wire: lengthWire,
  read: (reader) => {
    let type = 0;
    let number = 0;
    let text = '';
    readFields(reader, 'IntOrString', (tag) => {
      if (tag === field1) type = reader.int32();
      else if (tag === field2) number = reader.int32();
      else if (tag === field3 + lengthWire) text = reader.string();
      else reader.skip(tag & 7);
    });
    return type === 0 ? number : text;
  },
  write: (writer, value) =>
    writeFields(writer, () => {
      const isText = typeof value === 'string';
      writer.string(isText ? value : '');
      writer.varint(field3 + lengthWire);
      writer.integer(isText ? 0 : (value as number));
      writer.varint(field2);
      writer.varint(isText ? 1 : 0);
      writer.varint(field1);
    }),
  zero: () => 0,
};

/** Any JSON value as its text: RawExtension, FieldsV1 and JSON. */
const rawCodec: ValueCodec = {
  wire: lengthWire,
  read: (reader) => {
    let raw: Buffer | undefined;
    readFields(reader, 'RawExtension', (tag) => {
      if (tag === field1 + lengthWire) raw = reader.bytes();
      else reader.skip(tag & 7);
    });
    return raw === undefined || raw.length === 0 ? null : jsonOf(raw);
  },
  write: (writer, value) =>
    writeFields(writer, () => {
      writer.string(JSON.stringify(value));
      writer.varint(field1 + lengthWire);
    }),
  zero: () => null,
  nullable: true,
};

function jsonOf(raw: Buffer): unknown {
  try {
    return parseAndScan(raw).value;
  } catch (error) {
    throw new DecodeError(error instanceof Error ? error.message : String(error));
  }
}

/** Messages that are no structs in JSON, by definition name. */
export const specialCodecs: ReadonlyMap<string, ValueCodec> = new Map([
  ['io.k8s.apimachinery.pkg.apis.meta.v1.Time', timeCodec('Time', false)],
  ['io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime', timeCodec('MicroTime', true)],
  ['io.k8s.apimachinery.pkg.api.resource.Quantity', quantityCodec],
  ['io.k8s.apimachinery.pkg.util.intstr.IntOrString', intOrStringCodec],
  ['io.k8s.apimachinery.pkg.runtime.RawExtension', rawCodec],
  ['io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1', rawCodec],
  ['io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON', rawCodec],
]);

/** The scalars of protobuf.json. */
export const scalarCodecs: ReadonlyMap<string, ValueCodec> = new Map([
  ['string', stringCodec],
  ['bytes', bytesCodec],
  ['bool', boolCodec],
  ['int32', int32Codec],
  ['int64', int64Codec],
  ['float64', doubleCodec],
]);
