// Whether a job is at its end, and why.
// https://kubernetes.io/docs/concepts/workloads/controllers/job/#job-termination-and-cleanup
import type { Job } from '../../../openapi/types/batch.v1.js';
import type { Pod } from '../../../openapi/types/core.v1.js';
import type { Assessment } from './assess.js';
import type { Ending } from './conditions.js';
import { readIndexes } from './index-set.js';

const completionsReached: Ending = {
  type: 'SuccessCriteriaMet',
  reason: 'CompletionsReached',
  message: 'Reached expected number of succeeded pods',
};

const failure = (reason: string, message: string): Ending => ({ type: 'FailureTarget', reason, message });

/**
 * What ends a job though it has not reached its completions: the first of failures, then the success policy.
 * @param startTime milliseconds since the epoch; undefined while it has not started
 */
export function endingOf(job: Job, state: Assessment, startTime: number | undefined, now: number): Ending | undefined {
  const { spec } = job;
  const { activeDeadlineSeconds, backoffLimit = 6, completions = 0, maxFailedIndexes } = spec;
  if (state.failJob !== undefined) return failure('PodFailurePolicy', state.failJob);
  if (state.failed > backoffLimit || restartsExceed(job, state.active))
    return failure('BackoffLimitExceeded', 'Job has reached the specified backoff limit');
  if (startTime !== undefined && activeDeadlineSeconds !== undefined && now - startTime >= activeDeadlineSeconds * 1000)
    return failure('DeadlineExceeded', 'Job was active longer than specified deadline');
  const { completed, failedIndexes } = state;
  if (completed !== undefined && failedIndexes !== undefined && failedIndexes.size > 0) {
    if (maxFailedIndexes !== undefined && failedIndexes.size > maxFailedIndexes)
      return failure('MaxFailedIndexesExceeded', 'Job has exceeded the specified maximal number of failed indexes');
    if (completed.size + failedIndexes.size >= completions) return failure('FailedIndexes', 'Job has failed indexes');
  }
  return successOf(job, state);
}

/** With the restart policy OnFailure the restarts of containers count, of pods that are there. */
function restartsExceed({ spec }: Job, active: readonly Pod[]): boolean {
  if (spec.template.spec?.restartPolicy !== 'OnFailure') return false;
  let restarts = 0;
  for (const { status } of active) {
    for (const { restartCount } of [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])]) restarts += restartCount;
  }
  const { backoffLimit = 6 } = spec;
  return backoffLimit === 0 ? restarts > 0 : restarts >= backoffLimit;
}

/** https://kubernetes.io/docs/concepts/workloads/controllers/job/#success-policy */
function successOf({ spec }: Job, { completed }: Assessment): Ending | undefined {
  if (completed === undefined || spec.successPolicy === undefined) return undefined;
  const matched = (spec.successPolicy.rules ?? []).findIndex(({ succeededIndexes, succeededCount }) => {
    if (succeededIndexes === undefined) return succeededCount !== undefined && completed.size >= succeededCount;
    const wanted = readIndexes(succeededIndexes, spec.completions ?? 0);
    return completed.sizeOfCommon(wanted) >= (succeededCount ?? wanted.size);
  });
  return matched < 0 ? undefined : { type: 'SuccessCriteriaMet', reason: 'SuccessPolicy', message: `Matched rules at index ${matched}` };
}

/** Whether all has been done that was asked for. @param active how many pods are at work, with those created just now */
export function completionOf({ spec }: Job, { succeeded }: Assessment, active: number): Ending | undefined {
  if (active > 0) return undefined;
  // Of a work queue any success tells that the work is done; what was stopped by a suspension tells nothing.
  const done = spec.completions === undefined ? succeeded > 0 && spec.suspend !== true : succeeded >= spec.completions;
  return done ? completionsReached : undefined;
}
