// From a decoded JSON value to an object of the schema: without fields that it does not know and nulls that it does not take.
// https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#field-pruning
import { jsonText } from '../../apimachinery/codec/json.js';
import { setField } from '../../apimachinery/fields.js';
import { isLong, markLong, surelyLong } from '../../apimachinery/schema/weigh.js';
import { finish, Steps, type Work } from '../../clock/slices.js';
import { decoderOf } from '../../apimachinery/schema/decode.js';
import { decodeParts } from '../../apimachinery/schema/decode-work.js';
import type { SchemaNode } from '../../apimachinery/schema/node.js';
import { DecodeError, NumberLiteral, Walk } from '../../apimachinery/schema/problems.js';
import { decodeAny, decodeLiteral } from '../../apimachinery/schema/decode-any.js';
import { below, structuralOf, type Structural } from './structural.js';

/** The parsers refuse deeper texts; this guards against values that never were text. */
const deepest = 2100;

const typeFields = new Set(['apiVersion', 'kind']);

/** Of a field that is not kept. */
const nowhere = Symbol('nowhere');

/** Where any value may be. */
const free = structuralOf({ 'x-kubernetes-preserve-unknown-fields': true });

/** One run: copies what it keeps. */
class Pruning {
  constructor(
    private readonly meta: SchemaNode,
    private readonly walk: Walk,
  ) {}

  value(value: unknown, place: Structural | undefined, depth: number): unknown {
    if (typeof value !== 'object' || value === null) return value;
    if (value instanceof NumberLiteral) return decodeLiteral(value);
    if (depth > deepest) throw new DecodeError('exceeded max depth');
    if (place === undefined) return decodeAny(value, depth);
    if (!Array.isArray(value)) return this.object(value as Readonly<Record<string, unknown>>, place, depth);
    const list: unknown[] = [];
    for (let index = 0; index < value.length; index++) {
      this.walk.steps[depth] = index;
      list.push(this.value((value as readonly unknown[])[index], place.items, depth + 1));
    }
    return list;
  }

  /** {@link value}, which yields in the midst of long values. */
  *valueWork(value: unknown, place: Structural | undefined, depth: number, steps: Steps): Work<unknown> {
    if (!isLong(value) || depth > deepest) return this.value(value, place, depth);
    if (!Array.isArray(value)) return yield* this.objectWork(value as Readonly<Record<string, unknown>>, place ?? free, depth, steps);
    const list: unknown[] = [];
    for (let index = 0; index < value.length; index++) {
      if (steps.due()) yield;
      this.walk.steps[depth] = index;
      const one = (value as readonly unknown[])[index];
      const isShort = typeof one !== 'object' || one === null;
      list.push(isShort ? one : yield* this.valueWork(one, place?.items, depth + 1, steps));
    }
    return list;
  }

  object(value: Readonly<Record<string, unknown>>, place: Structural, depth: number): Record<string, unknown> {
    const output: Record<string, unknown> = {};
    for (const name of Object.keys(value)) {
      const inner = this.placeOf(value, name, place, depth, output);
      if (inner !== nowhere) setField(output, name, this.value(value[name], inner, depth + 1));
    }
    return output;
  }

  /** {@link object}, which yields in the midst of long values. */
  *objectWork(value: Readonly<Record<string, unknown>>, place: Structural, depth: number, steps: Steps): Work<Record<string, unknown>> {
    const output: Record<string, unknown> = {};
    let count = 0;
    for (const name of Object.keys(value)) {
      if (steps.due()) yield;
      const inner = this.placeOf(value, name, place, depth, output);
      if (inner === nowhere) continue;
      const one = value[name];
      const isShort = typeof one !== 'object' || one === null;
      setField(output, name, isShort ? one : yield* this.valueWork(one, inner, depth + 1, steps));
      count++;
    }
    if (count >= surelyLong) markLong(output);
    return output;
  }

  /** The place of a field that is kept and has to be looked into; what an object says of itself is written at once. */
  private placeOf(
    value: Readonly<Record<string, unknown>>,
    name: string,
    place: Structural,
    depth: number,
    output: Record<string, unknown>,
  ): Structural | undefined | typeof nowhere {
    const one = value[name];
    if (one === undefined) return nowhere;
    if (place.embedded && (name === 'metadata' || typeFields.has(name))) {
      if (one !== null) output[name] = this.own(name, one, depth);
      return nowhere;
    }
    const inner = below(place, name);
    if (inner === undefined && !place.open && place.additional !== true) {
      if (this.walk.reportUnknown) this.walk.unknownField(name, depth);
      return nowhere;
    }
    if (one === null && inner !== undefined && !inner.nullable && (inner.default !== undefined || !this.walk.keepNulls)) return nowhere;
    this.walk.steps[depth] = name;
    return inner;
  }

  /** What an object within an object says of itself must be what it is of every object. */
  own(name: string, value: unknown, depth: number): unknown {
    this.walk.steps[depth] = name;
    const refuse = (why: string): never => {
      throw new DecodeError(
        `${this.walk.steps
          .slice(0, depth + 1)
          .map(stepText)
          .join('')
          .slice(1)}: Invalid value: ${shown(value)}: ${why}`,
      );
    };
    if (name !== 'metadata') return typeof value === 'string' ? value : refuse('must be a string');
    const inner = new Walk(this.walk.reportUnknown, undefined, this.walk.steps);
    let decoded: unknown;
    try {
      decoded = decoderOf(this.meta)(value, inner, depth + 1);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      refuse(error.message);
    }
    if (inner.firstError !== undefined) refuse(inner.firstError.message);
    this.walk.problems.push(...inner.problems);
    return decoded;
  }
}

function stepText(step: unknown): string {
  return typeof step === 'number' ? `[${step}]` : `.${String(step)}`;
}

function shown(value: unknown): string {
  return jsonText(decodeAny(value));
}

/** Duplicate keys anywhere, which the real server tells of before all else. */
function reportDuplicates(value: unknown, walk: Walk, depth: number): void {
  if (typeof value !== 'object' || value === null || depth > deepest) return;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      walk.steps[depth] = index;
      reportDuplicates((value as readonly unknown[])[index], walk, depth + 1);
    }
    return;
  }
  for (const { key } of walk.duplicates?.get(value) ?? []) walk.duplicateField(key, depth);
  for (const key of Object.keys(value)) {
    walk.steps[depth] = key;
    reportDuplicates((value as Readonly<Record<string, unknown>>)[key], walk, depth + 1);
  }
}

/** The decoder of a custom resource: `meta` is the node of its metadata. */
export function customDecoder(root: Structural, meta: SchemaNode): (value: unknown, walk: Walk, depth: number) => unknown {
  return (value, walk) => finish(decoded(root, meta, value, walk, undefined));
}

/** {@link customDecoder}, which yields in the midst of long objects. */
export function customDecoderWork(root: Structural, meta: SchemaNode): (value: unknown, walk: Walk, depth: number) => Work<unknown> {
  return (value, walk) => decoded(root, meta, value, walk, new Steps(batch));
}

/** How many parts are copied at a time. */
const batch = 256;

/** All at once without `steps`. */
function* decoded(root: Structural, meta: SchemaNode, value: unknown, walk: Walk, steps: Steps | undefined): Work<unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return walk.remember("Object 'Kind' is missing");
  }
  const input = value as Readonly<Record<string, unknown>>;
  if (walk.duplicates !== undefined) reportDuplicates(input, walk, 0);
  const { kind, apiVersion, metadata, ...rest } = input;
  const output: Record<string, unknown> = {};
  if (kind !== undefined && kind !== null) output['kind'] = kind;
  if (apiVersion !== undefined && apiVersion !== null) output['apiVersion'] = apiVersion;
  if (metadata !== undefined && metadata !== null) {
    walk.steps[0] = 'metadata';
    const inner = new Walk(walk.reportUnknown, undefined, walk.steps);
    const own = steps === undefined ? decoderOf(meta)(metadata, inner, 1) : yield* decodeParts(meta, metadata, inner, 1, steps);
    if (inner.firstError !== undefined) throw inner.firstError;
    walk.problems.push(...inner.problems);
    output['metadata'] = own;
  }
  const told = walk.problems.length;
  const pruning = new Pruning(meta, walk);
  const pruned = steps === undefined ? pruning.object(rest, root, 0) : yield* pruning.objectWork(rest, root, 0, steps);
  for (const name of Object.keys(pruned)) setField(output, name, pruned[name]);
  // As the real server tells of them: duplicates, metadata, then the rest in order.
  if (walk.problems.length - told > 1) walk.problems.push(...walk.problems.splice(told).sort());
  return output;
}

/** An object that was stored under another schema, as this one takes it. What it does not change is shared; the object itself when that is everything. */
export function pruned(object: Readonly<Record<string, unknown>>, root: Structural): Readonly<Record<string, unknown>> {
  return prunedObject(object, root, true);
}

function prunedObject(object: Readonly<Record<string, unknown>>, place: Structural, root: boolean): Readonly<Record<string, unknown>> {
  let output: Record<string, unknown> | undefined;
  const names = Object.keys(object);
  for (let at = 0; at < names.length; at++) {
    const name = names[at]!;
    const one = object[name];
    let kept = one;
    let drop = false;
    if (!((root || place.embedded) && (name === 'metadata' || typeFields.has(name)))) {
      const inner = below(place, name);
      drop = (inner === undefined && !place.open && place.additional !== true) || (one === null && inner !== undefined && !inner.nullable);
      if (!drop && inner !== undefined) kept = prunedValue(one, inner);
    }
    if (kept === one && !drop) {
      if (output !== undefined) setField(output, name, one);
      continue;
    }
    if (output === undefined) {
      output = {};
      for (const before of names.slice(0, at)) setField(output, before, object[before]);
    }
    if (!drop) setField(output, name, kept);
  }
  return output ?? object;
}

function prunedValue(value: unknown, place: Structural): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (!Array.isArray(value)) return prunedObject(value as Readonly<Record<string, unknown>>, place, false);
  const { items } = place;
  if (items === undefined) return value;
  const list = (value as readonly unknown[]).map((one) => prunedValue(one, items));
  return list.every((one, index) => one === (value as readonly unknown[])[index]) ? value : list;
}
