// How far a rolling update may go: maxSurge and maxUnavailable as whole numbers, and what follows from them.
// https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-update-deployment
import type { Deployment, ReplicaSet } from '../../../openapi/types/apps.v1.js';
import { resolveShare } from '../shared/shares.js';

export interface RollingLimits {
  readonly maxSurge: number;
  readonly maxUnavailable: number;
}

/** Surge is rounded up and unavailability down; not both are 0, since nothing could ever move. */
export function rollingLimits(deployment: Deployment): RollingLimits {
  const { strategy } = deployment.spec;
  const replicas = replicasOf(deployment);
  if (!isRollingUpdate(deployment)) return { maxSurge: 0, maxUnavailable: 0 };
  const maxSurge = resolveShare(strategy.rollingUpdate?.maxSurge, replicas, Math.ceil);
  const maxUnavailable = resolveShare(strategy.rollingUpdate?.maxUnavailable, replicas, Math.floor);
  return { maxSurge, maxUnavailable: Math.min(maxSurge === 0 && maxUnavailable === 0 ? 1 : maxUnavailable, replicas) };
}

export function isRollingUpdate({ spec }: Deployment): boolean {
  return spec.strategy.type !== 'Recreate';
}

/** What the spec asks for; 1 when it says nothing. */
export function replicasOf({ spec }: Deployment | ReplicaSet): number {
  return spec.replicas ?? 1;
}

export function sumReplicas(sets: readonly ReplicaSet[]): number {
  return sets.reduce((sum, set) => sum + replicasOf(set), 0);
}

export function sumStatus(
  sets: readonly ReplicaSet[],
  field: 'replicas' | 'readyReplicas' | 'availableReplicas' | 'terminatingReplicas',
): number {
  return sets.reduce((sum, { status }) => sum + (status[field] ?? 0), 0);
}

/** How many replicas the new set should have now: as many as surge allows on top of the old ones. */
export function newSetReplicas(deployment: Deployment, all: readonly ReplicaSet[], newSet: ReplicaSet): number {
  const wanted = replicasOf(deployment);
  if (!isRollingUpdate(deployment)) return wanted;
  const current = replicasOf(newSet);
  const room = wanted + rollingLimits(deployment).maxSurge - sumReplicas(all);
  return room <= 0 ? current : current + Math.min(room, Math.max(wanted - current, 0));
}
