// Whether a value has the type that its schema says, in the real server's words.
import type { Schema } from '../../apiextensions/schema-walk.js';
import { isInteger64, type Check } from './numbers.js';

/** The JSON type of a value, with integers told apart from other numbers. */
export function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return isInteger64(value) ? 'integer' : 'number';
  return typeof value;
}

/** What the real server calls the format of a value: a number's is its size. */
function formatOf(type: string): string {
  return type === 'integer' ? 'int64' : type === 'number' ? 'float64' : '';
}

function allowed(schema: Schema): readonly string[] {
  if (schema['x-kubernetes-int-or-string'] === true) return ['integer', 'string'];
  return typeof schema.type === 'string' && schema.type !== '' ? [schema.type] : [];
}

/** The rule of a type and format; undefined where anything goes. `eitherType`: whether an int-or-string is looked at, which it is not in defaults. */
export function typeCheck(schema: Schema, eitherType = true): Check | undefined {
  const types = eitherType || schema['x-kubernetes-int-or-string'] !== true ? allowed(schema) : [];
  const format = typeof schema.format === 'string' ? schema.format : '';
  if (types.length === 0 && format === '') return undefined;
  const nullable = schema.nullable === true;
  const numeric = types.includes('number') || types.includes('integer');
  const list = types.join(',');
  return (value, walk) => {
    const type = typeOf(value);
    if (type === 'null' && nullable) return;
    const fits = types.includes(type) || (type === 'integer' && types.includes('number'));
    if (type !== 'null' && format !== '') {
      const isText = type === 'string' || type === 'array';
      const found = formatOf(type);
      if (!isText && !fits && found !== format) {
        walk.add('FieldValueTypeInvalid', `Invalid value: "${found}": ${walk.path} in body must be of type ${format}: "${found}"`);
        return;
      }
      if (!numeric && isText) return;
    }
    if (fits || types.length === 0) return;
    walk.add('FieldValueTypeInvalid', `Invalid value: "${type}": ${walk.path} in body must be of type ${list}: "${type}"`);
  };
}
