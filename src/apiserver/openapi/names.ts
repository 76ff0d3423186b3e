// Names in OpenAPI documents: of groups in operations and tags, of definitions of custom resources.
import type { Kind } from '../../registry/kind.js';

/** `rbac.authorization.k8s.io` is `rbacAuthorization`, the core group `core`. */
export function groupTag(group: string): string {
  const [first = '', ...rest] = group === '' ? ['core'] : group.replace(/\.k8s\.io$/, '').split(/[.-]/);
  return first + rest.map(capitalized).join('');
}

/** `rbacAuthorization_v1`. */
export function versionTag(group: string, version: string): string {
  return `${groupTag(group)}_${version}`;
}

/** The part of an operationId that says the group and version: `RbacAuthorizationV1`. */
export function operationGroup(group: string, version: string): string {
  return capitalized(groupTag(group)) + capitalized(version);
}

export function capitalized(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}

/** The definition of the list of a kind. */
export function listDefinition({ definition, kind, listKind }: Kind): string {
  return definition.slice(0, definition.length - kind.length) + listKind;
}

/** Names of definitions that every group uses. */
export const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1';
