// What kubelets may do.
// https://kubernetes.io/docs/reference/access-authn-authz/node/
import type { PolicyRule } from '../../../../openapi/types/rbac.v1.js';
import {
  isResourceRequest,
  noRules,
  unknownRules,
  type Attributes,
  type Decision,
  type ResourceAttributes,
  type SyncAuthorizer,
} from '../authorizer.js';
import { matchesName, matchesResource } from '../rules.js';
import type { NodeGraph } from './graph.js';

const nodesGroup = 'system:nodes';
const namePrefix = 'system:node:';
const leaseNamespace = 'kube-node-lease';

const unknown: Decision = { allowed: false, reason: '' };
const allowed: Decision = { allowed: true, reason: '' };

/** Reads of single objects that the pods of a node may refer to. */
type Check = (asked: ResourceAttributes, node: string) => Decision | undefined;

/**
 * Kubelets (users `system:node:<name>` in the group `system:nodes`) may read what the pods on their node refer to, themselves and little else;
 * what no check is about, they may do as the rules of the cluster role `system:node` say.
 * `rules` are those of a fresh control plane: like the real one's they do not change with the stored role.
 */
export function createNodeAuthorizer(rules: readonly PolicyRule[], graph: NodeGraph): SyncAuthorizer {
  const related = ({ resource, namespace, name }: ResourceAttributes, node: string): Decision => {
    if (name === '') return no('No Object name found');
    return graph.isRelated(node, resource, namespace, name) ? allowed : no(`no relationship found between node '${node}' and this object`);
  };
  const onlyGet: Check = (asked, node) => {
    if (asked.verb !== 'get') return no('can only get individual resources of this type');
    return asked.subresource === '' ? related(asked, node) : no('cannot get subresource');
  };
  const onlyRead: Check = (asked, node) => {
    if (!isRead(asked.verb)) return no('can only read resources of this type');
    if (asked.subresource !== '') return no('cannot read subresource');
    return asked.namespace === '' ? no('can only read namespaced object of this type') : related(asked, node);
  };
  const checks: ReadonlyMap<string, Check> = new Map<string, Check>([
    ['/secrets', onlyRead],
    ['/configmaps', onlyRead],
    ['/persistentvolumes', onlyGet],
    ['storage.k8s.io/volumeattachments', onlyGet],
    ['resource.k8s.io/resourceclaims', onlyGet],
    [
      '/persistentvolumeclaims',
      (asked, node) => {
        if (asked.subresource !== 'status') return onlyGet(asked, node);
        return asked.verb === 'update' || asked.verb === 'patch' ? related(asked, node) : no('can only get/update/patch this type');
      },
    ],
    [
      '/serviceaccounts',
      (asked, node) => {
        const { verb, subresource, name } = asked;
        if (verb === 'get' && subresource === '') return related(asked, node);
        if (verb !== 'create' || name === '') return no('can only create tokens for individual service accounts');
        return subresource === 'token' ? related(asked, node) : no('can only create token subresource of serviceaccount');
      },
    ],
    [
      'resource.k8s.io/resourceslices',
      (asked, node) => {
        if (asked.subresource !== '') return no('cannot authorize ResourceSlice subresources');
        switch (asked.verb) {
          case 'create':
            return allowed;
          case 'get':
          case 'update':
          case 'patch':
          case 'delete':
            return related(asked, node);
          case 'list':
          case 'watch':
          case 'deletecollection':
            return isOfNode(asked, node) ? allowed : no('can only list/watch/deletecollection resourceslices with nodeName field selector');
          default:
            return no(
              'only the following verbs are allowed for a ResourceSlice: get, watch, list, create, update, patch, delete, deletecollection',
            );
        }
      },
    ],
    [
      '/pods',
      (asked, node) => {
        const { verb, subresource, name } = asked;
        if (subresource !== '' || !isRead(verb)) return undefined;
        if (verb === 'get') return related(asked, node);
        if (isOfNode(asked, node)) return allowed;
        return name === '' ? no('can only list/watch pods with spec.nodeName field selector') : related(asked, node);
      },
    ],
    [
      '/nodes',
      ({ verb, subresource, name }, node) => {
        if (subresource !== '' || !isRead(verb)) return undefined;
        if (name === node) return allowed;
        return no(`node '${node}' cannot read ${name === '' ? 'all nodes' : `'${name}'`}, only its own Node object`);
      },
    ],
    ['coordination.k8s.io/leases', leaseCheck],
    ['storage.k8s.io/csinodes', csiNodeCheck],
  ]);

  return {
    authorize(attributes) {
      const node = nodeOf(attributes);
      if (node === undefined) return unknown;
      if (node === '') return no(`unknown node for user ${JSON.stringify(attributes.user.name)}`);
      if (!isResourceRequest(attributes)) return unknown;
      const decision = checks.get(`${attributes.group}/${attributes.resource}`)?.(attributes, node);
      if (decision !== undefined) return decision;
      return rules.some((rule) => matchesResource(rule, attributes) && matchesName(rule, attributes.name)) ? allowed : unknown;
    },
    rulesFor(user) {
      return nodeOf({ user }) === undefined ? noRules : unknownRules('node authorizer does not support user rule resolution');
    },
  };
}

const leaseCheck: Check = ({ verb, namespace, name }, node) => {
  if (!isWrite(verb)) return no('can only get, create, update, patch, or delete a node lease');
  if (namespace !== leaseNamespace) return no(`can only access leases in the "${leaseNamespace}" system namespace`);
  // The name of a new one is known when the object is: NodeRestriction looks at it.
  if (verb !== 'create' && name !== node) return no('can only access node lease with the same name as the requesting node');
  return allowed;
};

const csiNodeCheck: Check = ({ verb, subresource, name }, node) => {
  if (!isWrite(verb)) return no('can only get, create, update, patch, or delete a CSINode');
  if (subresource !== '') return no('cannot authorize CSINode subresources');
  if (verb !== 'create' && name !== node) return no('can only access CSINode with the same name as the requesting node');
  return allowed;
};

function isRead(verb: string): boolean {
  return verb === 'get' || verb === 'list' || verb === 'watch';
}

/** Or reads one. */
function isWrite(verb: string): boolean {
  return verb === 'get' || verb === 'create' || verb === 'update' || verb === 'patch' || verb === 'delete';
}

function isOfNode({ selectors }: ResourceAttributes, node: string): boolean {
  return (selectors?.fields ?? []).some(
    ({ key, operator, values }) => key === 'spec.nodeName' && operator === 'In' && values.length === 1 && values[0] === node,
  );
}

/** The node that a kubelet's user is of; '' for a user that names none. */
export function nodeOf({ user }: Pick<Attributes, 'user'>): string | undefined {
  return user.name.startsWith(namePrefix) && user.groups.includes(nodesGroup) ? user.name.slice(namePrefix.length) : undefined;
}

function no(reason: string): Decision {
  return { allowed: false, reason };
}
