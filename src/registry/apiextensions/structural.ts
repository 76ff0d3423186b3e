// Structural schemas: a type everywhere, an object at the root, and nothing but rules on values beside the types.
// https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
import { patternError } from '../../apimachinery/cel/library/regex.js';
import { fieldForbidden, invalid, required } from '../../apimachinery/errors/field-error.js';
import { isRecord } from '../../apimachinery/object.js';
import type { Steps, Work } from '../../clock/slices.js';
import type { Errors } from '../rules/fields.js';
import { logicOf, propertiesOf, structureOf, type ChildSchema, type Schema } from './schema-walk.js';

type Place = 'root' | 'property' | 'item';

const emptyTexts: Readonly<Record<Place, string>> = {
  root: 'must not be empty at the root',
  property: 'must not be empty for specified object fields',
  item: 'must not be empty for specified array items',
};

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function isOn(schema: Schema, extension: 'preserve-unknown-fields' | 'int-or-string' | 'embedded-resource'): boolean {
  return schema[`x-kubernetes-${extension}`] === true;
}

function typeErrors(field: string, schema: Schema, place: Place): Errors {
  const type = textOf(schema.type);
  if (type === '') {
    const free = isOn(schema, 'int-or-string') || isOn(schema, 'preserve-unknown-fields');
    return free ? [] : [required(`${field}.type`, emptyTexts[place])];
  }
  const errors: Errors[number][] = [];
  if (place === 'root' && type !== 'object') errors.push(invalid(`${field}.type`, type, 'must be object at the root'));
  if (isOn(schema, 'embedded-resource') && type !== 'object') {
    errors.push(invalid(`${field}.type`, type, 'must be object if x-kubernetes-embedded-resource is true'));
  }
  if (type === 'array' && schema.items === undefined) errors.push(required(`${field}.items`, 'must be specified'));
  return errors;
}

function patternErrors(field: string, schema: Schema): Errors {
  const pattern = textOf(schema.pattern);
  if (pattern === '') return [];
  const why = patternError(pattern);
  return why === undefined ? [] : [invalid(`${field}.pattern`, pattern, `must be a valid regular expression, but isn't: ${why}`)];
}

const ownMetadata = new Set(['name', 'generateName']);

/** An object of the API has a kind, an apiVersion and metadata, which are what they are. */
function objectErrors(field: string, schema: Schema, root: boolean): Errors {
  return propertiesOf(schema).flatMap(([name, property]) => {
    const path = `${field}.properties[${name}]`;
    const type = textOf(property.type);
    if (name === 'apiVersion' || name === 'kind') return type === 'string' ? [] : [invalid(`${path}.type`, type, 'must be string')];
    if (name !== 'metadata') return [];
    if (type !== 'object') return [invalid(`${path}.type`, type, 'must be object')];
    if (!root) return [];
    if (property.default !== undefined) return [fieldForbidden(`${path}.default`, 'must not be set in top-level metadata')];
    const says = Object.keys(property).filter((key) => key !== 'type' && key !== 'properties');
    const isPlain = says.length === 0 && propertiesOf(property).every(([key]) => ownMetadata.has(key));
    const why = 'must not specify anything other than name and generateName, but metadata is implicitly specified';
    return isPlain ? [] : [fieldForbidden(path, why)];
  });
}

function rootErrors(field: string, schema: Schema): Errors {
  const errors: Errors[number][] = [];
  if (schema.nullable === true) errors.push(fieldForbidden(`${field}.nullable`, 'nullable cannot be true at the root'));
  if (schema.additionalProperties !== undefined)
    errors.push(fieldForbidden(`${field}.additionalProperties`, 'must not be used at the root'));
  for (const child of logicOf(field, schema)) {
    if (!propertiesOf(child.schema).some(([name]) => name === 'metadata')) continue;
    const path = `${child.field}.properties[metadata]`;
    errors.push(fieldForbidden(path, 'must not be specified in a nested context'));
    if (!propertiesOf(schema).some(([name]) => name === 'metadata')) {
      errors.push(required(`${field}.properties[metadata]`, `because it is defined in ${path}`));
    }
  }
  return errors;
}

function embeddedErrors(field: string, schema: Schema): Errors {
  if (!isOn(schema, 'embedded-resource')) return [];
  const errors = [...objectErrors(field, schema, false)];
  if (propertiesOf(schema).length > 0 || isOn(schema, 'preserve-unknown-fields')) return errors;
  const why = 'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields';
  return [required(`${field}.properties`, why), ...errors];
}

/** What belongs to the structure and to no rule beside it, with the word for having none. */
const structureOnly: readonly (readonly [name: string, text: 'empty' | 'undefined' | 'false'])[] = [
  ['additionalProperties', 'undefined'],
  ['default', 'undefined'],
  ['description', 'empty'],
  ['nullable', 'false'],
  ['title', 'empty'],
  ['type', 'empty'],
  ['x-kubernetes-embedded-resource', 'false'],
  ['x-kubernetes-int-or-string', 'false'],
  ['x-kubernetes-list-map-keys', 'empty'],
  ['x-kubernetes-list-type', 'undefined'],
  ['x-kubernetes-map-type', 'undefined'],
  ['x-kubernetes-preserve-unknown-fields', 'false'],
  ['x-kubernetes-validations', 'empty'],
];

function isUnset(value: unknown, text: 'empty' | 'undefined' | 'false'): boolean {
  if (value === undefined || value === null) return true;
  if (text === 'undefined') return false;
  return value === false || value === '' || (Array.isArray(value) && value.length === 0);
}

function* valueRuleErrors({ field, schema }: ChildSchema, typed: boolean, errors: Errors[number][], steps: Steps): Work<void> {
  if (schema.pattern !== undefined || steps.due()) yield;
  errors.push(
    ...structureOnly
      .filter(([name, text]) => !isUnset(schema[name], text) && !(typed && name === 'type'))
      .map(([name, text]) => fieldForbidden(`${field}.${name}`, `must be ${text} to be structural`)),
    ...patternErrors(field, schema),
  );
  const structure = structureOf(field, schema).filter((child) => !child.field.endsWith('.additionalProperties'));
  for (const child of [...structure, ...logicOf(field, schema)]) yield* valueRuleErrors(child, false, errors, steps);
}

/** `anyOf: [{type: integer}, {type: string}]`, which says of an int-or-string what it is. */
function isEither(schema: Schema): boolean {
  const { anyOf } = schema;
  return (
    Array.isArray(anyOf) && anyOf.length === 2 && ['integer', 'string'].every((type, at) => isRecord(anyOf[at]) && anyOf[at].type === type)
  );
}

function* logicErrors(field: string, schema: Schema, errors: Errors[number][], steps: Steps): Work<void> {
  const either = isOn(schema, 'int-or-string');
  for (const child of logicOf(field, schema)) {
    if (either && isEither(schema) && child.field.startsWith(`${field}.anyOf[`)) yield* valueRuleErrors(child, true, errors, steps);
    else if (either && child.field === `${field}.allOf[0]` && isEither(child.schema)) {
      for (const inner of logicOf(child.field, child.schema))
        yield* valueRuleErrors(inner, inner.field.startsWith(`${child.field}.anyOf[`), errors, steps);
    } else yield* valueRuleErrors(child, false, errors, steps);
  }
}

function* nodeErrors(field: string, schema: Schema, place: Place, errors: Errors[number][], steps: Steps): Work<void> {
  // Patterns take long to compile.
  if (schema.pattern !== undefined || steps.due()) yield;
  errors.push(
    ...typeErrors(field, schema, place),
    ...patternErrors(field, schema),
    ...(place === 'root' ? [...rootErrors(field, schema), ...objectErrors(field, schema, true)] : []),
    ...embeddedErrors(field, schema),
  );
  yield* logicErrors(field, schema, errors, steps);
  for (const child of structureOf(field, schema))
    yield* nodeErrors(child.field, child.schema, child.place === 'item' ? 'item' : 'property', errors, steps);
}

/** The broken rules of a version's schema, by their fields; `field` is its path. */
export function* structuralErrors(field: string, schema: unknown, steps: Steps): Work<Errors> {
  if (!isRecord(schema)) return [];
  const errors: Errors[number][] = [];
  yield* nodeErrors(field, schema, 'root', errors, steps);
  return errors.sort((a, b) => (a.field < b.field ? -1 : a.field > b.field ? 1 : 0));
}

/** Whether a schema has a default anywhere. */
export function hasDefaults(schema: unknown): boolean {
  if (!isRecord(schema)) return false;
  return schema.default !== undefined || structureOf('', schema).some((child) => hasDefaults(child.schema));
}
