// Aggregated cluster roles: `admin`, `edit` and `view` gather the rules of roles labelled for them.
// https://kubernetes.io/docs/reference/access-authn-authz/rbac/#aggregated-clusterroles
import { isDeepStrictEqual } from 'node:util';
import type { ClusterRole, PolicyRule } from '../../../openapi/types/rbac.v1.js';
import { compileLabelSelector } from '../../apimachinery/selectors/labels.js';

/**
 * The rules of an aggregated role: of all other cluster roles that any of its selectors matches, in the order of their names, each rule
 * once. Pure. A role without an aggregation rule keeps its own. Throws `SelectorError` for a selector that is wrong.
 */
export function aggregateRules(role: ClusterRole, clusterRoles: Iterable<ClusterRole>): readonly PolicyRule[] {
  if (role.aggregationRule == null) return role.rules ?? [];
  const selectors = (role.aggregationRule.clusterRoleSelectors ?? []).map((selector) => compileLabelSelector(selector));
  const others = [...clusterRoles].filter(
    ({ metadata }) => metadata.name !== role.metadata.name && selectors.some((selector) => selector.matches(metadata.labels)),
  );
  others.sort((a, b) => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1));
  const rules: PolicyRule[] = [];
  for (const other of others)
    for (const rule of other.rules ?? []) if (!rules.some((known) => isDeepStrictEqual(known, rule))) rules.push(rule);
  return rules;
}

/**
 * All roles with their aggregated rules, where roles that are aggregated themselves (`view` in `edit` in `admin`) count with what they
 * gathered: the state that the aggregation controller arrives at. Roles that do not change come back as they are. Pure.
 */
export function aggregateAll(clusterRoles: readonly ClusterRole[]): readonly ClusterRole[] {
  let roles = clusterRoles;
  // A chain of aggregated roles is at most as long as there are such roles; roles that select each other settle too, since rules are only added.
  for (let round = clusterRoles.filter((role) => role.aggregationRule != null).length; round > 0; round--) {
    const before = roles;
    roles = before.map((role) => {
      if (role.aggregationRule == null) return role;
      const rules = aggregateRules(role, before);
      return isDeepStrictEqual(rules, role.rules ?? []) ? role : { ...role, rules };
    });
    if (roles.every((role, i) => role === before[i])) break;
  }
  return roles;
}
