// What mutating admission policies construct: JSON patches, and objects to apply. https://kubernetes.io/docs/reference/access-authn-authz/mutating-admission-policy/

import { traversal } from '../cost/costs.js';
import type { CelType, ObjectField } from '../types.js';
import { dynType, objectType, opaqueType, stringType } from '../types.js';
import type { Library } from './overload.js';
import { library, overload } from './overload.js';

function field(jsonName: string, type: CelType): readonly [string, ObjectField] {
  return [jsonName, { jsonName, type, required: false }];
}

/** `JSONPatch{op: "add", path: "/spec/x", value: 1}`. */
export const jsonPatchType: CelType = objectType({
  name: 'JSONPatch',
  fields: new Map([field('op', stringType), field('path', stringType), field('from', stringType), field('value', dynType)]),
  // The real server's checker has a type without a name for them.
  undeclared: opaqueType(''),
});

/** `Object{…}`: what an apply configuration evaluates to. Its fields are compared with the schema when it is applied. */
export const appliedObjectType: CelType = openObject('Object');

function openObject(name: string): CelType {
  return objectType({ name, fields: new Map(), open: true });
}

/** The types that mutations construct: `JSONPatch{…}`, `Object{…}`, and by their paths the objects in it, such as `Object.spec.containers{…}`. */
export function mutationType(name: string): CelType | undefined {
  if (name === 'JSONPatch') return jsonPatchType;
  if (name === 'Object') return appliedObjectType;
  return name.startsWith('Object.') ? openObject(name) : undefined;
}

export function jsonPatchLibrary(): Library {
  return library([
    overload('!jsonpatch.escapeKey(string): string', (key) => (key as string).replaceAll('~', '~0').replaceAll('/', '~1'), traversal([0])),
  ]);
}
