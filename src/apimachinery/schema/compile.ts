// Compiles schema nodes from the recorded OpenAPI documents, lazily and once each.
import { factsOf, type FieldFacts, type TypeFacts } from './facts.js';
import type { ListType, NodeType, SchemaField, SchemaNode } from './node.js';
import type { OpenApiDocument, OpenApiSchema } from './openapi.js';

/** Compiled schemas by definition name. */
export interface Schemas {
  /**
   * The node of a definition such as `io.k8s.api.core.v1.Pod`, compiled on the first call, the same object ever after.
   * `document` is where to look first (`api_v1`); without it the documents are loaded in order until one has the definition.
   * Throws an Error when no document has it.
   */
  schemaFor(definition: string, document?: string): SchemaNode;
}

/** What {@link compileSchemas} works from. */
export interface SchemaSource {
  /** The names of all documents, such as `api_v1` and `apis_apps_v1`. */
  readonly documents: readonly string[];
  /** The parsed `openapi/schemas/<document>.json`; called at most once for each document, on first need. */
  load(document: string): OpenApiDocument;
  /** The parsed `openapi/pointers.json`: what OpenAPI does not say; called at most once, on first need. */
  facts(): TypeFacts;
}

/** A definition as found: what it is called, what it says, and the facts about its fields. */
interface Definition {
  readonly name: string;
  readonly schema: OpenApiSchema;
  readonly facts: FieldFacts;
  /** Nodes of other definitions, seen from here. */
  reference(name: string): SchemaNode;
}

/** Definitions that are no structs. */
const special: ReadonlyMap<string, NodeType> = new Map([
  ['io.k8s.apimachinery.pkg.api.resource.Quantity', 'quantity'],
  ['io.k8s.apimachinery.pkg.util.intstr.IntOrString', 'intOrString'],
  ['io.k8s.apimachinery.pkg.apis.meta.v1.Time', 'time'],
  ['io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime', 'microTime'],
  ['io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1', 'any'],
  ['io.k8s.apimachinery.pkg.apis.meta.v1.Patch', 'any'],
  ['io.k8s.apimachinery.pkg.runtime.RawExtension', 'any'],
]);

const apiExtensions = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.';

/** Definitions that are a JSONSchemaProps or something else: `any` nodes with JSONSchemaProps as `additional`. */
const schemaUnions: ReadonlySet<string> = new Set(['JSONSchemaPropsOrArray', 'JSONSchemaPropsOrBool', 'JSONSchemaPropsOrStringArray']);

const noFields: ReadonlyMap<string, SchemaField> = new Map();

/** Makes a compiler; nothing is loaded or compiled until `schemaFor` is called. */
export function compileSchemas(source: SchemaSource): Schemas {
  const documents = new Map<string, OpenApiDocument>();
  const nodes = new Map<string, SchemaNode>();
  let facts: TypeFacts | undefined;

  const load = (document: string): OpenApiDocument => {
    let found = documents.get(document);
    if (found === undefined) documents.set(document, (found = source.load(document)));
    return found;
  };
  const find = (name: string, first: string | undefined): OpenApiSchema => {
    if (first !== undefined && Object.hasOwn(load(first), name)) return load(first)[name]!;
    for (const document of source.documents) if (Object.hasOwn(load(document), name)) return load(document)[name]!;
    throw new Error(`no schema for ${name} in ${source.documents.length} documents`);
  };
  const schemaFor = (name: string, document?: string): SchemaNode => {
    let node = nodes.get(name);
    if (node === undefined) {
      facts ??= source.facts();
      const known = Object.hasOwn(facts.types, name) ? facts.types[name] : undefined;
      node = definitionNode({
        name,
        schema: find(name, document),
        facts: factsOf(known),
        reference: (other) => schemaFor(other, document),
      });
      nodes.set(name, node);
    }
    return node;
  };
  return { schemaFor };
}

/** `v1.PodSpec` of `io.k8s.api.core.v1.PodSpec`. */
function goTypeOf(definition: string): string {
  return definition.split('.').slice(-2).join('.');
}

function definitionNode(definition: Definition): SchemaNode {
  const { name } = definition;
  const goType = goTypeOf(name);
  const type = special.get(name);
  if (type !== undefined) return leaf(type, name, { goType });
  if (name.startsWith(apiExtensions)) {
    const short = name.slice(apiExtensions.length);
    if (short === 'JSON') return leaf('any', name, { goType });
    if (schemaUnions.has(short))
      return { ...leaf('any', name, { goType }), additional: definition.reference(`${apiExtensions}JSONSchemaProps`) };
  }
  return new StructNode(definition, goType);
}

interface LeafFacts {
  readonly goType?: string | undefined;
  readonly format?: string | undefined;
  readonly enum?: readonly string[] | undefined;
}

function leaf(type: NodeType, name: string, { goType, format, enum: values }: LeafFacts): SchemaNode {
  return { type, name, fields: noFields, items: undefined, additional: undefined, format, enum: values, goType };
}

/** A struct. Its fields are made when first asked for: that allows cycles, and costs nothing for parts never used. */
class StructNode implements SchemaNode {
  readonly type = 'object';
  readonly name: string;
  readonly items = undefined;
  readonly additional = undefined;
  readonly format = undefined;
  readonly enum = undefined;
  readonly mapType: SchemaNode['mapType'];
  #fields: ReadonlyMap<string, SchemaField> | undefined;

  constructor(
    private readonly definition: Definition,
    readonly goType: string,
  ) {
    this.name = definition.name;
    this.mapType = mapTypeOf(definition.schema);
  }

  get fields(): ReadonlyMap<string, SchemaField> {
    return (this.#fields ??= new Map(
      Object.entries(this.definition.schema.properties ?? {}).map(([name, schema]) => [name, fieldOf(this.definition, name, schema)]),
    ));
  }
}

function mapTypeOf(schema: OpenApiSchema): SchemaNode['mapType'] {
  const type = schema['x-kubernetes-map-type'];
  return type === 'atomic' || type === 'granular' ? type : undefined;
}

function fieldOf(definition: Definition, name: string, schema: OpenApiSchema): SchemaField {
  const node = inlineNode(definition, schema, definition.facts.goType(name));
  const required = definition.schema.required?.includes(name) ?? false;
  return {
    name,
    node,
    required,
    default: schema.default,
    listType: listTypeOf(schema),
    listMapKeys: schema['x-kubernetes-list-map-keys'] ?? [],
    mapType: mapTypeOf(schema) ?? node.mapType ?? 'granular',
    patchStrategy: schema['x-kubernetes-patch-strategy'] ?? '',
    patchMergeKey: schema['x-kubernetes-patch-merge-key'] ?? '',
    whenEmpty: definition.facts.whenEmpty(name, schema, node.type, required),
    embedded: definition.facts.embedded(name),
  };
}

function listTypeOf(schema: OpenApiSchema): ListType {
  const type = schema['x-kubernetes-list-type'];
  return type === 'set' || type === 'map' ? type : 'atomic';
}

/** `#/components/schemas/NAME`, written alone or as the one member of `allOf`. */
function referenceOf(schema: OpenApiSchema): string | undefined {
  const reference = schema.$ref ?? schema.allOf?.[0]?.$ref;
  return reference?.slice(reference.lastIndexOf('/') + 1);
}

/** The node of a property, of a list's elements or of a map's values. `goType` is its name in errors where the schema does not tell. */
function inlineNode(definition: Definition, schema: OpenApiSchema, goType: string | undefined): SchemaNode {
  const reference = referenceOf(schema);
  if (reference !== undefined) return definition.reference(reference);
  const { format, enum: values } = schema;
  switch (schema.type) {
    case 'string':
      return leaf('string', '', { goType: goType ?? (format === 'byte' ? '[]uint8' : 'string'), format, enum: values });
    case 'integer':
      return leaf('integer', '', { goType: goType ?? format ?? 'int64', format });
    case 'number':
      return leaf('number', '', { goType: goType ?? 'float64', format });
    case 'boolean':
      return leaf('boolean', '', { goType: goType ?? 'bool' });
    case 'array': {
      const items = inlineNode(definition, schema.items ?? {}, inner(goType, '[]'));
      return { ...leaf('array', '', { goType: goType ?? `[]${items.goType}` }), items };
    }
    case 'object':
      if (typeof schema.additionalProperties === 'object') {
        const additional = inlineNode(definition, schema.additionalProperties, inner(goType, 'map['));
        return { ...leaf('map', '', { goType: goType ?? `map[string]${additional.goType}` }), additional };
      }
      return leaf('any', '', {});
    default:
      return leaf('any', '', {});
  }
}

/** What is in `[]v1.Verb` or `map[string]v1.ExtraValue`; undefined for a name of its own, such as `v1.ResourceList`. */
function inner(goType: string | undefined, prefix: '[]' | 'map['): string | undefined {
  if (!goType?.startsWith(prefix)) return undefined;
  return goType.slice(goType.indexOf(']') + 1);
}
