// Rules that webhooks and policies share: what requests they match.
// https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#matching-requests-rules
import type { MatchCondition, MatchResources, NamedRuleWithOperations } from '../../../openapi/types/admissionregistration.v1.js';
import type { Program } from '../../apimachinery/cel/compile.js';
import { duplicate, invalid, required, tooMany } from '../../apimachinery/errors/field-error.js';
import type { Draft } from '../../apimachinery/object.js';
import { checkPathSegment, checkQualifiedName, each, eachAlone, needed, oneOf, optionalOneOf, type Errors } from '../rules/fields.js';
import { labelSelectorErrors } from '../rules/selectors.js';
import { programErrors } from './expressions.js';

const mostConditions = 64;
const operations = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];
export const failurePolicies = ['Fail', 'Ignore'];
export const matchPolicies = ['Equivalent', 'Exact'];

function listErrors(
  field: string,
  values: readonly string[] | undefined,
  what: string,
  check: (field: string, value: string) => Errors,
): Errors {
  const list = values ?? [];
  if (list.length === 0) return [required(field)];
  const mixed = list.length > 1 && list.includes('*') ? [invalid(field, list, `if '*' is present, must not specify other ${what}`)] : [];
  const broken = each(field, list, check);
  return what === 'operations' ? [...mixed, ...broken] : [...broken, ...mixed];
}

/** Resources with wildcards must not also name what the wildcard covers. */
function resourceErrors(field: string, values: readonly string[] | undefined): Errors {
  const list = values ?? [];
  if (list.length === 0) return [required(field)];
  const allSubresourcesOf = new Set<string>();
  const ofAllResources = new Set<string>();
  let plain = false;
  const errors: Errors[number][] = [];
  list.forEach((value, index) => {
    const path = `${field}[${index}]`;
    if (value === '') errors.push(required(path));
    const slash = value.indexOf('/');
    if (slash < 0) {
      if (value !== '*') plain = true;
      return;
    }
    const resource = value.slice(0, slash);
    const subresource = value.slice(slash + 1);
    if (allSubresourcesOf.has(resource)) errors.push(invalid(path, value, `if '${resource}/*' is present, must not specify ${value}`));
    if (ofAllResources.has(subresource)) errors.push(invalid(path, value, `if '*/${subresource}' is present, must not specify ${value}`));
    if (resource === '*') ofAllResources.add(subresource);
    if (subresource === '*') allSubresourcesOf.add(resource);
  });
  if (list.length > 1 && list.includes('*/*')) errors.push(invalid(field, list, "if '*/*' is present, must not specify other resources"));
  if (plain && list.includes('*')) {
    errors.push(invalid(field, list, "if '*' is present, must not specify other resources without subresources"));
  }
  return errors;
}

/** One rule; the resource names of policies' rules are checked too. */
export function ruleErrors(field: string, rule: Draft<NamedRuleWithOperations>): Errors {
  const names = new Set<string>();
  return [
    ...each(`${field}.resourceNames`, rule.resourceNames, (path, name) => {
      const errors: Errors[number][] = [...checkPathSegment(path, name)];
      if (names.has(name)) errors.push(duplicate(path, name));
      names.add(name);
      return errors;
    }),
    ...listErrors(`${field}.operations`, rule.operations, 'operations', (path, value) => oneOf(path, value, operations)),
    ...listErrors(`${field}.apiGroups`, rule.apiGroups, 'API groups', () => []),
    ...listErrors(`${field}.apiVersions`, rule.apiVersions, 'API versions', (path, value) => needed(path, value)),
    ...resourceErrors(`${field}.resources`, rule.resources),
    ...optionalOneOf(`${field}.scope`, rule.scope, ['*', 'Cluster', 'Namespaced']),
  ];
}

/** Match conditions: named, each name once. `programs` are those of the expressions, or why there are none. */
export function matchConditionErrors(
  field: string,
  conditions: readonly Draft<MatchCondition>[] | undefined,
  programs: readonly (Program | string)[],
): Errors {
  const names = new Set<string>();
  const count = conditions?.length ?? 0;
  if (count > mostConditions) return [tooMany(field, count, mostConditions)];
  return each(field, conditions, (path, { name = '', expression }, index) => {
    const errors = [
      ...needed(`${path}.expression`, expression?.trim()),
      ...programErrors(`${path}.expression`, expression, programs[index]),
      ...needed(`${path}.name`, name, checkQualifiedName),
    ];
    if (name !== '' && names.has(name)) errors.push(duplicate(`${path}.name`, name));
    names.add(name);
    return errors;
  });
}

/** What a policy or binding matches. */
export function matchResourcesErrors(field: string, match: Draft<MatchResources>): Errors {
  return [
    ...optionalOneOf(`${field}.matchPolicy`, match.matchPolicy, matchPolicies),
    ...labelSelectorErrors(`${field}.namespaceSelector`, match.namespaceSelector),
    ...labelSelectorErrors(`${field}.objectSelector`, match.objectSelector),
    ...eachAlone(`${field}.resourceRules`, match.resourceRules, ruleErrors),
    ...eachAlone(`${field}.excludeResourceRules`, match.excludeResourceRules, ruleErrors),
  ];
}
