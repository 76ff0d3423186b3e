// Roles. https://kubernetes.io/docs/reference/access-authn-authz/rbac/#role-and-clusterrole
import type { Role } from '../../../openapi/types/rbac.v1.js';
import type { Draft } from '../../apimachinery/object.js';
import type { KindDefinition } from '../kind.js';
import { emptyListHooks } from '../rules/empty-lists.js';
import { policyRuleErrors } from './rules.js';

export const role: KindDefinition = {
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  resource: 'roles',
  nameRule: 'path',
  createOnUpdate: true,
  strategy: {
    ...emptyListHooks(['rules']),
    validate: (object) => policyRuleErrors((object as Draft<Role>).rules, true),
  },
};
