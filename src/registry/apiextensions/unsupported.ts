// What JSON schemas of custom resources may not say at all: schemas with it are not looked at any further.
// https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
import { fieldForbidden, invalid } from '../../apimachinery/errors/field-error.js';
import type { Steps, Work } from '../../clock/slices.js';
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

function* under(field: string, schema: Schema, errors: Errors[number][], steps: Steps): Work<void> {
  if (steps.due()) yield;
  errors.push(...ownErrors(field, schema));
  for (const child of childrenOf(field, schema)) yield* under(child.field, child.schema, errors, steps);
}

function hasDialect(schema: Schema, steps: Steps): Work<boolean> {
  return someSchema(schema, ({ $schema: dialect }) => dialect !== undefined && dialect !== '', steps);
}

/** The broken rules of a version's schema; `field` is its path. */
export function* unsupportedErrors(field: string, schema: Schema, steps: Steps): Work<Errors> {
  // The real server tells this one of the schema as a whole.
  if (yield* hasDialect(schema, steps)) return [invalid(field, '', "OpenAPIV3Schema 'schema' is not supported")];
  const errors: Errors[number][] = [];
  yield* under(field, schema, errors, steps);
  return errors;
}
