// The status of a deployment, from its replica sets.
import type { Deployment, DeploymentStatus, ReplicaSet } from '../../../openapi/types/apps.v1.js';
import {
  type Conditions,
  conditionOf,
  deadlineAt,
  makeCondition,
  progressDeadline,
  reasons,
  removeCondition,
  replaceCondition,
  setCondition,
} from './conditions.js';
import { replicasOf, rollingLimits, sumReplicas, sumStatus } from './strategy.js';

/** Counts, and the condition Available. */
export function countsOf(
  deployment: Deployment,
  all: readonly ReplicaSet[],
  newSet: ReplicaSet | undefined,
  now: number,
): DeploymentStatus {
  const available = sumStatus(all, 'availableReplicas');
  const unavailable = Math.max(sumReplicas(all) - available, 0);
  const { collisionCount, conditions = [] } = deployment.status;
  const enough = available >= replicasOf(deployment) - rollingLimits(deployment).maxUnavailable;
  const condition = enough
    ? makeCondition('Available', 'True', reasons.minimum, 'Deployment has minimum availability.', now)
    : makeCondition('Available', 'False', reasons.belowMinimum, 'Deployment does not have minimum availability.', now);
  return {
    observedGeneration: deployment.metadata.generation ?? 0,
    ...positive('replicas', sumStatus(all, 'replicas')),
    ...positive('updatedReplicas', newSet?.status.replicas ?? 0),
    ...positive('readyReplicas', sumStatus(all, 'readyReplicas')),
    ...positive('availableReplicas', available),
    ...positive('unavailableReplicas', unavailable),
    terminatingReplicas: sumStatus(all, 'terminatingReplicas'),
    ...(collisionCount === undefined ? {} : { collisionCount }),
    conditions: setCondition(conditions, condition),
  };
}

/** Zeroes are left out, as the server shows them. */
function positive(field: string, count: number): Record<string, number> {
  return count > 0 ? { [field]: count } : {};
}

/** Whether every replica is of the new template and available, and nothing older is left. */
export function isComplete(deployment: Deployment, status: DeploymentStatus): boolean {
  const wanted = replicasOf(deployment);
  return (
    (status.updatedReplicas ?? 0) === wanted &&
    (status.replicas ?? 0) === wanted &&
    (status.availableReplicas ?? 0) === wanted &&
    (status.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0)
  );
}

/** Whether more is updated, ready or available than before, or less is old. */
function hasProgressed(before: DeploymentStatus, after: DeploymentStatus): boolean {
  const old = ({ replicas = 0, updatedReplicas = 0 }: DeploymentStatus): number => replicas - updatedReplicas;
  return (
    (after.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
    (after.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (after.availableReplicas ?? 0) > (before.availableReplicas ?? 0) ||
    old(after) < old(before)
  );
}

/** Counts, and all conditions of a rollout. */
export function rolloutStatus(
  deployment: Deployment,
  all: readonly ReplicaSet[],
  newSet: ReplicaSet | undefined,
  now: number,
): DeploymentStatus {
  const status = countsOf(deployment, all, newSet, now);
  let conditions = status.conditions ?? [];
  if (progressDeadline(deployment) === undefined) conditions = removeCondition(conditions, 'Progressing');
  else conditions = withProgress(deployment, status, newSet, conditions, now);
  const failure = failureOf(all);
  conditions = failure === undefined ? removeCondition(conditions, 'ReplicaFailure') : setCondition(conditions, failure);
  return { ...status, conditions };
}

function withProgress(
  deployment: Deployment,
  status: DeploymentStatus,
  newSet: ReplicaSet | undefined,
  conditions: Conditions,
  now: number,
): Conditions {
  const known = conditionOf(conditions, 'Progressing');
  // A finished rollout stays finished when pods come and go.
  if ((status.replicas ?? 0) === (status.updatedReplicas ?? 0) && known?.reason === reasons.available) return conditions;
  const what = newSet === undefined ? `Deployment "${deployment.metadata.name}"` : `ReplicaSet "${newSet.metadata.name}"`;
  if (isComplete(deployment, status)) {
    return setCondition(conditions, makeCondition('Progressing', 'True', reasons.available, `${what} has successfully progressed.`, now));
  }
  if (hasProgressed(deployment.status, status)) {
    return replaceCondition(conditions, makeCondition('Progressing', 'True', reasons.updated, `${what} is progressing.`, now));
  }
  const deadline = deadlineAt(deployment, conditions);
  if (deadline !== undefined && now > deadline) {
    return setCondition(conditions, makeCondition('Progressing', 'False', reasons.timedOut, `${what} has timed out progressing.`, now));
  }
  return conditions;
}

/** The replica sets' failure, the new set's first (it is the last in `all`). */
function failureOf(all: readonly ReplicaSet[]): Conditions[number] | undefined {
  for (const set of [...all].reverse()) {
    const failure = set.status.conditions?.find(({ type }) => type === 'ReplicaFailure');
    if (failure !== undefined)
      return { ...failure, ...(failure.lastTransitionTime === undefined ? {} : { lastUpdateTime: failure.lastTransitionTime }) };
  }
  return undefined;
}
