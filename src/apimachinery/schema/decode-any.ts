// Decodes the places where the schema allows any JSON value, or a JSON schema or something else.
import { setField } from '../fields.js';
import { nearestNumber } from './nearest-number.js';
import { DecodeError, NumberLiteral, type Walk } from './problems.js';
import type { SchemaNode } from './node.js';

const deepest = 2100;

/** A deep copy of any JSON value, nulls included. */
export function decodeAny(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof NumberLiteral) return decodeLiteral(value);
  if (depth > deepest) throw new DecodeError('exceeded max depth');
  if (Array.isArray(value)) return value.map((one: unknown) => decodeAny(one, depth + 1));
  const input = value as Record<string, unknown>;
  const output: Record<string, unknown> = {};
  for (const key in input) {
    const copy = decodeAny(input[key], depth + 1);
    if (copy === undefined) continue;
    setField(output, key, copy);
  }
  return output;
}

/** Throws DecodeError for a number beyond all doubles. */
export function decodeLiteral({ text }: NumberLiteral): number {
  const number = nearestNumber(text);
  if (!Number.isFinite(number)) throw new DecodeError(`json: cannot unmarshal number ${text} into Go value of type float64`);
  return number;
}

/**
 * JSONSchemaPropsOrArray, …OrBool and …OrStringArray. Unknown fields in them are dropped without a word, and their errors end the decoding.
 * https://kubernetes.io/docs/reference/kubernetes-api/extend-resources/custom-resource-definition-v1/
 */
export function decodeUnion(
  node: SchemaNode,
  value: unknown,
  walk: Walk,
  depth: number,
  schema: (value: unknown, walk: Walk, depth: number) => unknown,
): unknown {
  const silent = walk.quiet();
  const other = node.name.slice(node.name.lastIndexOf('Or') + 2);
  let decoded: unknown = null;
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof NumberLiteral)) {
    decoded = schema(value, silent, depth);
  } else if (other === 'Bool') {
    if (typeof value !== 'boolean') throw new DecodeError('boolean or JSON schema expected');
    decoded = value;
  } else if (Array.isArray(value) && value.length > 0) {
    decoded = (value as unknown[]).map((one) => {
      if (other === 'Array') return schema(one ?? {}, silent, depth);
      if (one !== null && typeof one !== 'string') throw walk.typeError(one, 'string', depth);
      return one ?? '';
    });
  }
  if (silent.firstError !== undefined) throw silent.firstError;
  return decoded;
}
