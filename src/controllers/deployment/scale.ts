// Sizes of replica sets when a deployment is scaled, in the middle of a rollout too.
// https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#proportional-scaling
import type { Deployment, ReplicaSet } from '../../../openapi/types/apps.v1.js';
import { byCreation } from '../shared/sort.js';
import { desiredReplicasOf, maxReplicasOf } from './annotations.js';
import { isRollingUpdate, replicasOf, rollingLimits, sumReplicas } from './strategy.js';

export interface SizedSet {
  readonly set: ReplicaSet;
  readonly replicas: number;
}

/** Whether the deployment's size changed since its sets were sized. */
export function isScaling(deployment: Deployment, sets: readonly ReplicaSet[]): boolean {
  return sets.some((set) => {
    const desired = desiredReplicasOf(set);
    return replicasOf(set) > 0 && desired !== undefined && desired !== replicasOf(deployment);
  });
}

/** The sets with the sizes that they should have for the deployment's; those left out stay as they are. */
export function sizesForScale(deployment: Deployment, old: readonly ReplicaSet[], newSet: ReplicaSet | undefined): SizedSet[] {
  const wanted = replicasOf(deployment);
  const all = newSet === undefined ? [...old] : [...old, newSet];
  const single = theOnlyOne(all, newSet);
  if (single !== undefined) return [{ set: single, replicas: wanted }];
  if (newSet !== undefined && isSaturated(deployment, newSet)) {
    return old.filter((set) => replicasOf(set) > 0).map((set) => ({ set, replicas: 0 }));
  }
  return isRollingUpdate(deployment) ? proportional(deployment, all.filter((set) => replicasOf(set) > 0)) : []; // prettier-ignore
}

/** The one set with replicas; when none has any, the new one, or else the youngest. */
function theOnlyOne(all: readonly ReplicaSet[], newSet: ReplicaSet | undefined): ReplicaSet | undefined {
  const active = all.filter((set) => replicasOf(set) > 0);
  if (active.length === 1) return active[0];
  return active.length === 0 ? (newSet ?? [...all].sort(byCreation).at(-1)) : undefined;
}

function isSaturated(deployment: Deployment, set: ReplicaSet): boolean {
  const wanted = replicasOf(deployment);
  return replicasOf(set) === wanted && desiredReplicasOf(set) === wanted && (set.status.availableReplicas ?? 0) === wanted;
}

/** Each set gets its share of what is to be added or taken, the largest first; what rounding leaves over goes to the first. */
function proportional(deployment: Deployment, active: readonly ReplicaSet[]): SizedSet[] {
  const wanted = replicasOf(deployment);
  const allowed = wanted > 0 ? wanted + rollingLimits(deployment).maxSurge : 0;
  const toAdd = allowed - sumReplicas(active);
  const younger = toAdd > 0 ? -1 : 1;
  const ordered = [...active].sort((a, b) => replicasOf(b) - replicasOf(a) || younger * byCreation(a, b));
  let added = 0;
  const sized = ordered.map((set) => {
    const share = shareOf(deployment, set, allowed);
    const left = toAdd - added;
    const portion = toAdd > 0 ? Math.max(Math.min(share, left), 0) : Math.min(Math.max(share, left), 0);
    added += portion;
    return { set, replicas: replicasOf(set) + portion };
  });
  return sized.map(({ set, replicas }, index) => ({ set, replicas: Math.max(index === 0 ? replicas + toAdd - added : replicas, 0) }));
}

/** How much the set grows when it keeps its part of the whole. */
function shareOf(deployment: Deployment, set: ReplicaSet, allowed: number): number {
  const replicas = replicasOf(set);
  if (replicasOf(deployment) === 0) return -replicas;
  const before = maxReplicasOf(set) ?? deployment.status.replicas ?? 0;
  return before === 0 ? 0 : Math.round((replicas * allowed) / before) - replicas;
}
