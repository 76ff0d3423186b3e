// The groups that everyone is in.
import { labelNameProblems, subdomainProblems } from '../../apimachinery/names/names.js';
import type { UserInfo } from '../../registry/kind.js';

export const authenticatedGroup = 'system:authenticated';
export const unauthenticatedGroup = 'system:unauthenticated';
export const mastersGroup = 'system:masters';

/** Who asks when nothing says who. */
export const anonymousUser: UserInfo = { name: 'system:anonymous', groups: [unauthenticatedGroup] };

/** What the API server itself does, in process. */
export const apiServerUser: UserInfo = { name: 'system:apiserver', groups: [mastersGroup, authenticatedGroup] };

/** The user, in the group of those who said who they are; whoever is named as nobody is not. */
export function authenticated(user: UserInfo): UserInfo {
  if (user.name === anonymousUser.name || user.groups.includes(authenticatedGroup) || user.groups.includes(unauthenticatedGroup))
    return user;
  return { ...user, groups: [...user.groups, authenticatedGroup] };
}

/** An in-process component as the user it is in a real cluster: `system:kube-scheduler`, `system:kube-controller-manager`, … */
export function componentUser(name: string): UserInfo {
  return { name, groups: [authenticatedGroup] };
}

/** The kubelet of a node. https://kubernetes.io/docs/reference/access-authn-authz/node/ */
export function nodeUser(nodeName: string): UserInfo {
  return { name: `system:node:${nodeName}`, groups: ['system:nodes', authenticatedGroup] };
}

/** A controller with its own account: `system:serviceaccount:kube-system:deployment-controller`. */
export function serviceAccountUser(namespace: string, name: string): UserInfo {
  return { name: serviceAccountName(namespace, name), groups: [...serviceAccountGroups(namespace), authenticatedGroup] };
}

export function serviceAccountName(namespace: string, name: string): string {
  return `system:serviceaccount:${namespace}:${name}`;
}

export function serviceAccountGroups(namespace: string): readonly string[] {
  return ['system:serviceaccounts', `system:serviceaccounts:${namespace}`];
}

/** The account that a user name stands for; undefined for other users. */
export function parseServiceAccountName(user: string): { readonly namespace: string; readonly name: string } | undefined {
  const parts = user.split(':');
  if (parts.length !== 4 || parts[0] !== 'system' || parts[1] !== 'serviceaccount') return undefined;
  const [namespace, name] = [parts[2]!, parts[3]!];
  const isAccount = labelNameProblems(namespace).length === 0 && subdomainProblems(name).length === 0;
  return isAccount ? { namespace, name } : undefined;
}
