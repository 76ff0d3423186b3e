// JSON values seen as CEL values through their declared types: nothing is copied, and what is not read is not looked at.

import { setField } from '../../fields.js';
import type { CelType } from '../types.js';
import { dynType, elementOf, valueOf } from '../types.js';
import { formatDuration, formatTimestamp, parseDurationText, parseTimestampText } from './time.js';
import type { CelValue } from './value.js';
import {
  DurationValue,
  ListValue,
  MapValue,
  OpaqueValue,
  OptionalValue,
  StructValue,
  TimestampValue,
  TypeValue,
  UintValue,
  keyOf,
} from './value.js';

/** Turns a JSON value into a CEL value. */
export type Converter = (json: unknown) => CelValue;

/** Converters by type; a type from a schema is one object, so that each is made once. */
const converters = new WeakMap<CelType, Converter>();

/** How values of a declared type are seen. */
export function converterFor(type: CelType): Converter {
  const known = converters.get(type);
  if (known !== undefined) return known;
  const made = makeConverter(type);
  converters.set(type, made);
  return made;
}

function makeConverter(type: CelType): Converter {
  switch (type.kind) {
    case 'int':
      return (json) => (typeof json === 'number' && Number.isInteger(json) ? BigInt(json) : untyped(json));
    case 'double':
      return (json) => (typeof json === 'number' ? json : typeof json === 'bigint' ? Number(json) : untyped(json));
    case 'uint':
      return (json) => (typeof json === 'number' && Number.isInteger(json) && json >= 0 ? new UintValue(BigInt(json)) : untyped(json));
    case 'list':
      return (json) => (Array.isArray(json) ? new JsonList(json, type) : untyped(json));
    case 'map':
      return (json) => (isPlain(json) ? new JsonMap(json, valueOf(type)) : untyped(json));
    case 'object':
      return (json) => (isPlain(json) ? new JsonObject(json, type) : untyped(json));
    case 'timestamp':
      return (json) => (typeof json === 'string' ? (parseTimestampText(json) ?? json) : untyped(json));
    case 'duration':
      return (json) => (typeof json === 'string' ? (parseDurationText(json, true) ?? json) : untyped(json));
    case 'bytes':
      return (json) => (typeof json === 'string' ? new Uint8Array(Buffer.from(json, 'base64')) : untyped(json));
    case 'wrapper':
      return (json) => (json === null ? null : converterFor(elementOf(type))(json));
    default:
      return untyped;
  }
}

function isPlain(json: unknown): json is Readonly<Record<string, unknown>> {
  return typeof json === 'object' && json !== null && !Array.isArray(json) && !isValue(json);
}

function isValue(json: object): json is CelValue & object {
  return (
    json instanceof MapValue ||
    json instanceof ListValue ||
    json instanceof OpaqueValue ||
    json instanceof OptionalValue ||
    json instanceof TimestampValue ||
    json instanceof DurationValue ||
    json instanceof UintValue ||
    json instanceof Uint8Array ||
    json instanceof TypeValue
  );
}

/** JSON of which nothing is declared; whole numbers are ints. CEL values stay what they are. */
function untyped(json: unknown): CelValue {
  switch (typeof json) {
    case 'string':
    case 'boolean':
    case 'bigint':
      return json;
    case 'number':
      return Number.isSafeInteger(json) && !Object.is(json, -0) ? BigInt(json) : json;
    case 'object':
      if (json === null) return null;
      if (isValue(json)) return json;
      return Array.isArray(json) ? new JsonList(json, untypedList) : new JsonMap(json as Readonly<Record<string, unknown>>, dynType);
    default:
      return null;
  }
}

/** Kinds of values that are as long as any other of the kind. */
const shortKinds: ReadonlySet<string> = new Set(['int', 'uint', 'double', 'bool']);

const untypedList: CelType = { kind: 'list', name: 'list', parameters: [dynType] };

export class JsonList extends ListValue {
  private readonly convert: Converter;
  constructor(
    readonly json: readonly unknown[],
    readonly type: CelType,
  ) {
    super();
    this.convert = converterFor(elementOf(type));
  }

  get size(): number {
    return this.json.length;
  }

  at(index: number): CelValue {
    return this.convert(this.json[index]);
  }

  override get mayHoldTexts(): boolean {
    return !shortKinds.has(elementOf(this.type).kind);
  }

  override get listType(): 'set' | 'map' | undefined {
    return this.type.listType;
  }

  override get mapKeys(): readonly string[] | undefined {
    return this.type.listMapKeys;
  }
}

/** A JSON object as a map. Keys are its own properties only. */
export class JsonMap extends MapValue {
  private readonly convert: Converter;
  constructor(
    readonly json: Readonly<Record<string, unknown>>,
    readonly valueType: CelType,
  ) {
    super();
    this.convert = converterFor(valueType);
  }

  get size(): number {
    return Object.keys(this.json).length;
  }

  get(key: CelValue): CelValue | undefined {
    if (typeof key !== 'string' || !Object.hasOwn(this.json, key)) return undefined;
    const value = this.json[key];
    return value === undefined ? undefined : this.convert(value);
  }

  has(key: CelValue): boolean {
    return typeof key === 'string' && Object.hasOwn(this.json, key) && this.json[key] !== undefined;
  }

  keys(): readonly CelValue[] {
    return Object.keys(this.json);
  }
}

/** A JSON object with declared fields, which are named as expressions name them. Fields that are not declared cannot be seen. */
export class JsonObject extends MapValue {
  constructor(
    readonly json: Readonly<Record<string, unknown>>,
    readonly type: CelType,
  ) {
    super();
  }

  override get typeName(): string {
    return this.type.name;
  }

  get size(): number {
    return this.keys().length;
  }

  get(key: CelValue): CelValue | undefined {
    const field = typeof key === 'string' ? this.type.object?.fields.get(key) : undefined;
    if (field === undefined || !Object.hasOwn(this.json, field.jsonName)) return undefined;
    const value = this.json[field.jsonName];
    return value === undefined ? undefined : converterFor(field.type)(value);
  }

  has(key: CelValue): boolean {
    const field = typeof key === 'string' ? this.type.object?.fields.get(key) : undefined;
    return field !== undefined && Object.hasOwn(this.json, field.jsonName) && this.json[field.jsonName] !== undefined;
  }

  keys(): readonly CelValue[] {
    const keys: string[] = [];
    for (const [name, field] of this.type.object?.fields ?? []) if (Object.hasOwn(this.json, field.jsonName)) keys.push(name);
    return keys;
  }
}

/** A JSON value as the declared type shows it; CEL values are taken as they are. */
export function fromJson(json: unknown, type: CelType): CelValue {
  if (typeof json === 'object' && json !== null && isValue(json)) return json;
  return converterFor(type)(json);
}

/** A CEL value as JSON: what a mutating policy writes. Ints beyond what a number holds exactly stay bigints. Throws nothing. */
export function toJson(value: CelValue): unknown {
  switch (typeof value) {
    case 'bigint':
      return Number.isSafeInteger(Number(value)) ? Number(value) : value;
    case 'object':
      break;
    default:
      return value;
  }
  if (value === null) return null;
  if (value instanceof JsonList || value instanceof JsonMap || value instanceof JsonObject) return value.json;
  if (value instanceof ListValue) return value.items().map(toJson);
  if (value instanceof MapValue) return mapToJson(value);
  if (value instanceof UintValue) return toJson(value.value);
  if (value instanceof TypeValue) return value.name;
  if (value instanceof TimestampValue) return formatTimestamp(value);
  if (value instanceof DurationValue) return formatDuration(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (value instanceof OptionalValue) return value.value === undefined ? null : toJson(value.value);
  return null;
}

function mapToJson(value: MapValue): Record<string, unknown> {
  const json: Record<string, unknown> = {};
  for (const key of value.keys()) {
    const entry = value.get(key);
    const plain = keyOf(key)?.toString() ?? '';
    const name = value instanceof StructValue ? (value.type.object?.fields.get(plain)?.jsonName ?? plain) : plain;
    setField(json, name, entry === undefined ? null : toJson(entry));
  }
  return json;
}
