// The definitions of custom resources, published from their structural schemas.
// https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#publish-validation-schema-in-openapi
import { isRecord } from '../../apimachinery/object.js';
import type { Kind } from '../../registry/kind.js';
import { listDefinition, meta } from './names.js';

type Schema = Readonly<Record<string, unknown>>;

/** What the fields of every object mean, in words. */
export type CommonTexts = Readonly<Record<'apiVersion' | 'kind' | 'metadata', string>>;

/** Where references point to, and how one with facts of its own is written. */
interface Dialect {
  readonly texts: CommonTexts;
  readonly reference: (definition: string) => Schema;
  readonly schema: (schema: Schema) => Schema;
  /** Whether a schema is published without its fields. */
  readonly untyped: (schema: Schema) => boolean;
}

const string = { type: 'string' };

/** In words of our own, for a server that was built without Kubernetes' texts. */
const ownTexts: CommonTexts = {
  apiVersion: 'The group and version that the object is written in, such as `apps/v1`.',
  kind: 'The kind of the object, in CamelCase.',
  metadata: "Standard object's metadata: the name, the namespace, labels and what else every object has.",
};

/** The texts of an object's definition (a ConfigMap's, as any other's) that every object's definition has; our own where it has none. */
export function commonTexts(texts: { readonly properties?: Readonly<Record<string, string>> } | undefined): CommonTexts {
  return { ...ownTexts, ...texts?.properties };
}

function typeFields({ texts }: Dialect): Readonly<Record<string, Schema>> {
  return { apiVersion: { description: texts.apiVersion, ...string }, kind: { description: texts.kind, ...string } };
}

/** What version 2 of OpenAPI cannot say. */
const unknownToV2 = new Set(['default', 'nullable', 'allOf', 'anyOf', 'oneOf', 'not']);

const fieldsOfType = new Set(['type', 'properties', 'items']);

const version3: Dialect = {
  texts: ownTexts,
  reference: (definition) => ({ allOf: [{ $ref: `#/components/schemas/${definition}` }] }),
  schema: (schema) => {
    const intOrString = schema['x-kubernetes-int-or-string'] === true && schema.anyOf === undefined;
    return intOrString ? { anyOf: [{ type: 'integer' }, string], ...schema } : schema;
  },
  untyped: () => false,
};

const version2: Dialect = {
  texts: ownTexts,
  reference: (definition) => ({ $ref: `#/definitions/${definition}` }),
  schema: (schema) => {
    const untyped = version2.untyped(schema);
    return Object.fromEntries(Object.entries(schema).filter(([name]) => !unknownToV2.has(name) && !(untyped && fieldsOfType.has(name))));
  },
  // Clients of version 2 refuse a null or an unknown field where they see a type: so they are shown none.
  untyped: (schema) => schema.nullable === true || schema['x-kubernetes-preserve-unknown-fields'] === true,
};

/** The definitions of a custom resource and of its list, for version 3. */
export function customDefinitionsV3(kind: Kind, texts: CommonTexts = ownTexts): Readonly<Record<string, unknown>> {
  const dialect = { ...version3, texts };
  return definitions(kind, dialect, published(kind.customSchema ?? {}, dialect));
}

/** The same for version 2. */
export function customDefinitionsV2(kind: Kind, texts: CommonTexts = ownTexts): Readonly<Record<string, unknown>> {
  const dialect = { ...version2, texts };
  const schema = kind.customSchema ?? {};
  const open = schema['x-kubernetes-preserve-unknown-fields'] === true;
  return definitions(kind, dialect, open ? { type: 'object' } : published(schema, dialect), open);
}

function definitions(kind: Kind, dialect: Dialect, schema: Schema, bare = false): Readonly<Record<string, unknown>> {
  const { group, version } = kind;
  const item = dialect.reference(kind.definition);
  const fields = [...kind.selectableFields.keys()].map((fieldPath) => ({ fieldPath }));
  const selectable = fields.length === 0 ? {} : { 'x-kubernetes-selectable-fields': fields };
  return {
    [kind.definition]: {
      ...schema,
      ...(bare
        ? {}
        : {
            properties: {
              ...(isRecord(schema.properties) ? schema.properties : {}),
              ...typeFields(dialect),
              metadata: { description: dialect.texts.metadata, ...dialect.reference(`${meta}.ObjectMeta`) },
            },
          }),
      'x-kubernetes-group-version-kind': [{ group, kind: kind.kind, version }],
      ...selectable,
    },
    [listDefinition(kind)]: {
      type: 'object',
      required: ['items'],
      properties: {
        ...typeFields(dialect),
        items: { type: 'array', items: Array.isArray(item.allOf) ? (item.allOf[0] as unknown) : item },
        metadata: dialect.reference(`${meta}.ListMeta`),
      },
      'x-kubernetes-group-version-kind': [{ group, kind: kind.listKind, version }],
      ...selectable,
    },
  };
}

/** A schema as it is published, with its inner schemas. */
function published(schema: Schema, dialect: Dialect): Schema {
  const inner: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(schema)) {
    if (name === 'properties' && isRecord(value)) {
      inner[name] = Object.fromEntries(Object.entries(value).map(([key, one]) => [key, isRecord(one) ? published(one, dialect) : one]));
    } else if ((name === 'items' || name === 'additionalProperties') && isRecord(value)) {
      inner[name] = published(value, dialect);
    } else {
      inner[name] = value;
    }
  }
  const whole = schema['x-kubernetes-embedded-resource'] === true && !dialect.untyped(schema);
  return dialect.schema(whole ? embedded(inner, dialect) : inner);
}

/** An object within an object has what every object has. */
function embedded(schema: Schema, dialect: Dialect): Schema {
  const required = Array.isArray(schema.required) ? (schema.required as unknown[]) : [];
  return {
    ...schema,
    required: [...required, ...['kind', 'apiVersion'].filter((name) => !required.includes(name))],
    properties: {
      ...(isRecord(schema.properties) ? schema.properties : {}),
      ...typeFields(dialect),
      metadata: { description: dialect.texts.metadata, ...dialect.reference(`${meta}.ObjectMeta`) },
    },
  };
}
