// Decodes a long value in slices: what is long is gone through part by part, all else is decoded at once.
import { Steps, type Work } from '../../clock/slices.js';
import { setField } from '../fields.js';
import type { Mutable } from '../object.js';
import {
  decodeObject,
  decoderOf,
  fieldZero,
  reportDuplicates,
  structPlan,
  zeroOf,
  type Decoded,
  type DecodeOptions,
  type StructPlan,
} from './decode.js';
import { decodeAny } from './decode-any.js';
import { isEmpty } from './empty.js';
import type { SchemaNode } from './node.js';
import { Walk } from './problems.js';
import { isLong, markLong, surelyLong } from './weigh.js';

/** {@link decodeObject}, which yields in the midst of long values. */
export function* decodeObjectWork(node: SchemaNode, input: unknown, options: DecodeOptions = {}): Work<Decoded> {
  if (!isLong(input)) return decodeObject(node, input, options);
  const walk = new Walk(options.reportUnknown ?? false, options.duplicates, [], options.keepNulls);
  const object = yield* decodeParts(node, input, walk, 0, new Steps(batch));
  if (walk.firstError !== undefined) throw walk.firstError;
  return { object: object as Mutable, problems: walk.problems };
}

/** How many parts are decoded at a time. */
const batch = 256;

/** As the decoder of the node does, of a value that is not null. */
export function* decodeParts(node: SchemaNode, value: unknown, walk: Walk, depth: number, steps: Steps): Work<unknown> {
  if (node.decodeWork !== undefined) return yield* node.decodeWork(value, walk, depth);
  if (node.decode === undefined && isContainer(value) && isLong(value)) {
    if (node.type === 'object' && !Array.isArray(value)) return yield* decodeStruct(node, value as Fields, walk, depth, steps);
    if (node.type === 'map' && !Array.isArray(value)) return yield* decodeMap(node, value as Fields, walk, depth, steps);
    if (node.type === 'array' && Array.isArray(value)) return yield* decodeArray(node, value, walk, depth, steps);
  }
  if (node.decode === undefined && node.type === 'any' && node.additional === undefined && isLong(value)) {
    return yield* decodeFree(value, 0, steps);
  }
  yield;
  return decoderOf(node)(value, walk, depth);
}

/** As `decodeAny` does. */
function* decodeFree(value: unknown, depth: number, steps: Steps): Work<unknown> {
  if (depth > deepestFree || !isContainer(value) || !isLong(value)) return decodeAny(value, depth);
  if (Array.isArray(value)) {
    const list: unknown[] = [];
    for (const one of value as readonly unknown[]) {
      if (steps.due()) yield;
      list.push(isContainer(one) ? yield* decodeFree(one, depth + 1, steps) : one);
    }
    return list;
  }
  const output: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    if (steps.due()) yield;
    const one = (value as Fields)[key];
    if (one !== undefined) setField(output, key, isContainer(one) ? yield* decodeFree(one, depth + 1, steps) : one);
  }
  return output;
}

/** Deeper values are not gone through part by part, and refused. */
const deepestFree = 2000;

type Fields = Readonly<Record<string, unknown>>;

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** A memo, not state: it goes with the node. */
const plans = new WeakMap<SchemaNode, StructPlan>();

function* decodeStruct(node: SchemaNode, input: Fields, walk: Walk, depth: number, steps: Steps): Work<unknown> {
  let plan = plans.get(node);
  if (plan === undefined) plans.set(node, (plan = structPlan(node)));
  const output: Record<string, unknown> = {};
  const twice = walk.duplicates?.get(input);
  let index = 0;
  for (const key of Object.keys(input)) {
    if (steps.due()) yield;
    if (twice !== undefined) reportDuplicates(twice, index++, walk, depth, plan.fields);
    const place = plan.fields.get(key);
    if (place === undefined) {
      if (walk.reportUnknown) walk.unknownField(key, depth);
      continue;
    }
    const one = input[key];
    if (one === null || one === undefined) continue;
    walk.steps[depth] = place;
    const decoded =
      isContainer(one) && isLong(one)
        ? yield* decodeParts(place.field.node, one, walk, depth + 1, steps)
        : decoderOf(place.field.node)(one, walk, depth + 1);
    if (decoded === undefined || (place.drop !== 0 && isEmpty(decoded, place.drop))) continue;
    output[key] = decoded;
  }
  if (twice !== undefined) reportDuplicates(twice, index, walk, depth, plan.fields);
  for (const field of plan.always) if (output[field.name] === undefined) output[field.name] = fieldZero(field);
  return output;
}

function* decodeMap(node: SchemaNode, input: Fields, walk: Walk, depth: number, steps: Steps): Work<unknown> {
  const values = node.additional!;
  const simple = values.type === 'string' && values.format !== 'byte';
  const output: Record<string, unknown> = {};
  const twice = walk.duplicates?.get(input);
  const decode = decoderOf(values);
  let index = 0;
  let count = 0;
  for (const key of Object.keys(input)) {
    if (steps.due()) yield;
    if (twice !== undefined) reportDuplicates(twice, index++, walk, depth);
    const one = input[key];
    let decoded: unknown;
    if (simple && typeof one === 'string') decoded = one;
    else if (one === null || one === undefined) decoded = zeroOf(values);
    else {
      walk.steps[depth] = key;
      decoded = isContainer(one) && isLong(one) ? yield* decodeParts(values, one, walk, depth + 1, steps) : decode(one, walk, depth + 1);
      if (decoded === undefined) continue;
    }
    setField(output, key, decoded);
    count++;
  }
  if (twice !== undefined) reportDuplicates(twice, index, walk, depth);
  if (count > surelyLong) markLong(output);
  return output;
}

function* decodeArray(node: SchemaNode, input: readonly unknown[], walk: Walk, depth: number, steps: Steps): Work<unknown> {
  const items = node.items!;
  const decode = decoderOf(items);
  const output: unknown[] = [];
  for (let index = 0; index < input.length; index++) {
    if (steps.due()) yield;
    const one = input[index];
    if (one === null || one === undefined) {
      output.push(zeroOf(items));
      continue;
    }
    walk.steps[depth] = index;
    const decoded = isContainer(one) && isLong(one) ? yield* decodeParts(items, one, walk, depth + 1, steps) : decode(one, walk, depth + 1);
    if (decoded !== undefined) output.push(decoded);
  }
  return output;
}
