// How many pods there should be, and how many of them must be healthy.
// https://kubernetes.io/docs/tasks/run-application/configure-pdb/#think-about-how-your-application-reacts-to-disruptions
import type { Deployment, ReplicaSet, StatefulSet } from '../../../openapi/types/apps.v1.js';
import type { Pod, ReplicationController } from '../../../openapi/types/core.v1.js';
import type { OwnerReference } from '../../../openapi/types/meta.v1.js';
import type { PodDisruptionBudget } from '../../../openapi/types/policy.v1.js';
import { parseApiVersion, type KubeObject } from '../../apimachinery/object.js';
import { controllerOf } from '../../client/controller/owner-references.js';
import type { InformerStore } from '../../client/informer/types.js';
import { makeKey } from '../../client/keys.js';
import { resolveShare } from '../shared/shares.js';
import type { Scales } from './scales.js';

/** What is known of the owners of pods. */
export interface Owners {
  readonly deployments: InformerStore<Deployment>;
  readonly replicaSets: InformerStore<ReplicaSet>;
  readonly statefulSets: InformerStore<StatefulSet>;
  readonly replicationControllers: InformerStore<ReplicationController>;
  readonly scales: Scales;
}

export interface Expected {
  readonly expectedPods: number;
  readonly desiredHealthy: number;
  /** Pods that nobody controls, which a budget that needs a total cannot count. */
  readonly unmanaged: readonly Pod[];
}

/** Rejects when the total is needed and an owner cannot say its replicas. */
export async function expectedPodsOf({ spec }: PodDisruptionBudget, pods: readonly Pod[], owners: Owners): Promise<Expected> {
  const { minAvailable, maxUnavailable } = spec;
  if (maxUnavailable !== undefined) {
    const { total, unmanaged } = await replicasOf(pods, owners);
    return { expectedPods: total, desiredHealthy: Math.max(0, total - resolveShare(maxUnavailable, total, Math.ceil)), unmanaged };
  }
  if (typeof minAvailable === 'number') return { expectedPods: pods.length, desiredHealthy: minAvailable, unmanaged: [] };
  if (minAvailable === undefined) return { expectedPods: 0, desiredHealthy: 0, unmanaged: [] };
  const { total, unmanaged } = await replicasOf(pods, owners);
  return { expectedPods: total, desiredHealthy: resolveShare(minAvailable, total, Math.ceil), unmanaged };
}

/** The replicas of all controllers of the pods, each counted once. */
async function replicasOf(pods: readonly Pod[], owners: Owners): Promise<{ total: number; unmanaged: readonly Pod[] }> {
  const byOwner = new Map<string, number>();
  const seen = new Set<string>();
  const unmanaged: Pod[] = [];
  for (const pod of pods) {
    const reference = controllerOf(pod);
    if (reference === undefined) unmanaged.push(pod);
    else if (!seen.has(reference.uid)) {
      const owner = await ownerOf(pod.metadata.namespace ?? '', reference, owners);
      if (owner === undefined) throw new Error(`found no controllers for pod "${pod.metadata.name}"`);
      seen.add(reference.uid);
      // Two replica sets of one deployment share its replicas.
      byOwner.set(owner.uid, owner.replicas);
    }
  }
  return { total: [...byOwner.values()].reduce((sum, replicas) => sum + replicas, 0), unmanaged };
}

interface Owner {
  readonly uid: string;
  readonly replicas: number;
}

async function ownerOf(namespace: string, reference: OwnerReference, owners: Owners): Promise<Owner | undefined> {
  const known = knownOwnerOf(namespace, reference, owners);
  if (known !== undefined) return known;
  const replicas = await owners.scales.replicasOf(namespace, reference);
  return replicas === undefined ? undefined : { uid: reference.uid, replicas };
}

function knownOwnerOf(namespace: string, reference: OwnerReference, owners: Owners): Owner | undefined {
  const { group } = parseApiVersion(reference.apiVersion);
  switch (`${group}/${reference.kind}`) {
    case '/ReplicationController':
      return answer(find(owners.replicationControllers, namespace, reference));
    case 'apps/StatefulSet':
      return answer(find(owners.statefulSets, namespace, reference));
    case 'apps/ReplicaSet': {
      const set = find(owners.replicaSets, namespace, reference);
      const above = set === undefined ? undefined : controllerOf(set);
      const deployment = above?.kind === 'Deployment' ? find(owners.deployments, namespace, above) : undefined;
      return answer(deployment ?? set);
    }
    default:
      return undefined;
  }
}

function find<T extends KubeObject>(store: InformerStore<T>, namespace: string, { name, uid }: OwnerReference): T | undefined {
  const found = store.get(makeKey(namespace, name));
  return found?.metadata.uid === uid ? found : undefined;
}

function answer(object: (KubeObject & { readonly spec: { readonly replicas?: number } }) | undefined): Owner | undefined {
  return object && { uid: object.metadata.uid, replicas: object.spec.replicas ?? 1 };
}
