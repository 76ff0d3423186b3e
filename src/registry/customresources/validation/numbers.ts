// The rules on numbers, with the real server's ways: an integer is compared with limits that are cut to integers.
import { jsonText } from '../../../apimachinery/codec/json.js';
import type { Schema } from '../../apiextensions/schema-walk.js';
import type { ValidationWalk } from './walk.js';

export type Check = (value: unknown, walk: ValidationWalk) => void;

/** Whether a number is an integer of 64 bits. */
export function isInteger64(value: number): boolean {
  return Number.isInteger(value) && value >= -(2 ** 63) && value < 2 ** 63;
}

function numberOf(schema: Schema, name: string): number | undefined {
  const value = schema[name];
  return typeof value === 'number' ? value : undefined;
}

/** Whether the number fits its type and format. */
function rangeCheck(type: unknown, format: string): Check | undefined {
  const integer = type === 'integer';
  if (!integer && type !== 'number') return undefined;
  const fits = (value: number): boolean => {
    if (integer) {
      if (format === 'int32') return Number.isInteger(value) && value >= -(2 ** 31) && value < 2 ** 31;
      return isInteger64(value);
    }
    return format !== 'float' || Math.abs(value) <= 3.4028234663852886e38;
  };
  return (value, walk) => {
    if (fits(value as number)) return;
    const what = format === '' ? '(default format)' : `with format ${format}`;
    walk.combined(`Checked value must be of type ${String(type)} ${what} in ${walk.path}`);
  };
}

function multipleCheck(factor: number): Check {
  return (given, walk) => {
    const value = given as number;
    const by = isInteger64(value) ? Math.trunc(factor) : factor;
    if (by <= 0) {
      walk.invalid(by, `factor MultipleOf declared for ${walk.path} must be positive: ${by}`);
    } else if (!Number.isInteger(value / by)) {
      walk.invalid(value, `${walk.path} in body should be a multiple of ${by}`);
    }
  };
}

function limitCheck(limit: number, exclusive: boolean, most: boolean): Check {
  const word = most ? 'less' : 'greater';
  const text = exclusive ? `${word} than` : `${word} than or equal to`;
  return (given, walk) => {
    const value = given as number;
    const bound = isInteger64(value) && Math.abs(limit) < 2 ** 63 ? Math.trunc(limit) : limit;
    const good = most ? (exclusive ? value < bound : value <= bound) : exclusive ? value > bound : value >= bound;
    if (!good) walk.invalid(value, `${walk.path} in body should be ${text} ${jsonText(bound)}`);
  };
}

/** The rules of a schema for numbers, in the order in which they are told. */
export function numberChecks(schema: Schema): readonly Check[] {
  const checks: Check[] = [];
  const range = rangeCheck(schema.type, typeof schema.format === 'string' ? schema.format : '');
  if (range !== undefined) checks.push(range);
  const factor = numberOf(schema, 'multipleOf');
  if (factor !== undefined) checks.push(multipleCheck(factor));
  const maximum = numberOf(schema, 'maximum');
  if (maximum !== undefined) checks.push(limitCheck(maximum, schema.exclusiveMaximum === true, true));
  const minimum = numberOf(schema, 'minimum');
  if (minimum !== undefined) checks.push(limitCheck(minimum, schema.exclusiveMinimum === true, false));
  return checks;
}
