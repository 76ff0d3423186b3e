// Decodes single values: strings, numbers, quantities, times and bytes.
import { canonicalQuantity, QuantityError } from '../quantity/quantity.js';
import { canonicalMicroTime, canonicalTime, TimeError, zeroMicroTime, zeroTime } from '../time/time.js';
import { decodeBytes } from './bytes.js';
import type { SchemaNode } from './node.js';
import { DecodeError, NumberLiteral, type Walk } from './problems.js';

/**
 * What fits into so many bits. As doubles, the ends of 64 bits are the last ones before 2^63: what lies beyond them is stored as they are, see
 * nearest-number.ts.
 */
const ranges = {
  int32: { bits: 32, least: -(2 ** 31), most: 2 ** 31 - 1 },
  int64: { bits: 64, least: 1024 - 2 ** 63, most: 2 ** 63 - 1024 },
};
type Range = (typeof ranges)['int32'];

/** One value that is not null. Wrong types are remembered by the walk; a wrong quantity, time or port ends the decoding. */
export function decodeScalar(node: SchemaNode, value: unknown, walk: Walk, depth: number): unknown {
  switch (node.type) {
    case 'string':
      if (node.format === 'byte') return decodeBytes(value, walk, depth);
      return typeof value === 'string' ? value : walk.wrongType(value, node, depth);
    case 'boolean':
      return typeof value === 'boolean' ? value : walk.wrongType(value, node, depth);
    case 'integer':
      return decodeInteger(value, node.format === 'int32' ? ranges.int32 : ranges.int64) ?? walk.wrongType(value, node, depth, true);
    case 'number':
      return decodeNumber(value, node, walk, depth);
    case 'intOrString': {
      if (typeof value === 'string') return value;
      const integer = decodeInteger(value, ranges.int32);
      if (integer === undefined) throw walk.typeError(value, 'int32', depth, true);
      return integer;
    }
    case 'quantity':
      return decodeQuantity(value);
    case 'time':
    case 'microTime':
      if (typeof value !== 'string') throw walk.typeError(value, 'string', depth);
      return decodeTime(value, node.type);
    default:
      throw new Error(`no scalar: ${node.type}`);
  }
}

function decodeInteger(value: unknown, { bits, least, most }: Range): number | undefined {
  if (typeof value === 'number') {
    if (!Number.isInteger(value) || value < least || value > most) return undefined;
    return value === 0 ? 0 : value;
  }
  if (!(value instanceof NumberLiteral) || !/^-?\d{1,19}$/.test(value.text)) return undefined;
  const exact = BigInt(value.text);
  return BigInt.asIntN(bits, exact) === exact ? Math.max(Math.min(Number(exact), most), least) : undefined;
}

function decodeNumber(value: unknown, node: SchemaNode, walk: Walk, depth: number): number | undefined {
  const number = value instanceof NumberLiteral ? Number(value.text) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : walk.wrongType(value, node, depth, true);
}

function decodeQuantity(value: unknown): string {
  const text = value instanceof NumberLiteral ? value.text : value;
  try {
    return canonicalQuantity(typeof text === 'string' || typeof text === 'number' ? text : '');
  } catch (error) {
    if (error instanceof QuantityError) throw new DecodeError(error.message);
    throw error;
  }
}

/** undefined for the time that stands for none. */
function decodeTime(value: string, type: 'time' | 'microTime'): string | undefined {
  try {
    const canonical = type === 'time' ? canonicalTime(value) : canonicalMicroTime(value);
    return canonical === zeroTime || canonical === zeroMicroTime ? undefined : canonical;
  } catch (error) {
    if (error instanceof TimeError) throw new DecodeError(error.message);
    throw error;
  }
}
