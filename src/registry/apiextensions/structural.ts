// The first rules of structural schemas: a type everywhere, an object at the root.
// https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
import { invalid, notSupported, required } from '../../apimachinery/errors/field-error.js';
import { isRecord } from '../../apimachinery/object.js';
import type { Errors } from '../rules/fields.js';

const types = ['array', 'boolean', 'integer', 'number', 'object', 'string'];

/** Schemas nested deeper than this are not looked into. */
const deepest = 200;

type Place = 'property' | 'item';

const emptyTexts: Readonly<Record<Place, string>> = {
  property: 'must not be empty for specified object fields',
  item: 'must not be empty for specified array items',
};

function typeErrors(field: string, schema: Record<string, unknown>, place: Place): Errors {
  const type = typeof schema.type === 'string' ? schema.type : '';
  if (type !== '') return types.includes(type) ? [] : [notSupported(`${field}.type`, type, types)];
  if (schema['x-kubernetes-int-or-string'] === true || schema['x-kubernetes-preserve-unknown-fields'] === true) return [];
  return [required(`${field}.type`, emptyTexts[place])];
}

function nested(field: string, schema: unknown, place: Place, depth: number): Errors {
  if (!isRecord(schema) || depth > deepest) return [];
  return [...childErrors(field, schema, depth), ...typeErrors(field, schema, place)];
}

function childErrors(field: string, schema: Record<string, unknown>, depth: number): Errors {
  const errors: Errors[number][] = [];
  if (isRecord(schema.properties)) {
    for (const name of Object.keys(schema.properties).sort()) {
      errors.push(...nested(`${field}.properties[${name}]`, schema.properties[name], 'property', depth + 1));
    }
  }
  errors.push(...nested(`${field}.additionalProperties`, schema.additionalProperties, 'property', depth + 1));
  if (schema.type === 'array' && schema.items === undefined) errors.push(required(`${field}.items`, 'must be specified'));
  errors.push(...nested(`${field}.items`, schema.items, 'item', depth + 1));
  return errors;
}

/** The broken rules of a version's schema; `field` is its path. */
export function structuralErrors(field: string, schema: unknown): Errors {
  if (!isRecord(schema)) return [];
  const errors = [...childErrors(field, schema, 0)];
  const { type } = schema;
  if (type === undefined || type === '') errors.push(required(`${field}.type`, 'must not be empty at the root'));
  else if (type !== 'object') errors.push(invalid(`${field}.type`, type, 'must be object at the root'));
  return errors;
}

/** Whether a schema has a default anywhere. */
export function hasDefaults(schema: unknown, depth = 0): boolean {
  if (!isRecord(schema) || depth > deepest) return false;
  if (schema.default !== undefined) return true;
  const properties = isRecord(schema.properties) ? Object.values(schema.properties) : [];
  return [...properties, schema.items, schema.additionalProperties].some((one) => hasDefaults(one, depth + 1));
}
