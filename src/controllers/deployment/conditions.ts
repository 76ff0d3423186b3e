// The conditions of a deployment and when they change.
import type { Deployment, DeploymentCondition } from '../../../openapi/types/apps.v1.js';
import { formatTime } from '../../clock/clock.js';

export const reasons = {
  created: 'NewReplicaSetCreated',
  found: 'FoundNewReplicaSet',
  updated: 'ReplicaSetUpdated',
  available: 'NewReplicaSetAvailable',
  createError: 'ReplicaSetCreateError',
  timedOut: 'ProgressDeadlineExceeded',
  paused: 'DeploymentPaused',
  resumed: 'DeploymentResumed',
  minimum: 'MinimumReplicasAvailable',
  belowMinimum: 'MinimumReplicasUnavailable',
} as const;

export type Conditions = readonly DeploymentCondition[];

export function conditionOf(conditions: Conditions | undefined, type: string): DeploymentCondition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** A condition as of now. */
export function makeCondition(type: string, status: string, reason: string, message: string, now: number): DeploymentCondition {
  const time = formatTime(now);
  return { type, status, lastUpdateTime: time, lastTransitionTime: time, reason, message };
}

/** Puts the condition at the end in the place of the one of its type; one of the same status and reason stays as it is. */
export function setCondition(conditions: Conditions, condition: DeploymentCondition): Conditions {
  const known = conditionOf(conditions, condition.type);
  if (known?.status === condition.status && known.reason === condition.reason) return conditions;
  return replaceCondition(conditions, condition);
}

/** As {@link setCondition}, but also when status and reason are the same: the time of the update counts. */
export function replaceCondition(conditions: Conditions, condition: DeploymentCondition): Conditions {
  const known = conditionOf(conditions, condition.type);
  const kept =
    known?.status === condition.status && known.lastTransitionTime !== undefined
      ? { ...condition, lastTransitionTime: known.lastTransitionTime }
      : condition;
  return [...removeCondition(conditions, condition.type), kept];
}

export function removeCondition(conditions: Conditions, type: string): Conditions {
  return conditions.some((condition) => condition.type === type) ? conditions.filter((condition) => condition.type !== type) : conditions;
}

/** The largest number stands for no deadline. */
const noDeadline = 2_147_483_647;

/** Milliseconds; undefined when the deployment has no deadline. */
export function progressDeadline({ spec }: Deployment): number | undefined {
  const { progressDeadlineSeconds: seconds } = spec;
  return seconds === undefined || seconds === noDeadline ? undefined : seconds * 1000;
}

/** When the deployment runs out of time, in milliseconds since the epoch; undefined when it does not. */
export function deadlineAt(deployment: Deployment, conditions: Conditions): number | undefined {
  const deadline = progressDeadline(deployment);
  const progressing = conditionOf(conditions, 'Progressing');
  if (deadline === undefined || progressing?.lastUpdateTime === undefined) return undefined;
  if (progressing.reason === reasons.available || progressing.reason === reasons.timedOut || progressing.reason === reasons.paused)
    return undefined;
  return Date.parse(progressing.lastUpdateTime) + deadline;
}
