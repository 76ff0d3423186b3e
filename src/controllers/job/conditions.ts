// The conditions of jobs. https://kubernetes.io/docs/concepts/workloads/controllers/job/#terminal-job-conditions
import type { Job, JobCondition, JobStatus } from '../../../openapi/types/batch.v1.js';
import { formatTime } from '../../clock/clock.js';

/** Why a job ends: what its conditions say from the decision until the last pod has gone. */
export interface Ending {
  readonly type: 'FailureTarget' | 'SuccessCriteriaMet';
  readonly reason: string;
  readonly message: string;
}

export function trueCondition(status: JobStatus, type: string): JobCondition | undefined {
  return status.conditions?.find((condition) => condition.type === type && condition.status === 'True');
}

/** Complete or Failed. */
export function finishedCondition(job: Job): JobCondition | undefined {
  return trueCondition(job.status, 'Complete') ?? trueCondition(job.status, 'Failed');
}

/** The end that was decided in an earlier reconcile. */
export function decidedEnding(status: JobStatus): Ending | undefined {
  for (const type of ['FailureTarget', 'SuccessCriteriaMet'] as const) {
    const known = trueCondition(status, type);
    if (known !== undefined) return { type, reason: known.reason ?? '', message: known.message ?? '' };
  }
  return undefined;
}

/**
 * The conditions with this one as wanted: as it is when it says so already, else new.
 * @param now milliseconds since the epoch
 */
export function withJobCondition(
  conditions: readonly JobCondition[],
  type: string,
  status: 'True' | 'False',
  reason: string,
  message: string,
  now: number,
): readonly JobCondition[] {
  const time = formatTime(now);
  const condition = { type, status, lastProbeTime: time, lastTransitionTime: time, reason, message };
  const known = conditions.find((one) => one.type === type);
  if (known === undefined) return [...conditions, condition];
  if (known.status === status) return conditions;
  return conditions.map((one) => (one === known ? condition : one));
}
