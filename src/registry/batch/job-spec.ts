// The rules of a JobSpec, in jobs and in the templates of cron jobs.
// https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/job-v1/
import type { JobSpec } from '../../../openapi/types/batch.v1.js';
import { invalid, notSupported, required, tooLong, type FieldError } from '../../apimachinery/errors/field-error.js';
import { templateErrors } from '../core/podspec/template.js';
import { domainPathErrors } from '../rules/domain-path.js';
import { notNegative } from '../rules/fields.js';
import { failurePolicyErrors, shownSuccessPolicy, successPolicyErrors } from './job-policies.js';

const modes = ['NonIndexed', 'Indexed'];
const replacements = ['Failed', 'TerminatingOrFailed'];
const longestManagedBy = 63;
/** As many pods and indexes as an indexed job may have at once. */
const mostIndexed = 100_000;
/** Beyond {@link mostIndexed} completions the indexes that failed take room as well. */
const mostOfMany = 10_000;

const counts = [
  'parallelism',
  'completions',
  'activeDeadlineSeconds',
  'backoffLimit',
  'ttlSecondsAfterFinished',
  'backoffLimitPerIndex',
  'maxFailedIndexes',
] as const;

/** Whether so many indexes may fail at once that the status cannot hold them. */
export function isTooBigToTrack({ completionMode, completions = 0, parallelism = 0 }: JobSpec): boolean {
  return completionMode === 'Indexed' && completions > mostIndexed && parallelism > mostOfMany;
}

function indexedErrors(field: string, { completions, parallelism = 0, maxFailedIndexes, backoffLimitPerIndex }: JobSpec): FieldError[] {
  const errors: FieldError[] = [];
  const parallelismField = `${field}.parallelism`;
  const failedField = `${field}.maxFailedIndexes`;
  if (completions === undefined) errors.push(required(`${field}.completions`, 'when completion mode is Indexed'));
  if (parallelism > mostIndexed) {
    errors.push(invalid(parallelismField, parallelism, `must be less than or equal to ${mostIndexed} when completion mode is Indexed`));
  }
  if (maxFailedIndexes !== undefined) {
    if (completions !== undefined && maxFailedIndexes > completions) {
      errors.push(invalid(failedField, maxFailedIndexes, 'must be less than or equal to completions'));
    }
    if (maxFailedIndexes > mostIndexed) {
      errors.push(invalid(failedField, maxFailedIndexes, `must be less than or equal to ${mostIndexed}`));
    }
  }
  if ((completions ?? 0) <= mostIndexed || backoffLimitPerIndex === undefined) return errors;
  const why = `must be less than or equal to ${mostOfMany} when completions are above ${mostIndexed} and used with backoff limit per index`;
  if (maxFailedIndexes === undefined) errors.push(required(failedField, `must be specified when completions is above ${mostIndexed}`));
  if (parallelism > mostOfMany) errors.push(invalid(parallelismField, parallelism, why));
  if ((maxFailedIndexes ?? 0) > mostOfMany) errors.push(invalid(failedField, maxFailedIndexes, why));
  return errors;
}

function modeErrors(field: string, spec: JobSpec): FieldError[] {
  const { completionMode, completions, successPolicy } = spec;
  const errors: FieldError[] = [];
  const text = 'requires indexed completion mode';
  if (completionMode === 'Indexed') errors.push(...indexedErrors(field, spec));
  else if (completionMode !== undefined && !modes.includes(completionMode)) {
    errors.push(notSupported(`${field}.completionMode`, completionMode, modes));
  } else {
    for (const name of ['backoffLimitPerIndex', 'maxFailedIndexes'] as const) {
      if (spec[name] !== undefined) errors.push(invalid(`${field}.${name}`, spec[name], text));
    }
  }
  if (successPolicy === undefined) return errors;
  const at = `${field}.successPolicy`;
  if (completionMode === 'Indexed') errors.push(...successPolicyErrors(at, successPolicy, completions ?? 0));
  else errors.push(invalid(at, shownSuccessPolicy(successPolicy), text));
  return errors;
}

function restartPolicyErrors(field: string, spec: JobSpec): FieldError[] {
  const policy = spec.template?.spec?.restartPolicy;
  const at = `${field}.template.spec.restartPolicy`;
  const choices = 'valid values: "OnFailure", "Never"';
  // `Always` is what an absent one becomes.
  if (policy === undefined || policy === 'Always') return [required(at, choices)];
  if (policy !== 'OnFailure' && policy !== 'Never') return [notSupported(at, policy, ['OnFailure', 'Never'])];
  if (spec.podFailurePolicy !== undefined && policy !== 'Never')
    return [invalid(at, policy, 'only "Never" is supported when podFailurePolicy is specified')];
  return [];
}

/** The broken rules of a spec at `field` (`spec`, `spec.jobTemplate.spec`), but for its selector. */
export function jobSpecErrors(field: string, spec: JobSpec): FieldError[] {
  const { podReplacementPolicy, managedBy, podFailurePolicy } = spec;
  const errors: FieldError[] = counts.flatMap((count) => [...notNegative(`${field}.${count}`, spec[count])]);
  if (spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined) {
    errors.push(required(`${field}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified'));
  }
  if (managedBy !== undefined) {
    errors.push(...domainPathErrors(`${field}.managedBy`, managedBy));
    if (managedBy.length > longestManagedBy) errors.push(tooLong(`${field}.managedBy`, longestManagedBy));
  }
  errors.push(...modeErrors(field, spec));
  if (podFailurePolicy !== undefined) errors.push(...failurePolicyErrors(`${field}.podFailurePolicy`, podFailurePolicy, spec));
  if (podReplacementPolicy !== undefined) {
    const supported = podFailurePolicy === undefined ? replacements : ['Failed'];
    if (!supported.includes(podReplacementPolicy))
      errors.push(notSupported(`${field}.podReplacementPolicy`, podReplacementPolicy, supported));
  }
  errors.push(...templateErrors(`${field}.template`, spec.template), ...restartPolicyErrors(field, spec));
  return errors;
}
