// The rules of roles. https://kubernetes.io/docs/reference/access-authn-authz/rbac/#role-and-clusterrole
import type { PolicyRule } from '../../../openapi/types/rbac.v1.js';
import { invalid, required } from '../../apimachinery/errors/field-error.js';
import type { Draft } from '../../apimachinery/object.js';
import { eachAlone, type Errors } from '../rules/fields.js';

/** Lists that the API requires are null when they were not sent. */
function empty(list: readonly unknown[] | null | undefined): boolean {
  return list == null || list.length === 0;
}

function ruleErrors(field: string, rule: Draft<PolicyRule>, namespaced: boolean): Errors {
  const errors: Errors[number][] = [];
  if (empty(rule.verbs)) errors.push(required(`${field}.verbs`, 'verbs must contain at least one value'));
  const urls = rule.nonResourceURLs;
  if (!empty(urls)) {
    const path = `${field}.nonResourceURLs`;
    if (namespaced) errors.push(invalid(path, urls, 'namespaced rules cannot apply to non-resource URLs'));
    if (!empty(rule.apiGroups) || !empty(rule.resources) || !empty(rule.resourceNames)) {
      errors.push(invalid(path, urls, 'rules cannot apply to both regular resources and non-resource URLs'));
    }
    return errors;
  }
  if (empty(rule.apiGroups)) errors.push(required(`${field}.apiGroups`, 'resource rules must supply at least one api group'));
  if (empty(rule.resources)) errors.push(required(`${field}.resources`, 'resource rules must supply at least one resource'));
  return errors;
}

/** The broken rules of a role's rules; a namespaced role may name no URLs. */
export function policyRuleErrors(rules: readonly Draft<PolicyRule>[] | undefined, namespaced: boolean): Errors {
  return eachAlone('rules', rules, (field, rule) => ruleErrors(field, rule, namespaced));
}
