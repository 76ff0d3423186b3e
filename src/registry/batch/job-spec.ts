// The rules of a JobSpec, in jobs and in the templates of cron jobs.
// https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/job-v1/
import type { JobSpec, PodFailurePolicy, PodFailurePolicyRule } from '../../../openapi/types/batch.v1.js';
import { invalid, notSupported, required, type FieldError } from '../../apimachinery/errors/field-error.js';
import { templateErrors } from '../core/podspec/template.js';
import { notNegative } from '../rules/fields.js';

const modes = ['NonIndexed', 'Indexed'];
const replacements = ['Failed', 'TerminatingOrFailed'];
const actions = ['Count', 'FailIndex', 'FailJob', 'Ignore'];
const operators = ['In', 'NotIn'];
const mostManagedBy = 63;

function ruleErrors(field: string, { action, onExitCodes, onPodConditions }: PodFailurePolicyRule, indexed: boolean): FieldError[] {
  const errors: FieldError[] = [];
  if (action === undefined || (action as string) === '') errors.push(required(`${field}.action`));
  else if (!actions.includes(action)) errors.push(notSupported(`${field}.action`, action, actions));
  else if (action === 'FailIndex' && !indexed)
    errors.push(invalid(`${field}.action`, action, 'requires the backoffLimitPerIndex to be set'));
  if (onExitCodes !== undefined) {
    const { operator, values = [] } = onExitCodes;
    const at = `${field}.onExitCodes`;
    if (!operators.includes(operator)) errors.push(notSupported(`${at}.operator`, operator ?? '', operators));
    if (values.length === 0) errors.push(invalid(`${at}.values`, values, 'at least one value is required'));
    if (values.some((value, index) => index > 0 && value < values[index - 1]!))
      errors.push(invalid(`${at}.values`, values, 'must be ordered'));
    if (operator === 'In') {
      values.forEach((value, index) => {
        if (value === 0) errors.push(invalid(`${at}.values[${index}]`, 0, 'must not be 0 for the In operator'));
      });
    }
  }
  const conditions = onPodConditions?.length ?? 0;
  if (onExitCodes === undefined && conditions === 0) {
    errors.push({
      field,
      reason: 'FieldValueInvalid',
      message: 'Invalid value: specifying one of OnExitCodes and OnPodConditions is required',
    });
  } else if (onExitCodes !== undefined && conditions > 0) {
    const message = 'Invalid value: specifying both OnExitCodes and OnPodConditions is not supported';
    errors.push({ field, reason: 'FieldValueInvalid', message });
  }
  return errors;
}

function failurePolicyErrors(field: string, policy: PodFailurePolicy, indexed: boolean): FieldError[] {
  return (policy.rules ?? []).flatMap((rule, index) => ruleErrors(`${field}.rules[${index}]`, rule, indexed));
}

function indexErrors(field: string, spec: JobSpec): FieldError[] {
  const errors: FieldError[] = [];
  const { completionMode, backoffLimitPerIndex, maxFailedIndexes } = spec;
  errors.push(
    ...notNegative(`${field}.backoffLimitPerIndex`, backoffLimitPerIndex),
    ...notNegative(`${field}.maxFailedIndexes`, maxFailedIndexes),
  );
  if (maxFailedIndexes !== undefined && backoffLimitPerIndex === undefined) {
    errors.push(required(`${field}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified'));
  }
  const text = 'requires indexed completion mode';
  if (completionMode !== 'Indexed') {
    if (backoffLimitPerIndex !== undefined) errors.push(invalid(`${field}.backoffLimitPerIndex`, backoffLimitPerIndex, text));
    if (maxFailedIndexes !== undefined) errors.push(invalid(`${field}.maxFailedIndexes`, maxFailedIndexes, text));
    return errors;
  }
  if (spec.completions === undefined) errors.push(required(`${field}.completions`, 'when completion mode is Indexed'));
  if ((spec.parallelism ?? 0) > 100_000)
    errors.push(invalid(`${field}.parallelism`, spec.parallelism, 'must be less than or equal to 100000 when completion mode is Indexed'));
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

const domainPath = /^[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?\/\S+$/;

/** The broken rules of a spec at `field` (`spec`, `spec.jobTemplate.spec`), but for its selector. */
export function jobSpecErrors(field: string, spec: JobSpec): FieldError[] {
  const { completionMode, podReplacementPolicy, managedBy } = spec;
  const errors: FieldError[] = [];
  for (const count of ['parallelism', 'completions', 'activeDeadlineSeconds', 'backoffLimit', 'ttlSecondsAfterFinished'] as const) {
    errors.push(...notNegative(`${field}.${count}`, spec[count]));
  }
  if (completionMode !== undefined && !modes.includes(completionMode))
    errors.push(notSupported(`${field}.completionMode`, completionMode, modes));
  errors.push(...indexErrors(field, spec));
  if (spec.podFailurePolicy !== undefined) {
    errors.push(...failurePolicyErrors(`${field}.podFailurePolicy`, spec.podFailurePolicy, spec.backoffLimitPerIndex !== undefined));
  }
  if (podReplacementPolicy !== undefined) {
    const supported = spec.podFailurePolicy === undefined ? replacements : ['Failed'];
    if (!supported.includes(podReplacementPolicy))
      errors.push(notSupported(`${field}.podReplacementPolicy`, podReplacementPolicy, supported));
  }
  if (managedBy !== undefined) {
    if (!domainPath.test(managedBy))
      errors.push(invalid(`${field}.managedBy`, managedBy, 'must be a domain-prefixed path (such as "acme.io/foo")'));
    if (managedBy.length > mostManagedBy) {
      errors.push({
        field: `${field}.managedBy`,
        reason: 'FieldValueTooLong',
        message: `Too long: may not be more than ${mostManagedBy} bytes`,
      });
    }
  }
  errors.push(...templateErrors(`${field}.template`, spec.template), ...restartPolicyErrors(field, spec));
  return errors;
}
