// Messages that are structs in JSON: a plan of their fields, made from the schema and the field numbers on first use.
import { setField } from '../fields.js';
import type { Work } from '../../clock/slices.js';
import { markLong, surelyLong } from '../schema/weigh.js';
import { goNameOf } from './go-names.js';
import { lengthWire, ProtobufError, type WireReader } from './reader.js';
import { readFields, type ValueCodec } from './value.js';
import type { WireWriter } from './writer.js';

/** The most messages in messages: JSON schemas may nest without end. */
const deepest = 1000;

/** So many bytes are read at a time, when somebody else may have their turn in between. */
const longPart = 16 * 1024;

export type Shape = 'one' | 'list' | 'map' | 'inline';

/** A field as the schema and the facts have it. */
export interface FieldFacts {
  readonly number: number;
  /** In JSON; of an inline struct, the struct's own name. */
  readonly name: string;
  /** The type in protobuf.json. */
  readonly type: string;
  readonly shape: Shape;
  /** Of one value, an element or a map's value; asked for once, when the field is first met. */
  codec(): ValueCodec;
}

class Field {
  readonly tag: number;
  readonly goName: string;

  constructor(
    readonly facts: FieldFacts,
    readonly codec: ValueCodec,
  ) {
    const wire = facts.shape === 'one' || facts.shape === 'list' ? codec.wire : lengthWire;
    this.tag = facts.number * 8 + wire;
    this.goName = goNameOf(facts.name, facts.type);
  }
}

/** A message with named fields. */
export class StructCodec implements ValueCodec {
  readonly wire = lengthWire;
  /** By number, ascending. */
  #plan: readonly Field[] | undefined;
  #byNumber: ReadonlyMap<number, Field> | undefined;

  /** `name` is for errors: `PodSpec`. */
  constructor(
    private readonly name: string,
    private readonly facts: () => readonly FieldFacts[],
  ) {}

  read(reader: WireReader, depth: number): Record<string, unknown> {
    const output: Record<string, unknown> = {};
    readFields(reader, this.name, (tag) => this.#readField(reader, tag, output, depth));
    return output;
  }

  /** Reads a message that goes to the reader's end, without a length before it. */
  readAll(reader: WireReader): Record<string, unknown> {
    const output: Record<string, unknown> = {};
    while (reader.at < reader.end) this.#readField(reader, reader.tag(this.name), output, 0);
    return output;
  }

  /** {@link readAll}, which yields in the midst of a long message. */
  *readAllWork(reader: WireReader): Work<Record<string, unknown>> {
    const output: Record<string, unknown> = {};
    yield* this.#readToEnd(reader, output, 0);
    return output;
  }

  *#readToEnd(reader: WireReader, output: Record<string, unknown>, depth: number): Work<void> {
    const maps = new LongMaps();
    for (let last = reader.at; reader.at < reader.end;) {
      if (reader.at - last > longPart) {
        last = reader.at;
        yield;
      }
      const tag = reader.tag(this.name);
      const long = this.#longMessage(reader, tag, output);
      if (long === undefined) {
        this.#readField(reader, tag, output, depth);
        const field = this.#fieldOf(tag);
        if (field?.facts.shape === 'map') maps.entry(output[field.facts.name]);
      } else {
        if (depth >= deepest) throw new ProtobufError('exceeded max depth');
        const outer = reader.end;
        reader.end = reader.lengthEnd();
        yield* long.codec.#readToEnd(reader, long.object, depth + 1);
        reader.end = outer;
      }
    }
  }

  /** The codec of a field that is a long message, and the object that it is read into; undefined for any other field. */
  #longMessage(
    reader: WireReader,
    tag: number,
    output: Record<string, unknown>,
  ): { readonly codec: StructCodec; readonly object: Record<string, unknown> } | undefined {
    if (reader.end - reader.at < longPart) return undefined;
    const field = this.#fieldOf(tag);
    if (field === undefined || tag !== field.tag || field.facts.shape === 'map' || !(field.codec instanceof StructCodec)) return undefined;
    const { at } = reader;
    const length = reader.lengthEnd() - reader.at;
    reader.at = at;
    if (length < longPart) return undefined;
    const { codec, facts } = field;
    if (facts.shape === 'inline') return { codec, object: output };
    const made: Record<string, unknown> = {};
    if (facts.shape === 'list') {
      listOf(output, facts.name).push(made);
      return { codec, object: made };
    }
    return { codec, object: (output[facts.name] ??= made) as Record<string, unknown> };
  }

  #fieldOf(tag: number): Field | undefined {
    this.#byNumber ??= new Map(this.#fields().map((field) => [field.facts.number, field]));
    return this.#byNumber.get(Math.floor(tag / 8));
  }

  write(writer: WireWriter, value: unknown): void {
    const after = writer.length;
    this.writeFields(writer, value as Record<string, unknown>);
    writer.varint(writer.length - after);
  }

  /** The fields without a length before them. */
  writeFields(writer: WireWriter, object: Readonly<Record<string, unknown>>): void {
    const plan = this.#fields();
    for (let index = plan.length - 1; index >= 0; index--) {
      const field = plan[index]!;
      const { shape, name } = field.facts;
      if (shape === 'inline') {
        writeInline(writer, field, object);
        continue;
      }
      const value = object[name];
      if (value === undefined || value === null) continue;
      if (shape === 'one') {
        field.codec.write(writer, value);
        writer.varint(field.tag);
      } else if (shape === 'list') {
        const list = value as readonly unknown[];
        for (let at = list.length - 1; at >= 0; at--) {
          writeElement(writer, field.codec, list[at]);
          writer.varint(field.tag);
        }
      } else writeMap(writer, field, value as Readonly<Record<string, unknown>>);
    }
  }

  zero(): unknown {
    return {};
  }

  #fields(): readonly Field[] {
    return (this.#plan ??= this.facts()
      .map((facts) => new Field(facts, facts.codec()))
      .sort((a, b) => a.tag - b.tag));
  }

  #readField(reader: WireReader, tag: number, output: Record<string, unknown>, depth: number): void {
    if (depth > deepest) throw new ProtobufError('exceeded max depth');
    const field = this.#fieldOf(tag);
    if (field === undefined) return reader.skip(tag & 7);
    const { shape, name } = field.facts;
    if (tag !== field.tag) {
      if (shape === 'list' && (tag & 7) === lengthWire) return readPacked(reader, field, output);
      throw new ProtobufError(`proto: wrong wireType = ${tag & 7} for field ${field.goName}`);
    }
    if (shape === 'one') {
      // A message that comes twice is one message in two parts.
      const earlier = output[name];
      if (earlier !== undefined && field.codec instanceof StructCodec)
        field.codec.#readInto(reader, earlier as Record<string, unknown>, depth + 1);
      else output[name] = field.codec.read(reader, depth + 1);
    } else if (shape === 'list') listOf(output, name).push(field.codec.read(reader, depth + 1));
    else if (shape === 'map') readEntry(reader, field, output, depth + 1);
    else if (field.codec instanceof StructCodec) field.codec.#readInto(reader, output, depth + 1);
  }

  /** Reads an inline struct's fields into the object that it stands in. */
  #readInto(reader: WireReader, output: Record<string, unknown>, depth: number): void {
    readFields(reader, this.name, (tag) => this.#readField(reader, tag, output, depth));
  }
}

/** Counts the entries of maps that are read one after the other: to look through the keys of very many takes a while. */
class LongMaps {
  #map: unknown;
  #entries = 0;

  entry(map: unknown): void {
    if (map !== this.#map) {
      this.#map = map;
      this.#entries = 0;
    }
    this.#entries++;
    // An entry may come again, and then counts only once.
    if (this.#entries % countedAt === 0 && typeof map === 'object' && map !== null && Object.keys(map).length >= surelyLong) {
      markLong(map);
      this.#entries = -Infinity;
    }
  }
}

/** After so many entries it is looked whether they are many. */
const countedAt = 2 * surelyLong;

function listOf(output: Record<string, unknown>, name: string): unknown[] {
  const list = output[name];
  if (Array.isArray(list)) return list;
  const made: unknown[] = [];
  output[name] = made;
  return made;
}

/** Numbers one after the other in one field. */
function readPacked(reader: WireReader, field: Field, output: Record<string, unknown>): void {
  const list = listOf(output, field.facts.name);
  const outer = reader.end;
  const end = reader.lengthEnd();
  reader.end = end;
  while (reader.at < end) list.push(field.codec.read(reader, 0));
  reader.end = outer;
}

const [keyTag, valueNumber] = [1 * 8 + lengthWire, 2];

function readEntry(reader: WireReader, field: Field, output: Record<string, unknown>, depth: number): void {
  let key = '';
  let value: unknown;
  const { codec } = field;
  const valueTag = valueNumber * 8 + codec.wire;
  readFields(reader, field.goName, (tag) => {
    if (tag === keyTag) key = reader.string();
    else if (tag === valueTag) value = codec.read(reader, depth);
    else reader.skip(tag & 7);
  });
  if (value === undefined) value = codec.zero();
  const map = (output[field.facts.name] ??= {}) as Record<string, unknown>;
  setField(map, key, value);
}

function writeInline(writer: WireWriter, field: Field, object: Readonly<Record<string, unknown>>): void {
  if (!(field.codec instanceof StructCodec)) return;
  const after = writer.length;
  field.codec.writeFields(writer, object);
  const size = writer.length - after;
  if (size === 0) return;
  writer.varint(size);
  writer.varint(field.tag);
}

/** Keys in order, as the real server writes them. */
function writeMap(writer: WireWriter, { codec, tag }: Field, map: Readonly<Record<string, unknown>>): void {
  const keys = Object.keys(map);
  if (keys.length > 1) keys.sort();
  for (let index = keys.length - 1; index >= 0; index--) {
    const key = keys[index]!;
    const after = writer.length;
    writeElement(writer, codec, map[key]);
    writer.varint(valueNumber * 8 + codec.wire);
    writer.string(key);
    writer.varint(keyTag);
    writer.varint(writer.length - after);
    writer.varint(tag);
  }
}

/** An element cannot be left out: one that is null is an empty message, or the type's zero. */
function writeElement(writer: WireWriter, codec: ValueCodec, value: unknown): void {
  if (value !== null && value !== undefined) return codec.write(writer, value);
  if (codec.nullable === true) codec.write(writer, null);
  else writer.varint(0);
}
