// Decodes a JSON value into a fresh object of a schema's shape, as the real server's decoder does.
import { setField } from '../fields.js';
import type { Mutable } from '../object.js';
import { decodeAny, decodeUnion } from './decode-any.js';
import { emptyKindOf, isEmpty, type EmptyKind } from './empty.js';
import type { SchemaField, SchemaNode } from './node.js';
import { DecodeError, Walk, type Duplicates, type Place } from './problems.js';
import { decodeScalar } from './scalars.js';

export { DecodeError } from './problems.js';

export interface DecodeOptions {
  /** Collect unknown fields (fieldValidation Strict or Warn); they are dropped either way. */
  readonly reportUnknown?: boolean;
  /** Keys that the text has twice, to be reported in their places with the unknown fields. */
  readonly duplicates?: Duplicates | undefined;
  /** Of custom resources: nulls that they do not take are not dropped. */
  readonly keepNulls?: boolean;
  /** The input is nobody else's, and no part of it is in two places: the object is made of it. */
  readonly owned?: boolean;
}

export interface Decoded {
  /** A fresh object, owned by the caller; shares no object or array with the input, unless that is `owned`. */
  readonly object: Mutable;
  /** `unknown field "spec.foo"`, in the order of the input; empty unless asked for. */
  readonly problems: readonly string[];
}

/** Decodes one value that is not null; undefined when it has the wrong type (the walk remembers). `depth` is the length of the walk's path. */
export type Decoder = (value: unknown, walk: Walk, depth: number) => unknown;

/** The most levels of an object. The parsers refuse deeper texts; this guards against values that never were text. */
const deepest = 2100;

/**
 * Decodes `input` (what `parseJson` or `parseYaml` returned) by `node`. Unknown fields and nulls are dropped, empty values come out as the real
 * server writes them, quantities and times are made canonical.
 * Throws DecodeError when a value has the wrong JSON type; its message is the tail of the real server's 400 (`json: cannot unmarshal …`).
 */
export function decodeObject(node: SchemaNode, input: unknown, options: DecodeOptions = {}): Decoded {
  const walk = new Walk(options.reportUnknown ?? false, options.duplicates, [], options.keepNulls, options.owned);
  const object = input === null || input === undefined ? zeroOf(node) : decoderOf(node)(input, walk, 0);
  if (walk.firstError !== undefined) throw walk.firstError;
  return { object: object as Mutable, problems: walk.problems };
}

/** Decoders by node, each made once; the nodes are compiled once themselves. */
const decoders = new WeakMap<SchemaNode, Decoder>();

export function decoderOf(node: SchemaNode): Decoder {
  let decoder = decoders.get(node);
  if (decoder === undefined) decoders.set(node, (decoder = node.decode ?? makeDecoder(node)));
  return decoder;
}

function makeDecoder(node: SchemaNode): Decoder {
  switch (node.type) {
    case 'object':
      return structDecoder(node);
    case 'map':
      return mapDecoder(node, node.additional!);
    case 'array':
      return arrayDecoder(node, node.items!);
    case 'any': {
      const schema = node.additional;
      return schema === undefined
        ? (value) => decodeAny(value)
        : (value, walk, depth) => decodeUnion(node, value, walk, depth, (inner, walk, depth) => decoderOf(schema)(inner, walk, depth));
    }
    default:
      return (value, walk, depth) => decodeScalar(node, value, walk, depth);
  }
}

/** A field with all that the walk needs of it at hand. */
export interface FieldPlan extends Place {
  decode: Decoder | undefined;
  readonly drop: EmptyKind;
}

export interface StructPlan {
  readonly fields: ReadonlyMap<string, FieldPlan>;
  /** Fields that are written even when absent. */
  readonly always: readonly SchemaField[];
}

export function structPlan(node: SchemaNode): StructPlan {
  const owner = node.name.slice(node.name.lastIndexOf('.') + 1);
  const fields = new Map<string, FieldPlan>();
  const always: SchemaField[] = [];
  for (const field of node.fields.values()) {
    fields.set(field.name, { field, owner, decode: undefined, drop: emptyKindOf(field) });
    if (field.whenEmpty === 'zero' || field.whenEmpty === 'null') always.push(field);
  }
  return { fields, always };
}

function structDecoder(node: SchemaNode): Decoder {
  let plan: StructPlan | undefined;
  return (value, walk, depth) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return walk.wrongType(value, node, depth);
    if (depth > deepest) throw new DecodeError('exceeded max depth');
    plan ??= structPlan(node);
    const input = value as Record<string, unknown>;
    // The input itself as long as nothing in it is dropped: what is taken out of an object makes it slow for as long as it lives.
    let output: Record<string, unknown> = walk.owned ? input : {};
    const twice = walk.duplicates?.get(input);
    let index = 0;
    for (const key in input) {
      if (twice !== undefined) reportDuplicates(twice, index++, walk, depth, plan.fields);
      const place = plan.fields.get(key);
      const one = input[key];
      let decoded: unknown;
      if (place === undefined) {
        if (walk.reportUnknown) walk.unknownField(key, depth);
      } else if (one !== null && one !== undefined) {
        walk.steps[depth] = place;
        decoded = (place.decode ??= decoderOf(place.field.node))(one, walk, depth + 1);
      }
      if (decoded === undefined || (place!.drop !== 0 && isEmpty(decoded, place!.drop))) {
        if (output === input) output = fieldsBefore(input, key);
      } else if (output !== input || decoded !== one) output[key] = decoded;
    }
    if (twice !== undefined) reportDuplicates(twice, index, walk, depth, plan.fields);
    for (const field of plan.always) if (output[field.name] === undefined) output[field.name] = fieldZero(field);
    return output;
  };
}

/** The fields of an object that come before one of them, in an object of their own. */
function fieldsBefore(input: Readonly<Record<string, unknown>>, end: string): Record<string, unknown> {
  const output: Record<string, unknown> = {};
  for (const key in input) {
    if (key === end) break;
    setField(output, key, input[key]);
  }
  return output;
}

/** Reports the keys whose second occurrence came after `index` different keys. Only a struct's own fields; unknown ones are reported as such. */
export function reportDuplicates(
  twice: readonly { readonly key: string; readonly after: number }[],
  index: number,
  walk: Walk,
  depth: number,
  fields?: ReadonlyMap<string, unknown>,
): void {
  for (const { key, after } of twice) {
    if (after === index && (fields?.has(key) ?? true)) walk.duplicateField(key, depth);
  }
}

function mapDecoder(node: SchemaNode, values: SchemaNode): Decoder {
  const simple = values.type === 'string' && values.format !== 'byte';
  return (value, walk, depth) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return walk.wrongType(value, node, depth);
    if (depth > deepest) throw new DecodeError('exceeded max depth');
    const input = value as Record<string, unknown>;
    let output: Record<string, unknown> = walk.owned ? input : {};
    const twice = walk.duplicates?.get(input);
    const decode = decoderOf(values);
    let index = 0;
    for (const key in input) {
      if (twice !== undefined) reportDuplicates(twice, index++, walk, depth);
      const one = input[key];
      let decoded: unknown;
      if (simple && typeof one === 'string') decoded = one;
      else if (one === null || one === undefined) decoded = zeroOf(values);
      else {
        walk.steps[depth] = key;
        decoded = decode(one, walk, depth + 1);
        if (decoded === undefined) {
          if (output === input) output = fieldsBefore(input, key);
          continue;
        }
      }
      if (output !== input || decoded !== one) setField(output, key, decoded);
    }
    if (twice !== undefined) reportDuplicates(twice, index, walk, depth);
    return output;
  };
}

function arrayDecoder(node: SchemaNode, items: SchemaNode): Decoder {
  return (value, walk, depth) => {
    if (!Array.isArray(value)) return walk.wrongType(value, node, depth);
    if (depth > deepest) throw new DecodeError('exceeded max depth');
    const input = value as readonly unknown[];
    const decode = decoderOf(items);
    // As long as the input from the start: a list that grows takes room for seventeen, for as long as it lives.
    const output: unknown[] = walk.owned ? (value as unknown[]) : input.slice();
    let length = 0;
    for (let index = 0; index < input.length; index++) {
      const one = input[index];
      let decoded: unknown;
      if (one === null || one === undefined) decoded = zeroOf(items);
      else {
        walk.steps[depth] = index;
        decoded = decode(one, walk, depth + 1);
        if (decoded === undefined) continue;
      }
      if (decoded !== one || length !== index) output[length] = decoded;
      length++;
    }
    if (length < output.length) output.length = length;
    return output;
  };
}

export function fieldZero(field: SchemaField): unknown {
  return field.whenEmpty === 'null' ? null : zeroOf(field.node);
}

/** What the server writes where a value of this type is null or absent and must be there; fresh each time. */
export function zeroOf(node: SchemaNode): unknown {
  switch (node.type) {
    case 'object': {
      const output: Record<string, unknown> = {};
      for (const field of node.fields.values()) {
        if (field.whenEmpty === 'zero' || field.whenEmpty === 'null') output[field.name] = fieldZero(field);
      }
      return output;
    }
    case 'string':
      return '';
    case 'integer':
    case 'number':
    case 'intOrString':
      return 0;
    case 'boolean':
      return false;
    case 'quantity':
      return '0';
    default:
      return null;
  }
}
