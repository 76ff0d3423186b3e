// What kubelets may do.
// https://kubernetes.io/docs/reference/access-authn-authz/node/
import type { PolicyRule } from '../../../openapi/types/rbac.v1.js';
import { isResourceRequest, type Attributes, type Authorizer, type Decision } from './authorizer.js';
import { matchesName, matchesResource } from './rules.js';

const nodesGroup = 'system:nodes';
const namePrefix = 'system:node:';
const leaseNamespace = 'kube-node-lease';

const unknown: Decision = { allowed: false, reason: '' };
const allowed: Decision = { allowed: true, reason: '' };

/**
 * Kubelets (users `system:node:<name>` in the group `system:nodes`) may do what the rules of the cluster role `system:node` say; of
 * leases and CSINodes only with the one of their own name, leases only in `kube-node-lease`. A real server also follows which pods are on
 * which node and lets a kubelet read only the secrets, config maps, claims and nodes that belong to those; this one does not.
 * `rules` are those of `system:node` as a fresh control plane has them: like the real one's they do not change with the stored role.
 */
export function createNodeAuthorizer(rules: readonly PolicyRule[]): Authorizer {
  return {
    authorize(attributes) {
      const node = nodeOf(attributes);
      if (node === undefined || !isResourceRequest(attributes)) return unknown;
      const { group, resource, namespace, name } = attributes;
      if (group === 'coordination.k8s.io' && resource === 'leases') {
        if (namespace !== leaseNamespace) return no(`can only access leases in the "${leaseNamespace}" system namespace`);
        if (name !== '' && name !== node) return no('can only access node lease with the same name as the requesting node');
      }
      if (group === 'storage.k8s.io' && resource === 'csinodes' && name !== '' && name !== node)
        return no('can only access CSINode with the same name as the requesting node');
      return rules.some((rule) => matchesResource(rule, attributes) && matchesName(rule, name)) ? allowed : unknown;
    },
  };
}

/** The node that a kubelet's user is of. */
export function nodeOf({ user }: Pick<Attributes, 'user'>): string | undefined {
  return user.name.startsWith(namePrefix) && user.groups.includes(nodesGroup) ? user.name.slice(namePrefix.length) : undefined;
}

function no(reason: string): Decision {
  return { allowed: false, reason };
}
