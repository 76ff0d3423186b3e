// Who may grant what: nobody gives rights by roles and bindings that they do not have themselves.
// https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping
import type { ClusterRole, PolicyRule, RoleRef } from '../../../openapi/types/rbac.v1.js';
import { ApiError, badRequest, forbidden, notFound } from '../../apimachinery/errors/api-error.js';
import { deepEqual } from '../../apimachinery/equality.js';
import { isRecord, type Draft, type KubeObject, type Mutable } from '../../apimachinery/object.js';
import { inSlices } from '../../clock/slices.js';
import type { Registry } from '../../registry/index.js';
import type { UserInfo } from '../../registry/kind.js';
import type { AdmissionPlugin, AdmissionRequest } from '../admission/chain.js';
import { mastersGroup } from '../authentication/groups.js';
import type { Storages } from '../core/resource-storage.js';
import type { Authorizer } from './authorizer.js';
import { uncovered } from './coverage.js';
import type { RbacIndex } from './rbac-index.js';

const rbacGroup = 'rbac.authorization.k8s.io';

/** What a cluster administrator may do: whoever sets an aggregation rule may come to grant anything. */
const everything: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];

export interface EscalationParts {
  readonly authorizer: Authorizer;
  readonly index: RbacIndex;
  readonly registry: Registry;
  readonly storages: Storages;
}

/**
 * Checks writes of roles, cluster roles and their bindings. It is the last of the mutating plugins, so that it sees what will be stored, before
 * the kind's own rules. Throws 403 with what the user lacks; for a binding to a role that is not there, 404.
 */
export function rbacEscalation(parts: EscalationParts): AdmissionPlugin {
  return {
    name: 'RBACEscalation',
    handles: ({ operation, kind, user }) =>
      kind.group === rbacGroup && (operation === 'CREATE' || operation === 'UPDATE') && !user.groups.includes(mastersGroup),
    admit: (request) => {
      const { object, old, kind } = request;
      if (object === undefined || (old !== undefined && changesOwnersOnly(object, old))) return undefined;
      return kind.resource.endsWith('bindings') ? checkBinding(parts, request, object) : checkRole(parts, request, object);
    },
  };
}

const ownership = new Set(['finalizers', 'ownerReferences', 'managedFields']);

/** The garbage collector, which has few rights, may still take finalizers and owners away. */
function changesOwnersOnly(object: Mutable, old: KubeObject): boolean {
  const without = (metadata: unknown): unknown =>
    Object.fromEntries(Object.entries(isRecord(metadata) ? metadata : {}).filter(([name]) => !ownership.has(name)));
  const before = old as unknown as Mutable;
  const fields = new Set([...Object.keys(object), ...Object.keys(before)]);
  return [...fields].every((field) =>
    field === 'metadata' ? deepEqual(without(object['metadata']), without(old.metadata)) : deepEqual(object[field], before[field]),
  );
}

function mayDo(
  { authorizer }: EscalationParts,
  verb: string,
  { kind, namespace, user }: AdmissionRequest,
  name: string,
  resource = kind.resource,
): boolean | Promise<boolean> {
  const decision = authorizer.authorize({ user, verb, group: rbacGroup, version: 'v1', resource, subresource: '', namespace, name });
  return decision instanceof Promise ? decision.then(({ allowed }) => allowed) : decision.allowed;
}

async function checkRole(parts: EscalationParts, request: AdmissionRequest, object: Mutable): Promise<void> {
  const { operation, old } = request;
  // A create names no object yet.
  if (await mayDo(parts, 'escalate', request, operation === 'CREATE' ? '' : request.name)) return;
  await checkRules(parts, request, (object as Draft<ClusterRole>).rules as readonly PolicyRule[] | undefined);
  if (![object, old].some(aggregates)) return;
  if ((await inSlices(uncovered(heldBy(parts, request).rules, everything))).length === 0) return;
  throw forbidden(request.kind, nameOf(request), 'must have cluster-admin privileges to use the aggregationRule');
}

function aggregates(role: unknown): boolean {
  return ((role as Draft<ClusterRole> | undefined)?.aggregationRule?.clusterRoleSelectors ?? []).length > 0;
}

const roleResources: ReadonlyMap<string, string> = new Map([
  ['Role', 'roles'],
  ['ClusterRole', 'clusterroles'],
]);

async function checkBinding(parts: EscalationParts, request: AdmissionRequest, object: Mutable): Promise<void> {
  const { kind: roleKind = '', name = '' } = (object['roleRef'] ?? {}) as Draft<RoleRef>;
  const resource = roleResources.get(roleKind);
  if (resource === undefined) throw new ApiError(500, '', `unsupported role reference kind: ${JSON.stringify(roleKind)}`);
  if (await mayDo(parts, 'bind', request, name, resource)) return;
  const namespace = roleKind === 'Role' ? request.namespace : '';
  if (roleKind === 'Role' && namespace === '') throw badRequest('Namespace parameter required.');
  if (name === '') throw badRequest('Name parameter required.');
  const role = await parts.storages.of(parts.registry.byResource(rbacGroup, 'v1', resource)!).get(namespace, name);
  // The real server names the resource that was asked for, which is the binding's.
  if (role === undefined) throw notFound(request.kind, name);
  await checkRules(parts, request, (role.value as ClusterRole).rules);
}

async function checkRules(
  parts: EscalationParts,
  request: AdmissionRequest,
  rules: readonly PolicyRule[] | null | undefined,
): Promise<void> {
  const { user, kind } = request;
  const held = heldBy(parts, request);
  const lacking = await inSlices(uncovered(held.rules, rules ?? []));
  if (lacking.length === 0) return;
  const missing = held.missingRoles.map((role) => `${kind.resource}.${kind.group} ${JSON.stringify(role)} not found`);
  const errors = missing.length === 0 ? '' : `; resolution errors: [${missing.length === 1 ? missing[0]! : `[${missing.join(', ')}]`}]`;
  throw forbidden(
    kind,
    nameOf(request),
    `user ${JSON.stringify(user.name)} (groups=${groupsOf(user)}) is attempting to grant RBAC permissions not currently held:\n${lacking.join('\n')}${errors}`,
  );
}

function groupsOf({ groups }: UserInfo): string {
  return `[${groups.map((group) => JSON.stringify(group)).join(' ')}]`;
}

/** What the user may do where the role is, and the roles of bindings that are not there. */
function heldBy({ index }: EscalationParts, { user, namespace }: AdmissionRequest): { rules: PolicyRule[]; missingRoles: string[] } {
  const rules: PolicyRule[] = [];
  const missingRoles = new Set<string>();
  for (const grant of index.grants(user, namespace)) {
    // One by one: there may be more than a call takes arguments.
    for (const rule of grant.rules) rules.push(rule);
    if (grant.missingRole !== undefined) missingRoles.add(grant.missingRole);
  }
  return { rules, missingRoles: [...missingRoles] };
}

/** Messages name no object whose name the server makes. */
function nameOf({ operation, object, name }: AdmissionRequest): string {
  const metadata = object?.['metadata'];
  const base = operation === 'CREATE' && isRecord(metadata) ? metadata['generateName'] : undefined;
  const isMade =
    typeof base === 'string' && base !== '' && (name === base || (name.startsWith(base) && name.length === base.length + suffixLength));
  return isMade ? '' : name;
}

const suffixLength = 5;
