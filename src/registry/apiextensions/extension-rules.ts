// What is checked of each schema beside its structure: types, lists, maps, validations; and the formats that nobody knows.
// https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#merge-strategy
import { fieldForbidden, invalid, notSupported, required } from '../../apimachinery/errors/field-error.js';
import { isRecord } from '../../apimachinery/object.js';
import type { Steps, Work } from '../../clock/slices.js';
import type { Errors } from '../rules/fields.js';
import { childrenOf, propertiesOf, someSchema, type Schema } from './schema-walk.js';

const types = ['array', 'boolean', 'integer', 'number', 'object', 'string'];

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? (value as unknown[]).map(textOf) : [];
}

function typeErrors(field: string, schema: Schema): Errors {
  const type = textOf(schema.type);
  if (type === '' || types.includes(type)) return [];
  const errors: Errors[number][] = [notSupported(`${field}.type`, type, types)];
  if (type === 'null') errors.push(fieldForbidden(`${field}.type`, 'type cannot be set to null, use nullable as an alternative'));
  return errors;
}

const mapTypes = ['atomic', 'granular'];
const listTypes = ['atomic', 'set', 'map'];

function mapErrors(field: string, schema: Schema): Errors {
  const mapType = textOf(schema['x-kubernetes-map-type']);
  const type = textOf(schema.type);
  if (mapType === '') return [];
  const errors: Errors[number][] = [];
  if (type !== 'object') errors.push(invalid(`${field}.type`, type, 'must be object if x-kubernetes-map-type is specified'));
  if (!mapTypes.includes(mapType)) errors.push(notSupported(`${field}.x-kubernetes-map-type`, mapType, mapTypes));
  return errors;
}

function setErrors(field: string, items: Schema): Errors {
  const path = `${field}.items`;
  const why = 'must be atomic as item of a list with x-kubernetes-list-type=set';
  const errors: Errors[number][] = [];
  if (items.nullable === true) errors.push(fieldForbidden(`${path}.nullable`, 'cannot be nullable when x-kubernetes-list-type is set'));
  if (items.type === 'object' && items['x-kubernetes-map-type'] !== 'atomic') {
    errors.push(invalid(`${path}.x-kubernetes-map-type`, items['x-kubernetes-map-type'] ?? null, why));
  }
  const listType = items['x-kubernetes-list-type'];
  if (items.type === 'array' && listType !== undefined && listType !== 'atomic') {
    errors.push(invalid(`${path}.x-kubernetes-list-type`, listType, why));
  }
  return errors;
}

function mapListErrors(field: string, schema: Schema, items: Schema): Errors {
  const keys = textsOf(schema['x-kubernetes-list-map-keys']);
  const path = `${field}.x-kubernetes-list-map-keys`;
  const errors: Errors[number][] = [];
  if (keys.length === 0) errors.push(required(path, 'must not be empty if x-kubernetes-list-type is map'));
  const type = textOf(items.type);
  if (type !== 'object') {
    errors.push(invalid(`${field}.items.type`, type, "must be object if parent array's x-kubernetes-list-type is map"));
    return errors;
  }
  const properties = new Map(propertiesOf(items));
  if (new Set(keys).size < keys.length) errors.push(invalid(path, keys, 'must not contain duplicate entries'));
  const scalar: Errors[number][] = [];
  for (const key of new Set(keys)) {
    const property = properties.get(key);
    if (property === undefined) {
      errors.push(invalid(path, keys, 'entries must all be names of item properties'));
      break;
    }
    if (property.type === 'object' || property.type === 'array') {
      // The real server shows the type of the list's elements.
      const why = "must be a scalar type if parent array's x-kubernetes-list-type is map";
      scalar.push(invalid(`${field}.items.properties[${key}].type`, type, why));
    }
  }
  errors.push(...scalar);
  if (items.nullable === true)
    errors.push(fieldForbidden(`${field}.items.nullable`, 'cannot be nullable when x-kubernetes-list-type is map'));
  return [...errors, ...keyErrors(field, items, new Set(keys))];
}

function keyErrors(field: string, items: Schema, keys: ReadonlySet<string>): Errors {
  const always = textsOf(items.required);
  const why = 'this property is in x-kubernetes-list-map-keys, so it';
  return propertiesOf(items).flatMap(([name, property]) => {
    if (!keys.has(name)) return [];
    const path = `${field}.items.properties[${name}]`;
    const errors: Errors[number][] = [];
    if (property.default === undefined && !always.includes(name)) {
      errors.push(required(`${path}.default`, `${why} must have a default or be a required property`));
    }
    if (property.nullable === true) errors.push(fieldForbidden(`${path}.nullable`, `${why} cannot be nullable`));
    return errors;
  });
}

function listErrors(field: string, schema: Schema): Errors {
  const listType = textOf(schema['x-kubernetes-list-type']);
  const path = `${field}.x-kubernetes-list-type`;
  const keys = textsOf(schema['x-kubernetes-list-map-keys']);
  const errors: Errors[number][] = [];
  if (listType === '') return keys.length === 0 ? [] : [required(path, 'must be map if x-kubernetes-list-map-keys is non-empty')];
  if (schema.type !== 'array')
    errors.push(invalid(`${field}.type`, textOf(schema.type), 'must be array if x-kubernetes-list-type is specified'));
  if (!listTypes.includes(listType)) errors.push(notSupported(path, listType, listTypes));
  else if (listType !== 'map' && keys.length > 0)
    errors.push(invalid(path, listType, 'must be map if x-kubernetes-list-map-keys is non-empty'));
  const items = isRecord(schema.items) ? schema.items : undefined;
  if (items === undefined) return errors;
  if (listType === 'set') errors.push(...setErrors(field, items));
  if (listType === 'map') errors.push(...mapListErrors(field, schema, items));
  return errors;
}

const reasons = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'];

/** Validations have a rule; whether it compiles is checked where expressions are run. */
function validationErrors(field: string, schema: Schema): Errors {
  const list = schema['x-kubernetes-validations'];
  if (!Array.isArray(list)) return [];
  return (list as unknown[]).flatMap((one, index) => {
    if (!isRecord(one)) return [];
    const path = `${field}.x-kubernetes-validations[${index}]`;
    const [message, reason] = [textOf(one.message), textOf(one.reason)];
    const errors: Errors[number][] = [];
    if (textOf(one.rule).trim() === '') errors.push(required(`${path}.rule`, 'rule is not specified'));
    if (message !== '' && message.trim() === '') errors.push(invalid(`${path}.message`, message, 'must be non-empty if specified'));
    else if (message.trim().includes('\n')) errors.push(invalid(`${path}.message`, message, 'must not contain line breaks'));
    if (reason !== '' && !reasons.includes(reason)) errors.push(notSupported(`${path}.reason`, reason, reasons));
    return errors;
  });
}

/** The broken rules of a version's schema; `field` is its path. */
export function* extensionErrors(field: string, schema: Schema, steps: Steps): Work<Errors> {
  const errors: Errors[number][] = [];
  yield* under(field, schema, errors, steps);
  return errors;
}

function* under(field: string, schema: Schema, errors: Errors[number][], steps: Steps): Work<void> {
  if (steps.due()) yield;
  if (schema.uniqueItems === true) {
    errors.push(fieldForbidden(`${field}.uniqueItems`, 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic'));
  }
  if (schema.additionalProperties !== undefined && propertiesOf(schema).length > 0 && schema.additionalProperties !== false) {
    errors.push(fieldForbidden(`${field}.additionalProperties`, 'additionalProperties and properties are mutual exclusive'));
  }
  errors.push(...typeErrors(field, schema), ...mapErrors(field, schema), ...listErrors(field, schema), ...validationErrors(field, schema));
  for (const child of childrenOf(field, schema)) yield* under(child.field, child.schema, errors, steps);
}

const formats: Readonly<Record<string, ReadonlySet<string>>> = {
  string: new Set([
    ...['bsonobjectid', 'byte', 'cidr', 'creditcard', 'date', 'date-time', 'datetime', 'duration', 'email', 'hexcolor', 'hostname', 'ipv4'],
    ...[
      'ipv6',
      'isbn',
      'isbn10',
      'isbn13',
      'k8s-long-name',
      'k8s-short-name',
      'mac',
      'password',
      'rgbcolor',
      'ssn',
      'uri',
      'uuid',
      'uuid3',
    ],
    ...['uuid4', 'uuid5'],
  ]),
  integer: new Set(['int32', 'int64']),
  number: new Set(['float', 'double']),
};

/** Formats that the server does not know, which it does not check: each is worth a warning. */
export function* unknownFormats(schema: unknown, steps: Steps): Work<readonly string[]> {
  const unknown: string[] = [];
  if (!isRecord(schema)) return unknown;
  const look = (one: Schema): boolean => {
    const format = textOf(one.format);
    // Without a type it may be about a string.
    const type = textOf(one.type) || 'string';
    if (format !== '' && !(Object.hasOwn(formats, type) && formats[type]!.has(format))) unknown.push(format);
    return false;
  };
  yield* someSchema(schema, look, steps);
  return unknown;
}
