// What the published OpenAPI does not say about the API's types, observed on a running v1.36.3 server (openapi/pointers.json).
import type { NodeType, WhenEmpty } from './node.js';
import type { OpenApiSchema } from './openapi.js';

/** openapi/pointers.json. */
export interface TypeFacts {
  readonly version: 1;
  /** By definition name; a definition is absent when the rules of {@link whenEmptyOf} hold for all of its fields. */
  readonly types: Readonly<Record<string, DefinitionFacts>>;
}

/** Fields that differ from the rules. */
export interface DefinitionFacts {
  readonly kept?: readonly string[];
  readonly zero?: readonly string[];
  readonly null?: readonly string[];
  readonly omitted?: readonly string[];
  /** Fields by the names that error messages put before theirs. */
  readonly embedded?: Readonly<Record<string, readonly string[]>>;
  /** Type names in error messages, where the schema does not give them away. */
  readonly go?: Readonly<Record<string, string>>;
}

/** The facts of one definition, by field. */
export interface FieldFacts {
  whenEmpty(field: string, schema: OpenApiSchema, type: NodeType, required: boolean): WhenEmpty;
  embedded(field: string): string | undefined;
  goType(field: string): string | undefined;
}

/** The facts of `definition`; without any, the rules alone. */
export function factsOf(definition: DefinitionFacts | undefined): FieldFacts {
  const empty = new Map<string, WhenEmpty>();
  for (const how of ['kept', 'zero', 'null', 'omitted'] as const) for (const field of definition?.[how] ?? []) empty.set(field, how);
  const embedded = new Map<string, string>();
  for (const [within, fields] of Object.entries(definition?.embedded ?? {})) for (const field of fields) embedded.set(field, within);
  const go = new Map(Object.entries(definition?.go ?? {}));
  return {
    whenEmpty: (field, schema, type, required) => empty.get(field) ?? whenEmptyOf(schema, type, required),
    embedded: (field) => embedded.get(field),
    goType: (field) => go.get(field),
  };
}

/**
 * What most fields do: a struct with a default is always there, one without is kept when given; lists and maps are written when required
 * and dropped when empty otherwise; so are strings, integers and booleans; anything else keeps what was given.
 */
function whenEmptyOf(schema: OpenApiSchema, type: NodeType, required: boolean): WhenEmpty {
  switch (type) {
    case 'object':
      return schema.default === undefined ? 'kept' : 'zero';
    case 'array':
    case 'map':
      return required ? 'null' : 'omitted';
    case 'string':
    case 'integer':
    case 'boolean':
      return required && isZero(schema.default) ? 'zero' : 'omitted';
    case 'time':
    case 'microTime':
      return 'omitted';
    default:
      return 'kept';
  }
}

function isZero(value: unknown): boolean {
  return value === '' || value === 0 || value === false;
}
