// NodeRestriction: a kubelet changes itself and its own pods, and nothing that would give it more rights.
// https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#noderestriction
import type { Node, PersistentVolumeClaim } from '../../../../openapi/types/core.v1.js';
import type { ResourceSlice } from '../../../../openapi/types/resource.v1.js';
import { deepEqual } from '../../../apimachinery/equality.js';
import type { Registry } from '../../../registry/index.js';
import type { Authorizer } from '../../authorization/authorizer.js';
import { nodeOf } from '../../authorization/node/node-authorizer.js';
import type { Storages } from '../../core/resource-storage.js';
import type { AdmissionPlugin, AdmissionRequest } from '../chain.js';
import { forbiddenLabels } from './labels.js';
import { refuse, type Stored, type StoredResource } from './parts.js';
import { admitPod } from './pods.js';
import { admitToken } from './tokens.js';

const groups: Readonly<Record<StoredResource, string>> = {
  pods: '',
  nodes: '',
  persistentvolumeclaims: '',
  persistentvolumes: '',
  csidrivers: 'storage.k8s.io',
};

type Check = (request: AdmissionRequest, node: string, stored: Stored, authorizer: Authorizer) => void | Promise<void>;

const checks: ReadonlyMap<string, Check> = new Map<string, Check>([
  ['/pods', admitPod],
  ['/nodes', admitNode],
  ['/persistentvolumeclaims', admitClaim],
  ['/serviceaccounts', (request, ...more) => (request.subresource === 'token' ? admitToken(request, ...more) : undefined)],
  ['coordination.k8s.io/leases', admitLease],
  ['storage.k8s.io/csinodes', admitCsiNode],
  ['resource.k8s.io/resourceslices', admitSlice],
]);

/** Off unless `--enable-admission-plugins` names it, as with the real server. Throws 403. */
export function nodeRestriction(registry: Registry, storages: Storages, authorizer: Authorizer): AdmissionPlugin {
  const stored: Stored = async (resource, namespace, name) =>
    (await storages.of(registry.byResource(groups[resource], 'v1', resource)!).get(namespace, name))?.value;
  return {
    name: 'NodeRestriction',
    subresources: ['pods/eviction', 'serviceaccounts/token'],
    handles: ({ user, kind, operation }) =>
      operation !== 'CONNECT' && user.name.startsWith('system:node:') && checks.has(`${kind.group}/${kind.resource}`),
    admit: (request) => {
      const { user, kind } = request;
      const node = nodeOf({ user });
      if (node === undefined) return undefined;
      if (node === '') refuse(request, `could not determine node from user ${JSON.stringify(user.name)}`);
      return checks.get(`${kind.group}/${kind.resource}`)!(request, node, stored, authorizer);
    },
  };
}

function admitNode(request: AdmissionRequest, node: string): void {
  const { name, operation } = request;
  const quoted = JSON.stringify(node);
  if (name !== node) refuse(request, `node ${quoted} is not allowed to modify node ${JSON.stringify(name)}`);
  if (!isOwnName(request, node)) refuse(request, `node ${quoted} is not allowed to modify node ""`);
  if (operation === 'DELETE') return;
  const now = request.object as unknown as Node;
  if (operation === 'CREATE') {
    if (now.spec?.configSource != null) refuse(request, `node ${quoted} is not allowed to create pods with a non-nil configSource`);
    const labels = forbiddenLabels(now.metadata.labels, undefined);
    if (labels.length > 0) refuse(request, `node ${quoted} is not allowed to set the following labels: ${labels.join(', ')}`);
    return;
  }
  const old = request.old as Node;
  if (now.spec?.configSource != null && !deepEqual(now.spec.configSource, old.spec?.configSource))
    refuse(request, `node ${quoted} is not allowed to update configSource to a new non-nil configSource`);
  if (!deepEqual(now.spec?.taints ?? [], old.spec?.taints ?? [])) refuse(request, `node ${quoted} is not allowed to modify taints`);
  const labels = forbiddenLabels(now.metadata.labels, old.metadata.labels);
  if (labels.length > 0) refuse(request, `is not allowed to modify labels: ${labels.join(', ')}`);
  if (!deepEqual(now.metadata.ownerReferences ?? [], old.metadata.ownerReferences ?? []))
    refuse(request, `node ${quoted} is not allowed to modify ownerReferences`);
}

/** The fields that the kubelet reports of a volume that grows. */
const growth = ['capacity', 'conditions', 'allocatedResources', 'allocatedResourceStatuses'];

function admitClaim(request: AdmissionRequest, node: string): void {
  const { operation, subresource } = request;
  const quoted = JSON.stringify(node);
  if (operation !== 'UPDATE' || subresource !== 'status') {
    if (operation === 'UPDATE') refuse(request, `node ${quoted} may only update PVC status`);
    refuse(request, `unexpected operation ${JSON.stringify(operation)}`);
  }
  const [now, old] = [compared(request.object), compared(request.old)];
  const changed = Object.keys({ ...now, ...old }).filter((field) => !deepEqual(now[field], old[field]));
  if (changed.length > 0)
    refuse(
      request,
      `node ${quoted} is not allowed to update fields other than status.quantity and status.conditions: ${changed.join(', ')}`,
    );
}

/** A claim by path, without what may change and what the server itself writes. */
function compared(object: unknown): Readonly<Record<string, unknown>> {
  const { metadata, spec, status = {} } = object as PersistentVolumeClaim;
  const { managedFields: _, resourceVersion: __, ...meta } = metadata;
  const rest = Object.entries(status).filter(([field]) => !growth.includes(field));
  return {
    spec,
    ...Object.fromEntries(Object.entries(meta).map(([field, value]) => [`metadata.${field}`, value])),
    ...Object.fromEntries(rest.map(([field, value]) => [`status.${field}`, value])),
  };
}

const leaseNamespace = 'kube-node-lease';

/** A name that the server makes is none of the node's, even where they look the same. */
function isOwnName(request: AdmissionRequest, node: string): boolean {
  const { generateName } = (request.object?.['metadata'] ?? {}) as { readonly generateName?: string };
  return request.name === node && (request.operation !== 'CREATE' || generateName === undefined || generateName === '');
}

function admitLease(request: AdmissionRequest, node: string): void {
  if (request.namespace !== leaseNamespace) refuse(request, `can only access leases in the "${leaseNamespace}" system namespace`);
  if (!isOwnName(request, node)) refuse(request, 'can only access node lease with the same name as the requesting node');
}

function admitCsiNode(request: AdmissionRequest, node: string): void {
  if (!isOwnName(request, node)) refuse(request, 'can only access CSINode with the same name as the requesting node');
}

function admitSlice(request: AdmissionRequest, node: string): void {
  const of = (object: unknown): string => (object as ResourceSlice | undefined)?.spec.nodeName ?? '';
  switch (request.operation) {
    case 'CREATE':
      if (of(request.object) !== node) refuse(request, 'can only create ResourceSlice with the same NodeName as the requesting node');
      return;
    case 'DELETE':
      if (of(request.old) !== node) refuse(request, 'can only delete ResourceSlice with the same NodeName as the requesting node');
      return;
    default:
      // The authorizer has looked at the one that is stored, and its node never changes.
      return;
  }
}
