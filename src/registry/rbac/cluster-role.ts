// Cluster roles. https://kubernetes.io/docs/reference/access-authn-authz/rbac/#aggregated-clusterroles
import type { ClusterRole } from '../../../openapi/types/rbac.v1.js';
import { invalid, required } from '../../apimachinery/errors/field-error.js';
import type { Draft } from '../../apimachinery/object.js';
import type { KindDefinition } from '../kind.js';
import { emptyListHooks } from '../rules/empty-lists.js';
import { eachAlone, type Errors } from '../rules/fields.js';
import { labelSelectorErrors } from '../rules/selectors.js';
import { policyRuleErrors } from './rules.js';

function validate(object: Draft<ClusterRole>): Errors {
  const errors = [...policyRuleErrors(object.rules, false)];
  if (object.aggregationRule === undefined) return errors;
  const field = 'aggregationRule.clusterRoleSelectors';
  const selectors = object.aggregationRule.clusterRoleSelectors ?? [];
  if (selectors.length === 0)
    return [...errors, required(field, 'at least one clusterRoleSelector required if aggregationRule is non-nil')];
  const broken = eachAlone(field, selectors, (path, selector) => {
    const found = labelSelectorErrors(path, selector);
    return found.length === 0 ? [] : [...found, invalid(path, null, 'invalid label selector.')];
  });
  return [...errors, ...broken];
}

export const clusterRole: KindDefinition = {
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  resource: 'clusterroles',
  nameRule: 'path',
  createOnUpdate: true,
  strategy: { ...emptyListHooks(['rules']), validate: (object) => validate(object) },
};
