// What a fresh control plane holds.
import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import type { ClusterRole, PolicyRule } from '../../../openapi/types/rbac.v1.js';
import { formatMicroTime, formatTime } from '../../clock/clock.js';
import { isRecord, type Draft, type KubeObject } from '../../apimachinery/object.js';

/** One object to create in process, when it is not there: `create(kind, draft)`. */
export interface BootstrapDraft {
  readonly group: string;
  readonly version: string;
  /** The plural: `clusterroles`. */
  readonly resource: string;
  /** Complete: apiVersion, kind, metadata; `status` too, where the real one has it at once. Immutable, shared with the facts. */
  readonly draft: Draft<KubeObject> & Readonly<Record<string, unknown>>;
  /** Who creates it, where that is a part of the real API server with a name of its own. */
  readonly manager?: string;
  /** Who applies the status afterwards, where a part of the real API server does so. */
  readonly statusManager?: string;
}

type Fact = Readonly<Record<string, unknown>>;

/** The parsed `openapi/fresh-control-plane.json`: objects without apiVersion and kind, by list path. */
export type ControlPlaneFacts = Readonly<Record<string, readonly Fact[]>>;

export interface BootstrapOptions {
  readonly facts: ControlPlaneFacts;
  /** Where the API server is reached: an IP address and a port. Loopback addresses get no Endpoints, as with a real server. */
  readonly address: string;
  readonly port: number;
  /** PEM of the cluster's authority. */
  readonly ca: string;
  /** What `extension-apiserver-authentication` tells extension API servers of proxies, beside the cluster's authority. */
  readonly requestHeader?: Readonly<Record<string, string>>;
  /** Names the API server's identity lease: the machine's host name. */
  readonly hostname: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Tells this run of the API server from others in its lease. */
  readonly uid: string;
}

/** Who creates the objects of a kind. */
const managers: ReadonlyMap<string, string> = new Map(
  ['FlowSchema', 'PriorityLevelConfiguration'].map((kind) => [kind, 'api-priority-and-fairness-config-producer-v1']),
);

/** Kinds whose status is no part of their creation, and who writes it. */
const statusManagers: ReadonlyMap<string, string> = new Map([['ServiceCIDR', 'kubernetes-service-cidr-controller']]);

/** The resources in the order to create them: what others refer to first. */
const order: readonly (readonly [path: string, kind: string])[] = [
  ['/api/v1/namespaces', 'Namespace'],
  ['/apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations', 'PriorityLevelConfiguration'],
  ['/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas', 'FlowSchema'],
  ['/apis/rbac.authorization.k8s.io/v1/clusterroles', 'ClusterRole'],
  ['/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', 'ClusterRoleBinding'],
  ['/apis/rbac.authorization.k8s.io/v1/roles', 'Role'],
  ['/apis/rbac.authorization.k8s.io/v1/rolebindings', 'RoleBinding'],
  ['/apis/scheduling.k8s.io/v1/priorityclasses', 'PriorityClass'],
  ['/apis/networking.k8s.io/v1/servicecidrs', 'ServiceCIDR'],
  ['/api/v1/services', 'Service'],
  ['/api/v1/endpoints', 'Endpoints'],
  ['/apis/discovery.k8s.io/v1/endpointslices', 'EndpointSlice'],
  ['/api/v1/configmaps', 'ConfigMap'],
  ['/apis/coordination.k8s.io/v1/leases', 'Lease'],
  ['/apis/apiregistration.k8s.io/v1/apiservices', 'APIService'],
];

/**
 * The drafts in the order to create them, about 200: what a real API server makes at its first start, and the binding that kubeadm adds for
 * its administrators. The aggregated roles have no rules before a controller fills them in.
 * The facts' objects are not copied: only those that hold an address, a time or a certificate are made anew.
 */
export function controlPlaneDrafts(options: BootstrapOptions): readonly BootstrapDraft[] {
  const own = ownObjects(options);
  const drafts: BootstrapDraft[] = [];
  for (const [path, kind] of order) {
    const { group, version, resource } = placeOf(path);
    const apiVersion = group === '' ? version : `${group}/${version}`;
    const objects = own.get(path) ?? options.facts[path] ?? [];
    const manager = managers.get(kind);
    const statusManager = statusManagers.get(kind);
    const writers = { ...(manager === undefined ? {} : { manager }), ...(statusManager === undefined ? {} : { statusManager }) };
    for (const object of objects) drafts.push({ group, version, resource, draft: { kind, apiVersion, ...object }, ...writers });
  }
  return drafts;
}

/** The rules of the cluster role `system:node`, for the node authorizer. */
export function nodeRules(facts: ControlPlaneFacts): readonly PolicyRule[] {
  const roles = (facts['/apis/rbac.authorization.k8s.io/v1/clusterroles'] ?? []) as readonly unknown[] as readonly ClusterRole[];
  return roles.find(({ metadata }) => metadata.name === 'system:node')?.rules ?? [];
}

function placeOf(path: string): { group: string; version: string; resource: string } {
  const parts = path.split('/').slice(1);
  const [group, version, resource] = parts[0] === 'api' ? ['', parts[1]!, parts[2]!] : [parts[1]!, parts[2]!, parts[3]!];
  return { group, version, resource };
}

/** The objects that differ from cluster to cluster, by list path. */
function ownObjects(options: BootstrapOptions): ReadonlyMap<string, readonly Fact[]> {
  const { facts, address, port, ca, now } = options;
  const of = (path: string): readonly Fact[] => facts[path] ?? [];
  const rbac = '/apis/rbac.authorization.k8s.io/v1';
  const timed = [
    '/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas',
    '/apis/networking.k8s.io/v1/servicecidrs',
    '/apis/apiregistration.k8s.io/v1/apiservices',
  ];
  return new Map<string, readonly Fact[]>([
    ...timed.map((path) => [path, of(path).map((fact) => withTransitionTime(fact, formatTime(now)))] as const),
    [`${rbac}/clusterrolebindings`, [...of(`${rbac}/clusterrolebindings`), kubeadmBinding]],
    ['/api/v1/namespaces', of('/api/v1/namespaces').map(({ metadata }) => ({ metadata }))],
    ['/api/v1/services', of('/api/v1/services').map((fact) => asAskedFor(withTargetPort(fact, port)))],
    ['/api/v1/endpoints', isLoopback(address) ? [] : [endpoints(address, port)]],
    ['/apis/discovery.k8s.io/v1/endpointslices', isLoopback(address) ? [] : [endpointSlice(address, port)]],
    [
      '/api/v1/configmaps',
      [
        {
          metadata: { name: 'extension-apiserver-authentication', namespace: 'kube-system' },
          data: { 'client-ca-file': ca, ...options.requestHeader },
        },
        {
          metadata: { name: 'kube-apiserver-legacy-service-account-token-tracking', namespace: 'kube-system' },
          data: { since: formatTime(now).slice(0, 10) },
        },
      ],
    ],
    ['/apis/coordination.k8s.io/v1/leases', [identityLease(options)]],
  ]);
}

/** What `kubeadm init` binds its admin.conf with. https://kubernetes.io/docs/reference/setup-tools/kubeadm/implementation-details/ */
const kubeadmBinding: Fact = {
  metadata: { name: 'kubeadm:cluster-admins' },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
  subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'kubeadm:cluster-admins' }],
};

function withTransitionTime(fact: Fact, time: string): Fact {
  const { status } = fact;
  if (!isRecord(status) || !Array.isArray(status.conditions)) return fact;
  const conditions: unknown[] = status.conditions;
  const now = conditions.map((one) => {
    if (!isRecord(one) || !('lastTransitionTime' in one)) return one;
    const { reason, ...rest } = one;
    // An empty reason is one that nobody gave.
    return { ...rest, lastTransitionTime: time, ...(reason === '' ? {} : { reason }) };
  });
  return { ...fact, status: { ...status, conditions: now } };
}

function withTargetPort(fact: Fact, port: number): Fact {
  const { spec } = fact;
  if (!isRecord(spec) || !Array.isArray(spec.ports)) return fact;
  const ports: unknown[] = spec.ports;
  return { ...fact, spec: { ...spec, ports: ports.map((one) => (isRecord(one) ? { ...one, targetPort: port } : one)) } };
}

/** Without what follows from the rest of a service's spec, which the API server fills in. */
function asAskedFor(fact: Fact): Fact {
  if (!isRecord(fact.spec)) return fact;
  const { clusterIPs: _addresses, ipFamilies: _families, ...spec } = fact.spec;
  return { ...fact, spec };
}

function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.');
}

function endpoints(address: string, port: number): Fact {
  return {
    // The endpoint slice is written by the API server itself, so nothing is to mirror this into one.
    metadata: { name: 'kubernetes', namespace: 'default', labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
    subsets: [{ addresses: [{ ip: address }], ports: [{ name: 'https', port, protocol: 'TCP' }] }],
  };
}

function endpointSlice(address: string, port: number): Fact {
  return {
    metadata: { name: 'kubernetes', namespace: 'default', labels: { 'kubernetes.io/service-name': 'kubernetes' } },
    addressType: isIP(address) === 6 ? 'IPv6' : 'IPv4',
    endpoints: [{ addresses: [address], conditions: { ready: true } }],
    ports: [{ name: 'https', port, protocol: 'TCP' }],
  };
}

/** The API server's own lease, good for an hour and renewed while it runs. https://kubernetes.io/docs/concepts/architecture/leases/#api-server-identity */
function identityLease({ address, port, hostname, now, uid }: BootstrapOptions): Fact {
  const name = `apiserver-${base32(createHash('sha256').update(hostname).digest().subarray(0, 16))}`;
  const host = isIP(address) === 6 ? `[${address}]` : address;
  return {
    metadata: {
      name,
      namespace: 'kube-system',
      labels: { 'apiserver.kubernetes.io/identity': 'kube-apiserver', 'kubernetes.io/hostname': hostname },
      annotations: { 'kubernetes.io/peer-advertise-address': `${host}:${port}` },
    },
    spec: { holderIdentity: `${name}_${uid}`, leaseDurationSeconds: 3600, renewTime: formatMicroTime(now) },
  };
}

const digits = 'abcdefghijklmnopqrstuvwxyz234567';

/** RFC 4648, lower case, without padding. */
function base32(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = (value << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) text += digits[(value >>> (bits - 5)) & 31];
    value &= (1 << bits) - 1;
  }
  return bits === 0 ? text : text + digits[(value << (5 - bits)) & 31];
}
