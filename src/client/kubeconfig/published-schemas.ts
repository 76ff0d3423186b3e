// The schemas of a group's version from the document that the server publishes. https://kubernetes.io/docs/concepts/overview/kubernetes-api/#openapi-v3
import type { StructuralSchema } from '../../apimachinery/cel/schema-type.js';
import { ApiError } from '../../apimachinery/errors/api-error.js';
import { isRecord } from '../../apimachinery/object.js';
import type { ServedSchema } from '../client.js';
import type { Transport } from './transport.js';

interface Document {
  readonly paths?: Readonly<Record<string, unknown>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, unknown>> };
}

/** Empty for a version that is not served. */
export async function publishedSchemas(transport: Transport, group: string, version: string): Promise<readonly ServedSchema[]> {
  const path = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  let document: Document;
  try {
    document = (await transport.json({ method: 'GET', path: `/openapi/v3${path}` })) as Document;
  } catch (error) {
    if (error instanceof ApiError && error.status.code === 404) return [];
    throw error;
  }
  const schemas = document.components?.schemas ?? {};
  const definitions = definitionsOf(schemas, group, version);
  const found = new Map<string, ServedSchema>();
  for (const [url, item] of Object.entries(document.paths ?? {})) {
    const resource = url.slice(url.lastIndexOf('/') + 1);
    // A collection, of one namespace or of all: a POST makes an object of its kind.
    const kind = resource === '' || resource.startsWith('{') || found.has(resource) ? undefined : createdKind(item);
    const definition = kind === undefined || !isCollection(url, path, resource) ? undefined : definitions.get(kind);
    if (kind === undefined || definition === undefined) continue;
    let made: StructuralSchema | undefined;
    found.set(resource, { kind, resource, schema: () => (made ??= resolved(definition, schemas, [])) });
  }
  return [...found.values()];
}

function isCollection(url: string, path: string, resource: string): boolean {
  return url === `${path}/${resource}` || url === `${path}/namespaces/{namespace}/${resource}`;
}

function createdKind(item: unknown): string | undefined {
  const post = isRecord(item) && isRecord(item['post']) ? item['post'] : {};
  const type = post['x-kubernetes-group-version-kind'];
  return isRecord(type) && typeof type['kind'] === 'string' ? type['kind'] : undefined;
}

/** The definitions of the version's kinds, by kind. */
function definitionsOf(schemas: Readonly<Record<string, unknown>>, group: string, version: string): ReadonlyMap<string, unknown> {
  const definitions = new Map<string, unknown>();
  for (const schema of Object.values(schemas)) {
    const types = isRecord(schema) ? schema['x-kubernetes-group-version-kind'] : undefined;
    for (const type of Array.isArray(types) ? (types as readonly unknown[]) : []) {
      if (isRecord(type) && (type['group'] ?? '') === group && type['version'] === version) definitions.set(String(type['kind']), schema);
    }
  }
  return definitions;
}

const reference = '#/components/schemas/';

/** The schema with what it refers to in its place. `above` are the definitions that it is in: one that contains itself has no fields the second time. */
function resolved(schema: unknown, schemas: Readonly<Record<string, unknown>>, above: readonly string[]): StructuralSchema {
  if (!isRecord(schema)) return {};
  const all = schema['allOf'];
  const target = schema['$ref'] ?? (Array.isArray(all) && isRecord(all[0]) ? all[0]['$ref'] : undefined);
  if (typeof target === 'string') {
    const name = target.slice(reference.length);
    if (above.includes(name)) return { type: 'object' };
    return resolved(Object.hasOwn(schemas, name) ? schemas[name] : undefined, schemas, [...above, name]);
  }
  const { properties, additionalProperties, items } = schema;
  const { 'x-kubernetes-int-or-string': marked, format } = schema;
  return {
    ...(schema as StructuralSchema),
    ...(marked === true || format === 'int-or-string' ? { 'x-kubernetes-int-or-string': true } : {}),
    ...(isRecord(properties)
      ? { properties: Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, resolved(one, schemas, above)])) }
      : {}),
    ...(isRecord(additionalProperties) ? { additionalProperties: resolved(additionalProperties, schemas, above) } : {}),
    ...(isRecord(items) ? { items: resolved(items, schemas, above) } : {}),
  };
}
