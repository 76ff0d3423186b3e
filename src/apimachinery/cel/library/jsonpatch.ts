// What mutating admission policies construct: JSON patches, and objects to apply. https://kubernetes.io/docs/reference/access-authn-authz/mutating-admission-policy/

import { traversal } from '../cost/costs.js';
import type { CelType, ObjectField } from '../types.js';
import { dynType, objectType, stringType } from '../types.js';
import type { StructuralSchema } from '../schema-type.js';
import { typeOfSchema } from '../schema-type.js';
import type { Library } from './overload.js';
import { library, overload } from './overload.js';

function field(jsonName: string, type: CelType): readonly [string, ObjectField] {
  return [jsonName, { jsonName, type, required: false }];
}

/** `JSONPatch{op: "add", path: "/spec/x", value: 1}`. */
export const jsonPatchType: CelType = objectType({
  name: 'JSONPatch',
  fields: new Map([field('op', stringType), field('path', stringType), field('from', stringType), field('value', dynType)]),
});

/**
 * The types that `Object{…}`, `Object.spec{…}` and so on construct, by the names that expressions write: every object in the schema, named by its path.
 * Without a schema any field may be set, and `Object.anything` is not known.
 */
export function constructibleTypes(schema: StructuralSchema | undefined): Readonly<Record<string, CelType>> {
  const types: Record<string, CelType> = { JSONPatch: jsonPatchType };
  const root = schema === undefined ? undefined : typeOfSchema(schema, false, 'Object');
  if (root === undefined) types['Object'] = objectType({ name: 'Object', fields: new Map(), open: true });
  else collect(root, types, 0);
  return types;
}

/** Schemas that contain themselves (JSONSchemaProps) are followed so far. */
const deepest = 12;

function collect(type: CelType, types: Record<string, CelType>, depth: number): void {
  if (depth > deepest) return;
  if (type.object !== undefined) {
    types[type.object.name.replaceAll('.@idx', '').replaceAll('.@elem', '')] = type;
    for (const { type: inner } of type.object.fields.values()) collect(inner, types, depth + 1);
  }
  for (const parameter of type.parameters) collect(parameter, types, depth + 1);
}

export function jsonPatchLibrary(): Library {
  return library([
    overload('!jsonpatch.escapeKey(string): string', (key) => (key as string).replaceAll('~', '~0').replaceAll('/', '~1'), traversal([0])),
  ]);
}
