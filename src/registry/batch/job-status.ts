// The rules of a job's status: its counters, its conditions, and how they may go on.
// https://kubernetes.io/docs/concepts/workloads/controllers/job/#terminal-job-conditions
import type { Job, JobStatus } from '../../../openapi/types/batch.v1.js';
import { deepEqual } from '../../apimachinery/equality.js';
import { duplicate, invalid, required, type FieldError } from '../../apimachinery/errors/field-error.js';
import { immutableText } from '../rules/fields.js';
import { countErrors, countOf } from '../apps/counts.js';
import { firstCommonIndex, parseIndexes } from './indexes.js';

const counts = ['active', 'succeeded', 'failed', 'ready', 'terminating'];

export function hasCondition(status: JobStatus | undefined, type: string): boolean {
  return status?.conditions?.some((one) => one.type === type && one.status === 'True') ?? false;
}

function conditionError(why: string): FieldError {
  return { field: 'status.conditions', reason: 'FieldValueInvalid', message: `Invalid value: ${why}` };
}

/** Each pod is counted once, in one of the lists. */
function uncountedErrors(pods: JobStatus['uncountedTerminatedPods']): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const list of ['succeeded', 'failed'] as const) {
    pods?.[list]?.forEach((uid, index) => {
      const field = `status.uncountedTerminatedPods.${list}[${index}]`;
      if (uid === '') errors.push(invalid(field, uid, 'must not be empty'));
      else if (seen.has(uid)) errors.push(duplicate(field, uid));
      else seen.add(uid);
    });
  }
  return errors;
}

function endErrors(status: JobStatus | undefined): FieldError[] {
  const errors: FieldError[] = [];
  const { startTime, completionTime } = status ?? {};
  const complete = hasCondition(status, 'Complete');
  const failed = hasCondition(status, 'Failed');
  const field = 'status.completionTime';
  if (complete && failed) errors.push(conditionError('cannot set Complete=True and Failed=true conditions'));
  if (complete && hasCondition(status, 'FailureTarget'))
    errors.push(conditionError('cannot set Complete=True and FailureTarget=true conditions'));
  if (complete && completionTime === undefined) errors.push(required(field, 'completionTime is required for Complete jobs'));
  if (!complete && completionTime !== undefined)
    errors.push(invalid(field, completionTime, 'cannot set completionTime when there is no Complete=True condition'));
  if (complete && completionTime !== undefined && startTime !== undefined && Date.parse(completionTime) < Date.parse(startTime))
    errors.push(invalid(field, completionTime, 'must be equal to or after `startTime`'));
  if (failed && !hasCondition(status, 'FailureTarget'))
    errors.push(conditionError('cannot set Failed=True condition without the FailureTarget=true condition'));
  if (complete && !hasCondition(status, 'SuccessCriteriaMet'))
    errors.push(conditionError('cannot set Complete=True condition without the SuccessCriteriaMet=true condition'));
  return errors;
}

function finishedErrors(status: JobStatus | undefined): FieldError[] {
  const errors: FieldError[] = [];
  const active = countOf(status, 'active');
  const pods = status?.uncountedTerminatedPods;
  if (active > 0) errors.push(invalid('status.active', active, 'active>0 is invalid for finished job'));
  if (status?.startTime === undefined) errors.push(required('status.startTime', 'startTime is required for finished job'));
  if ((pods?.succeeded?.length ?? 0) + (pods?.failed?.length ?? 0) > 0) {
    const shown = { Succeeded: pods?.succeeded ?? null, Failed: pods?.failed ?? null };
    errors.push(invalid('status.uncountedTerminatedPods', shown, 'must be empty for finished job'));
  }
  return errors;
}

function indexErrors({ spec, status }: Job): FieldError[] {
  const { completedIndexes = '', failedIndexes } = status ?? {};
  const errors: FieldError[] = [];
  const completions = spec?.completions ?? 0;
  const completed = parseIndexes(completedIndexes, completions);
  if (completed.problem !== undefined) {
    errors.push(invalid('status.completedIndexes', completedIndexes, `error parsing completedIndexes: ${completed.problem}`));
  }
  if (completedIndexes !== '' && spec?.completionMode !== 'Indexed') {
    const why = 'cannot set non-empty completedIndexes when non-indexed completion mode';
    errors.push(invalid('status.completedIndexes', completedIndexes, why));
  }
  if (failedIndexes === undefined) return errors;
  const field = 'status.failedIndexes';
  const failed = parseIndexes(failedIndexes, completions);
  if (spec?.backoffLimitPerIndex === undefined) {
    errors.push(invalid(field, failedIndexes, 'cannot set non-null failedIndexes when backoffLimitPerIndex is null'));
  } else if (failed.problem !== undefined) {
    errors.push(invalid(field, failedIndexes, `error parsing failedIndexes: ${failed.problem}`));
  }
  const common = firstCommonIndex(completed, failed);
  if (common !== undefined) errors.push(invalid(field, failedIndexes, `failedIndexes and completedIndexes overlap at index: ${common}`));
  return errors;
}

/** What holds for a status whatever came before it. */
function stateErrors(job: Job): FieldError[] {
  const { status } = job;
  const finished = hasCondition(status, 'Complete') || hasCondition(status, 'Failed');
  const terminating = countOf(status, 'terminating');
  const ready = countOf(status, 'ready');
  return [
    ...countErrors(status, counts),
    ...uncountedErrors(status?.uncountedTerminatedPods),
    ...endErrors(status),
    ...(finished ? finishedErrors(status) : []),
    ...indexErrors(job),
    ...(finished && terminating > 0 ? [invalid('status.terminating', terminating, 'terminating>0 is invalid for finished job')] : []),
    ...(ready > 0 && ready > countOf(status, 'active') ? [invalid('status.ready', ready, 'cannot set more ready pods than active')] : []),
  ];
}

/** Conditions that end a job stay. */
const lasting = [
  ['Complete', 'cannot disable the terminal Complete=True condition'],
  ['Failed', 'cannot disable the terminal Failed=True condition'],
  ['FailureTarget', 'cannot disable the terminal FailureTarget=True condition'],
] as const;

function changeErrors({ spec, status }: Job, { status: old }: Job): FieldError[] {
  const errors: FieldError[] = [];
  const met = hasCondition(status, 'SuccessCriteriaMet');
  // An indexed job that may shrink may lose successes of the indexes that go.
  const elastic = spec?.completionMode === 'Indexed' && spec.completions !== undefined && spec.completions === spec.parallelism;
  for (const count of elastic ? ['failed'] : ['failed', 'succeeded']) {
    const now = countOf(status, count);
    if (now < countOf(old, count)) errors.push(invalid(`status.${count}`, now, `cannot decrease the ${count} counter`));
  }
  for (const [type, why] of lasting) if (hasCondition(old, type) && !hasCondition(status, type)) errors.push(conditionError(why));
  if (hasCondition(old, 'Complete') && hasCondition(status, 'Complete')) {
    const { completionTime } = status ?? {};
    if (completionTime !== undefined && completionTime !== old?.completionTime)
      errors.push(invalid('status.completionTime', completionTime, immutableText));
  }
  return [...errors, ...successErrors(met, status), ...startErrors(spec?.suspend === true, status, old), ...keptSuccess(met, old)];
}

function successErrors(met: boolean, status: JobStatus | undefined): FieldError[] {
  return ['Failed', 'FailureTarget']
    .filter((type) => met && hasCondition(status, type))
    .map((type) => conditionError(`cannot set SuccessCriteriaMet=True and ${type}=true conditions`));
}

function startErrors(suspended: boolean, status: JobStatus | undefined, old: JobStatus | undefined): FieldError[] {
  if (suspended || old?.startTime === undefined || deepEqual(status?.startTime, old.startTime)) return [];
  return [invalid('status.startTime', status?.startTime ?? null, `${immutableText} for unsuspended job once set`)];
}

function keptSuccess(met: boolean, old: JobStatus | undefined): FieldError[] {
  return hasCondition(old, 'SuccessCriteriaMet') && !met ? [conditionError('cannot disable the SuccessCriteriaMet=True condition')] : [];
}

/** The broken rules of a status that replaces another; metadata's are not among them. */
export function jobStatusErrors(job: Job, old: Job): FieldError[] {
  return [...stateErrors(job), ...changeErrors(job, old)];
}
