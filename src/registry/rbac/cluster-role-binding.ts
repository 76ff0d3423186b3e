// Cluster role bindings. https://kubernetes.io/docs/reference/access-authn-authz/rbac/#rolebinding-and-clusterrolebinding
import type { KindDefinition } from '../kind.js';
import { bindingCells, bindingStrategy } from './bindings.js';

export const clusterRoleBinding: KindDefinition = {
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  resource: 'clusterrolebindings',
  nameRule: 'path',
  createOnUpdate: true,
  strategy: bindingStrategy(['ClusterRole'], false),
  cells: bindingCells,
};
