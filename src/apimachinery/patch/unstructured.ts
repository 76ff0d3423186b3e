// What the real server says when the result of a strategic merge patch or an apply has a value of a wrong type. It turns such a result into
// an object of the kind in another way than a body, and words it otherwise: `cannot restore slice from map`.
import { isRecord } from '../object.js';
import { nearestNumber } from '../schema/nearest-number.js';
import type { SchemaNode } from '../schema/node.js';
import { DecodeError, Walk } from '../schema/problems.js';
import { decodeScalar } from '../schema/scalars.js';
import { setField, type FieldsDraft } from '../fields.js';

/** As deep as the JSON reader lets a body be, and some more. */
const deepest = 1100;

/**
 * `value` as the real server converts it by `node`: integers too large for their field lose the bits above it. For values that the decoder
 * refused; what is right stays the very same. Throws DecodeError with the real server's words for the first value of a wrong type.
 */
export function convertUnstructured(node: SchemaNode, value: unknown, depth = 0): unknown {
  if (value === null || value === undefined) return value;
  if (depth > deepest) throw new DecodeError('exceeded max depth');
  switch (node.type) {
    case 'object':
      if (!isRecord(value)) throw new DecodeError(`cannot restore struct from: ${kindOf(value)}`);
      return convertFields(value, depth, (name) => node.fields.get(name)?.node);
    case 'map':
      if (!isRecord(value)) throw new DecodeError(`cannot restore map from ${kindOf(value)}`);
      return convertFields(value, depth, () => node.additional);
    case 'array':
      if (!Array.isArray(value)) throw new DecodeError(`cannot restore slice from ${kindOf(value)}`);
      return convertItems(node, value, depth);
    case 'string':
      return node.format === 'byte' ? convertBytes(node, value) : convertString(node, value);
    case 'integer':
      return convertInteger(node, value);
    case 'number':
      if (typeof value !== 'number') throw new DecodeError('unrecognized type: float64');
      return value;
    case 'boolean':
      if (typeof value !== 'boolean') throw new DecodeError('unrecognized type: bool');
      return value;
    case 'any':
      return value;
    default:
      return convertByItself(node, value);
  }
}

function convertFields(
  value: Readonly<Record<string, unknown>>,
  depth: number,
  nodeOf: (name: string) => SchemaNode | undefined,
): Readonly<Record<string, unknown>> {
  let result: FieldsDraft | undefined;
  for (const name of Object.keys(value)) {
    const node = nodeOf(name);
    const converted = node === undefined ? value[name] : convertUnstructured(node, value[name], depth + 1);
    if (converted === value[name]) continue;
    result ??= { ...value };
    setField(result, name, converted);
  }
  return result ?? value;
}

function convertItems({ items }: SchemaNode, value: readonly unknown[], depth: number): readonly unknown[] {
  if (items === undefined) return value;
  const converted = value.map((item) => convertUnstructured(items, item, depth + 1));
  return converted.every((item, index) => item === value[index]) ? value : converted;
}

function convertString(node: SchemaNode, value: unknown): unknown {
  if (typeof value === 'string') return value;
  // What has the form of a 64-bit integer could be a string's character, were the conversion not refused.
  if (kindOf(value) === 'int64') throw new DecodeError(`cannot convert int64 to ${node.goType ?? 'string'}`);
  throw new DecodeError('unrecognized type: string');
}

function convertInteger(node: SchemaNode, value: unknown): unknown {
  const goType = node.goType ?? node.format ?? 'int64';
  if (typeof value !== 'number') throw new DecodeError(`unrecognized type: ${goType}`);
  if (!Number.isInteger(value)) throw new DecodeError(`cannot convert float64 to ${goType}`);
  const bits = node.format === 'int32' ? 32 : 64;
  return Number.isSafeInteger(value) && bits === 64 ? value : nearestNumber(String(BigInt.asIntN(bits, BigInt(value))));
}

function convertBytes(node: SchemaNode, value: unknown): unknown {
  if (Array.isArray(value)) {
    if (value.some((item) => typeof item !== 'number')) throw new DecodeError('unrecognized type: uint8');
    return value;
  }
  if (typeof value !== 'string') throw new DecodeError(`cannot restore slice from ${kindOf(value)}`);
  try {
    return convertByItself(node, value);
  } catch (error) {
    throw error instanceof DecodeError ? new DecodeError(`error decoding from json: ${error.message}`) : error;
  }
}

/** Types that read their own JSON: times, quantities, ports. Their errors do not tell the field. */
function convertByItself(node: SchemaNode, value: unknown): unknown {
  const walk = new Walk(false, undefined);
  decodeScalar(node, value, walk, 0);
  if (walk.firstError !== undefined) throw walk.firstError;
  return value;
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'slice';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return Number.isInteger(value) && Math.abs(value) < 2 ** 63 ? 'int64' : 'float64';
  return isRecord(value) ? 'map' : typeof value;
}
