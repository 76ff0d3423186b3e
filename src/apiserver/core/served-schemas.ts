// The schemas of kinds as the types of expressions are made of them: what OpenAPI publishes, without the way through its documents.
import type { StructuralSchema } from '../../apimachinery/cel/schema-type.js';
import type { SchemaNode } from '../../apimachinery/schema/node.js';
import type { ServedSchema } from '../../client/client.js';
import type { Kind } from '../../registry/kind.js';

export function servedSchemas(kinds: readonly Kind[]): readonly ServedSchema[] {
  return kinds.map((kind) => ({ kind: kind.kind, resource: kind.resource, schema: () => schemaOf(kind) }));
}

/** A memo, not state: it goes with the kind. */
const known = new WeakMap<Kind, StructuralSchema>();

function schemaOf(kind: Kind): StructuralSchema {
  let schema = known.get(kind);
  if (schema === undefined) known.set(kind, (schema = kind.customSchema === undefined ? ofNode(kind.schema(), []) : ofCustom(kind)));
  return schema;
}

/** What every object has beside what its definition says. */
function ofCustom(kind: Kind): StructuralSchema {
  const own = kind.customSchema as StructuralSchema;
  const metadata = kind.schema().fields.get('metadata')?.node;
  return {
    ...own,
    type: 'object',
    properties: {
      ...own.properties,
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      ...(metadata === undefined ? {} : { metadata: ofNode(metadata, []) }),
    },
  };
}

/** Objects whose fields are anybody's; other values of any type have no type that an expression could see. */
const freeObjects: ReadonlySet<string> = new Set([
  'io.k8s.apimachinery.pkg.runtime.RawExtension',
  'io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1',
]);

/** `above` are the definitions that this is in: one that contains itself has no fields the second time. */
function ofNode(node: SchemaNode, above: readonly string[]): StructuralSchema {
  switch (node.type) {
    case 'object': {
      if (node.name !== '' && above.includes(node.name)) return { type: 'object' };
      const inner = node.name === '' ? above : [...above, node.name];
      return {
        type: 'object',
        properties: Object.fromEntries([...node.fields.values()].map((field) => [field.name, ofNode(field.node, inner)])),
        required: [...node.fields.values()].filter((field) => field.required).map((field) => field.name),
      };
    }
    case 'map':
      return { type: 'object', additionalProperties: ofNode(node.additional!, above) };
    case 'array':
      return { type: 'array', items: ofNode(node.items!, above) };
    case 'time':
    case 'microTime':
      return { type: 'string', format: 'date-time' };
    case 'intOrString':
      return { 'x-kubernetes-int-or-string': true };
    case 'quantity':
      return {};
    case 'any':
      return freeObjects.has(node.name) ? { type: 'object' } : {};
    default:
      return { type: node.type, ...(node.format === undefined ? {} : { format: node.format }) };
  }
}
