// Whether a rule of a role allows a request.
// https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources
import type { PolicyRule } from '../../../openapi/types/rbac.v1.js';
import type { NonResourceAttributes, ResourceAttributes } from './authorizer.js';

/** All but the name: a rule with `resourceNames` is for the caller to compare. */
export function matchesResource(rule: PolicyRule, { verb, group, resource, subresource }: ResourceAttributes): boolean {
  return has(rule.verbs, verb) && has(rule.apiGroups, group) && hasResource(rule.resources, resource, subresource);
}

/** Whether the rule is not only for objects of certain names. */
export function speaksOfAllNames({ resourceNames }: PolicyRule): boolean {
  return resourceNames == null || resourceNames.length === 0;
}

/** Whether the rule speaks of this name ('' when the request has none, as with a list). */
export function matchesName(rule: PolicyRule, name: string): boolean {
  return speaksOfAllNames(rule) || rule.resourceNames!.includes(name);
}

export function matchesPath(rule: PolicyRule, { verb, path }: NonResourceAttributes): boolean {
  return has(rule.verbs, verb) && (rule.nonResourceURLs ?? []).some((url) => coversPath(url, path));
}

function has(list: readonly string[] | undefined, value: string): boolean {
  return list !== undefined && (list.includes(value) || list.includes('*'));
}

function hasResource(list: readonly string[] | undefined, resource: string, subresource: string): boolean {
  if (list === undefined) return false;
  if (list.includes('*')) return true;
  if (subresource === '') return list.includes(resource);
  // `*/scale` is the scale of any resource.
  return list.includes(`${resource}/${subresource}`) || list.includes(`*/${subresource}`);
}

function coversPath(url: string, path: string): boolean {
  return url === path || (url.endsWith('*') && path.startsWith(url.slice(0, -1)));
}
