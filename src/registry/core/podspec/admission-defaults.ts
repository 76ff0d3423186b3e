// What a cluster's default admission plugins fill into a new pod, as pure functions for the API server's admission step.
// https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/
import type { PodSpec, Toleration, Volume, VolumeMount } from '../../../../openapi/types/core.v1.js';
import type { Mutable } from '../../../apimachinery/object.js';
import { isRecord } from '../../../apimachinery/object.js';
import type { Random } from '../../../clock/random.js';

/** Pods leave a failed node after this many seconds unless they say otherwise (DefaultTolerationSeconds). */
const tolerationSeconds = 300;
/** Nearly all pods have these two and no others: kept once, and nobody can change them. */
const defaultTolerations: readonly Toleration[] = frozen(
  ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'].map((key) => ({
    key,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds,
  })),
);

function tolerates(tolerations: readonly Toleration[], key: string): boolean {
  return tolerations.some(
    (one) => (one.key === key || one.key === undefined || one.key === '') && (one.effect === 'NoExecute' || one.effect === undefined),
  );
}

/** Tolerations for 300 seconds of a node that is not ready or not reachable, where the pod has none for them. Changes the spec. */
export function addDefaultTolerations(spec: Mutable): void {
  const tolerations = (spec['tolerations'] ?? []) as readonly Toleration[];
  if (tolerations.length === 0) {
    spec['tolerations'] = defaultTolerations;
    return;
  }
  const added = defaultTolerations.filter(({ key }) => !tolerates(tolerations, key!));
  // Joined, not spread: a list that grows takes room for seventeen.
  if (added.length > 0) spec['tolerations'] = tolerations.concat(added);
}

/** What the priority of a pod comes from: its class, the default class, or nothing. */
export interface PriorityFacts {
  readonly name?: string;
  readonly value: number;
  readonly preemptionPolicy: 'PreemptLowerPriority' | 'Never';
}

/** The priority of a pod where no PriorityClass applies. */
export const noPriorityClass: PriorityFacts = { value: 0, preemptionPolicy: 'PreemptLowerPriority' };

/** Sets priority, preemption policy and the class's name (Priority). Changes the spec. */
export function setPriority(spec: Mutable, { name, value, preemptionPolicy }: PriorityFacts): void {
  if (name !== undefined) spec['priorityClassName'] = name;
  spec['priority'] = value;
  spec['preemptionPolicy'] ??= preemptionPolicy;
}

const tokenPath = '/var/run/secrets/kubernetes.io/serviceaccount';
/** A token's life: an hour and seven seconds, so that a client can tell these tokens from those with a life of its choice. */
const tokenSeconds = 3607;

/** What of a ServiceAccount matters to a pod. */
export interface ServiceAccountFacts {
  readonly name: string;
  readonly automountServiceAccountToken?: boolean | undefined;
  readonly imagePullSecrets?: readonly { readonly name?: string }[] | undefined;
}

/** The name of the account that a pod runs as; `default` when it names none. */
export function serviceAccountNameOf(spec: Pick<PodSpec, 'serviceAccountName'>): string {
  return spec.serviceAccountName === undefined || spec.serviceAccountName === '' ? 'default' : spec.serviceAccountName;
}

/**
 * Sets the account, its image pull secrets, and the volume with its token in each container that mounts nothing there (ServiceAccount).
 * Changes the spec. https://kubernetes.io/docs/concepts/storage/projected-volumes/#serviceaccounttoken
 */
export function mountServiceAccount(spec: Mutable, account: ServiceAccountFacts, random: Random): void {
  spec['serviceAccountName'] = account.name;
  spec['serviceAccount'] = account.name;
  const secrets = spec['imagePullSecrets'];
  if ((!Array.isArray(secrets) || secrets.length === 0) && account.imagePullSecrets !== undefined && account.imagePullSecrets.length > 0) {
    spec['imagePullSecrets'] = account.imagePullSecrets.map(({ name }) => (name === undefined ? {} : { name }));
  }
  const wanted = (spec['automountServiceAccountToken'] as boolean | undefined) ?? account.automountServiceAccountToken ?? true;
  if (wanted) mountToken(spec, random);
}

function mountToken(spec: Mutable, random: Random): void {
  const volumes = (spec['volumes'] ?? []) as readonly Volume[];
  const present = volumes.find((volume) => volume.name.startsWith('kube-api-access-'));
  const name = present?.name ?? `kube-api-access-${random.suffix(5)}`;
  let used = false;
  for (const list of ['initContainers', 'containers'] as const) {
    const containers = spec[list];
    if (!Array.isArray(containers)) continue;
    for (const container of containers as unknown[]) {
      if (!isRecord(container)) continue;
      const mounts = (container['volumeMounts'] ?? []) as readonly VolumeMount[];
      if (mounts.some(({ mountPath }) => mountPath === tokenPath)) continue;
      container['volumeMounts'] = mounts.concat([{ name, readOnly: true, mountPath: tokenPath }]);
      used = true;
    }
  }
  if (used && present === undefined) spec['volumes'] = volumes.concat([{ name, projected: tokenSources }]);
}

/** All pods have the same, made and kept once; nobody can change it. */
export const tokenSources: NonNullable<Volume['projected']> = frozen({
  sources: [
    { serviceAccountToken: { expirationSeconds: tokenSeconds, path: 'token' } },
    { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
    { downwardAPI: { items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }] } },
  ],
  defaultMode: 0o644,
});

function frozen<T extends object>(value: T): T {
  for (const part of Object.values(value) as unknown[]) if (typeof part === 'object' && part !== null) frozen(part);
  return Object.freeze(value);
}
