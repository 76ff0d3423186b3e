// Decides by the policies of a file. https://kubernetes.io/docs/reference/access-authn-authz/abac/
import type { NonResourceRule, ResourceRule } from '../../../../openapi/types/authorization.v1.js';
import type { UserInfo } from '../../../registry/kind.js';
import { isResourceRequest, type Attributes, type Decision, type SyncAuthorizer } from '../authorizer.js';
import type { AbacPolicy } from './policy-file.js';

const allowed: Decision = { allowed: true, reason: '' };
const unmatched: Decision = { allowed: false, reason: 'No policy matched.' };
const readVerbs = ['get', 'list', 'watch'];

/** Policies are found by their user and group: a request costs as much as the policies that speak of who asks. */
export function createAbacAuthorizer(policies: readonly AbacPolicy[]): SyncAuthorizer {
  const byUser = new Map<string, AbacPolicy[]>();
  const byGroup = new Map<string, AbacPolicy[]>();
  /** Their lines' order. */
  const places = new Map<AbacPolicy, number>();
  for (const [place, policy] of policies.entries()) {
    places.set(policy, place);
    const [index, name] = policy.user === '' ? [byGroup, policy.group] : [byUser, policy.user];
    // A policy that speaks of nobody allows nothing.
    if (name === '') continue;
    const known = index.get(name);
    if (known === undefined) index.set(name, [policy]);
    else known.push(policy);
  }

  function* policiesOf({ name, groups }: UserInfo): Iterable<AbacPolicy> {
    for (const policy of byUser.get(name) ?? []) if (policy.group === '' || groups.includes(policy.group)) yield policy;
    for (const group of new Set(groups)) yield* byGroup.get(group) ?? [];
  }

  return {
    authorize(attributes) {
      for (const policy of policiesOf(attributes.user)) if (allows(policy, attributes)) return allowed;
      return unmatched;
    },
    rulesFor(user, namespace) {
      const resourceRules: ResourceRule[] = [];
      const nonResourceRules: NonResourceRule[] = [];
      const own = [...policiesOf(user)].sort((a, b) => places.get(a)! - places.get(b)!);
      for (const { readonly, apiGroup, resource, nonResourcePath, namespace: where } of own) {
        // As with the real server, a policy of another namespace says nothing of paths either.
        if (!covers(where, namespace)) continue;
        const verbs = readonly ? readVerbs : ['*'];
        if (resource !== '') resourceRules.push({ verbs, apiGroups: [apiGroup], resources: [resource] });
        if (nonResourcePath !== '') nonResourceRules.push({ verbs, nonResourceURLs: [nonResourcePath] });
      }
      return { resourceRules, nonResourceRules, incomplete: false, errors: [] };
    },
  };
}

function covers(said: string, asked: string): boolean {
  return said === '*' || said === asked;
}

function allows(policy: AbacPolicy, attributes: Attributes): boolean {
  if (policy.readonly && !readVerbs.includes(attributes.verb)) return false;
  if (isResourceRequest(attributes)) {
    const { namespace, resource, group } = attributes;
    // Subresources are not told apart.
    return covers(policy.namespace, namespace) && covers(policy.resource, resource) && covers(policy.apiGroup, group);
  }
  const { nonResourcePath: said } = policy;
  const { path } = attributes;
  return said !== '' && (said === path || (said.endsWith('*') && path.startsWith(said.slice(0, -1))));
}
