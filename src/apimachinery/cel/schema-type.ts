// The CEL type of a structural schema. https://kubernetes.io/docs/reference/using-api/cel/#type-system-integration

import { LazyFields } from './lazy-fields.js';
import type { CelType, ObjectField } from './types.js';
import { boolType, doubleType, intType, objectType, stringType } from './types.js';

/** The parts of an OpenAPI v3 schema (`spec.versions[*].schema.openAPIV3Schema`, or of a published kind) that types depend on. */
export interface StructuralSchema {
  readonly type?: string;
  readonly format?: string;
  readonly properties?: Readonly<Record<string, StructuralSchema>>;
  readonly additionalProperties?: StructuralSchema | boolean;
  readonly items?: StructuralSchema;
  readonly required?: readonly string[];
  readonly nullable?: boolean;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly maxProperties?: number;
  readonly minLength?: number;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
  readonly 'x-kubernetes-embedded-resource'?: boolean;
  readonly 'x-kubernetes-list-type'?: string;
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
}

/** A request may have so many bytes; what a schema does not limit is limited by it. */
const longestRequest = 3 * 1024 * 1024;
/** What a character may take in UTF-8. */
const bytesPerCharacter = 4;

/** The smallest JSON of a value, in bytes. */
const smallest = { bool: 4, number: 1, string: 2, container: 2, timestamp: 20, date: 10, duration: 3, dyn: 1 } as const;
/** `"": ,` around a map's entry; `, ` around a list's item. */
const entryBytes = 5;
const itemBytes = 1;
/** The longest JSON of values with a format. */
const longest = { dateTime: 38, date: 12, duration: 30 } as const;

/** Words that are no names in CEL; `true`, `false` and `null` cannot be escaped. */
const reserved: ReadonlySet<string> = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(' '),
);

/** The name of a property in expressions, or undefined when it cannot be one: `foo-bar` is `foo__dash__bar`, `in` is `__in__`. */
export function escapeProperty(name: string): string | undefined {
  if (reserved.has(name)) return `__${name}__`;
  if (!/^[A-Za-z_./-][A-Za-z0-9_./-]*$/.test(name)) return undefined;
  return name.replaceAll('__', '__underscores__').replaceAll('.', '__dot__').replaceAll('-', '__dash__').replaceAll('/', '__slash__');
}

/** Types of schemas, kept: many rules stand on one schema, and converters are made per type. */
const known = new WeakMap<StructuralSchema, Map<string, CelType | undefined>>();

/**
 * The type that expressions see: `undefined` for what they cannot see (a schema without a type and without int-or-string).
 * `root`: the object is a whole resource, so it has `apiVersion`, `kind` and `metadata` (with `name` and `generateName`) whatever the schema says.
 * `name` names object types in errors; fields add to it.
 */
export function typeOfSchema(schema: StructuralSchema, root: boolean, name = 'selfType'): CelType | undefined {
  const key = `${root}:${name}`;
  const types = known.get(schema) ?? new Map<string, CelType | undefined>();
  known.set(schema, types);
  if (!types.has(key)) types.set(key, makeType(schema, root, name));
  return types.get(key);
}

function makeType(schema: StructuralSchema, root: boolean, name: string): CelType | undefined {
  if (schema['x-kubernetes-int-or-string'] === true) {
    return { kind: 'dyn', name: 'dyn', parameters: [], minSerializedSize: smallest.dyn, maxElements: longestRequest - smallest.string };
  }
  switch (schema.type) {
    case 'boolean':
      return { ...boolType, minSerializedSize: smallest.bool };
    case 'number':
      return { ...doubleType, minSerializedSize: smallest.number };
    case 'integer':
      return { ...intType, minSerializedSize: smallest.number };
    case 'string':
      return stringSchema(schema);
    case 'array':
      return arraySchema(schema, name);
    case 'object':
      return objectSchema(schema, root, name);
    default:
      return undefined;
  }
}

function stringSchema(schema: StructuralSchema): CelType {
  switch (schema.format) {
    case 'byte':
      return {
        kind: 'bytes',
        name: 'bytes',
        parameters: [],
        minSerializedSize: smallest.string,
        maxElements: schema.maxLength ?? longestRequest - smallest.string,
      };
    case 'duration':
      return {
        kind: 'duration',
        name: 'google.protobuf.Duration',
        parameters: [],
        minSerializedSize: smallest.duration,
        maxElements: longest.duration,
      };
    case 'date':
      return {
        kind: 'timestamp',
        name: 'google.protobuf.Timestamp',
        parameters: [],
        minSerializedSize: smallest.date,
        maxElements: longest.date,
      };
    case 'date-time':
      return {
        kind: 'timestamp',
        name: 'google.protobuf.Timestamp',
        parameters: [],
        minSerializedSize: smallest.timestamp,
        maxElements: longest.dateTime,
      };
    default:
      return { ...stringType, minSerializedSize: smallest.string, maxElements: longestString(schema) };
  }
}

function longestString(schema: StructuralSchema): number {
  if (schema.maxLength !== undefined) return Math.max(schema.maxLength, 0) * bytesPerCharacter;
  if (schema.enum !== undefined && schema.enum.length > 0) {
    return Math.max(...schema.enum.map((value) => (typeof value === 'string' ? Buffer.byteLength(value) : 0)));
  }
  return longestRequest - smallest.string;
}

function arraySchema(schema: StructuralSchema, name: string): CelType | undefined {
  const item =
    schema.items === undefined
      ? undefined
      : typeOfSchema(schema.items, schema.items['x-kubernetes-embedded-resource'] === true, `${name}.@idx`);
  if (item === undefined) return undefined;
  const listKind = schema['x-kubernetes-list-type'];
  return {
    kind: 'list',
    name: 'list',
    parameters: [item],
    minSerializedSize: smallest.container,
    maxElements: schema.maxItems ?? Math.floor((longestRequest - 2) / ((item.minSerializedSize ?? 1) + itemBytes)),
    ...(listKind === 'set' || listKind === 'map' ? { listType: listKind } : {}),
    ...(listKind === 'map' ? { listMapKeys: schema['x-kubernetes-list-map-keys'] ?? [] } : {}),
  };
}

function objectSchema(schema: StructuralSchema, root: boolean, name: string): CelType | undefined {
  const { additionalProperties } = schema;
  if (typeof additionalProperties === 'object') {
    const value = typeOfSchema(additionalProperties, additionalProperties['x-kubernetes-embedded-resource'] === true, `${name}.@elem`);
    if (value === undefined) return undefined;
    return {
      kind: 'map',
      name: 'map',
      parameters: [{ ...stringType, minSerializedSize: smallest.string, maxElements: longestRequest - smallest.string }, value],
      minSerializedSize: smallest.container,
      maxElements: schema.maxProperties ?? Math.floor((longestRequest - 2) / ((value.minSerializedSize ?? 1) + entryBytes)),
    };
  }
  const properties = schema.properties ?? {};
  const whole = root || schema['x-kubernetes-embedded-resource'] === true;
  const fieldOf = (jsonName: string, property: StructuralSchema): ObjectField => ({
    jsonName,
    type: typeOfSchema(property, property['x-kubernetes-embedded-resource'] === true, `${name}.${jsonName}`)!,
    required: schema.required?.includes(jsonName) ?? false,
  });
  const fields = new LazyFields(() => {
    const makers = new Map<string, () => ObjectField>();
    for (const [jsonName, property] of Object.entries(properties)) {
      const escaped = escapeProperty(jsonName);
      if (escaped !== undefined && isVisible(property)) makers.set(escaped, () => fieldOf(jsonName, property));
    }
    if (!whole) return makers;
    for (const field of ['apiVersion', 'kind']) if (!makers.has(field)) makers.set(field, () => fieldOf(field, { type: 'string' }));
    makers.set('metadata', () => ({ jsonName: 'metadata', type: metadataType(properties.metadata, name), required: true }));
    return makers;
  });
  let size: number = smallest.container;
  for (const jsonName of new Set(schema.required ?? [])) {
    const own = Object.hasOwn(properties, jsonName) ? properties[jsonName] : undefined;
    const implied: StructuralSchema | undefined =
      whole && (jsonName === 'apiVersion' || jsonName === 'kind') ? { type: 'string' } : undefined;
    const property = own !== undefined && isVisible(own) ? own : implied;
    if (property === undefined || property.default !== undefined || escapeProperty(jsonName) === undefined) continue;
    size += Buffer.byteLength(jsonName) + 4 + (fieldOf(jsonName, property).type.minSerializedSize ?? 1);
  }
  return { ...objectType({ name, fields }), minSerializedSize: size };
}

/** Whether {@link typeOfSchema} has a type for it. */
function isVisible(schema: StructuralSchema): boolean {
  if (schema['x-kubernetes-int-or-string'] === true) return true;
  switch (schema.type) {
    case 'array':
      return schema.items !== undefined && isVisible(schema.items);
    case 'object':
      return typeof schema.additionalProperties !== 'object' || isVisible(schema.additionalProperties);
    default:
      return schema.type === 'boolean' || schema.type === 'number' || schema.type === 'integer' || schema.type === 'string';
  }
}

/** Rules see of an object's metadata its name and generateName alone. */
function metadataType(schema: StructuralSchema | undefined, name: string): CelType {
  const field = (jsonName: string): ObjectField => {
    const type = typeOfSchema(schema?.properties?.[jsonName] ?? { type: 'string' }, false) ?? stringType;
    return { jsonName, type, required: false };
  };
  return objectType({ name: `${name}.metadata`, fields: new Map(['name', 'generateName'].map((jsonName) => [jsonName, field(jsonName)])) });
}
