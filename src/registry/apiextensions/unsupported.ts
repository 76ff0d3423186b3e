// What JSON schemas of custom resources may not say at all: schemas with it are not looked at any further.
// https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
import { fieldForbidden, invalid } from '../../apimachinery/errors/field-error.js';
import type { Errors } from '../rules/fields.js';
import { childrenOf, someSchema, type Schema } from './schema-walk.js';

const unsupported = ['$ref', 'additionalItems', 'definitions', 'dependencies', 'id', 'patternProperties'];

function ownErrors(field: string, schema: Schema): Errors {
  const errors: Errors[number][] = unsupported
    .filter((name) => schema[name] !== undefined && schema[name] !== '')
    .map((name) => fieldForbidden(`${field}.${name}`, `${name} is not supported`));
  if (Array.isArray(schema.items)) errors.push(fieldForbidden(`${field}.items`, 'items must be a schema object and not an array'));
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) {
    errors.push(invalid(`${field}.x-kubernetes-preserve-unknown-fields`, false, 'must be true or undefined'));
  }
  return errors;
}

function under(field: string, schema: Schema): Errors {
  return [...ownErrors(field, schema), ...childrenOf(field, schema).flatMap((child) => under(child.field, child.schema))];
}

function hasDialect(schema: Schema): boolean {
  return someSchema(schema, ({ $schema: dialect }) => dialect !== undefined && dialect !== '');
}

/** The broken rules of a version's schema; `field` is its path. */
export function unsupportedErrors(field: string, schema: Schema): Errors {
  // The real server tells this one of the schema as a whole.
  if (hasDialect(schema)) return [invalid(field, '', "OpenAPIV3Schema 'schema' is not supported")];
  return under(field, schema);
}
