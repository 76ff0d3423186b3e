// The rules of a job's pod failure policy and success policy.
// https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-failure-policy
// https://kubernetes.io/docs/concepts/workloads/controllers/job/#success-policy
import type { JobSpec, PodFailurePolicy, PodFailurePolicyRule, SuccessPolicy, SuccessPolicyRule } from '../../../openapi/types/batch.v1.js';
import { duplicate, invalid, notSupported, required, tooLong, tooMany, type FieldError } from '../../apimachinery/errors/field-error.js';
import { checkQualifiedName, each, notNegative } from '../rules/fields.js';
import { parseIndexes } from './indexes.js';

const actions = ['Count', 'FailIndex', 'FailJob', 'Ignore'];
const operators = ['In', 'NotIn'];
const statuses = ['False', 'True', 'Unknown'];
const mostRules = 20;
const mostExitCodes = 255;
const mostConditions = 20;
const longestIndexes = 64 * 1024;

/** A value that messages do not show. */
function broken(field: string, why: string): FieldError {
  return { field, reason: 'FieldValueInvalid', message: `Invalid value: ${why}` };
}

function choiceErrors(field: string, value: string | undefined, choices: readonly string[]): FieldError[] {
  if (value === undefined || value === '') {
    return [required(field, `valid values: [${choices.map((choice) => JSON.stringify(choice)).join(' ')}]`)];
  }
  return choices.includes(value) ? [] : [notSupported(field, value, choices)];
}

function exitCodeErrors(
  field: string,
  { operator, containerName, values }: NonNullable<PodFailurePolicyRule['onExitCodes']>,
  containers: ReadonlySet<string>,
): FieldError[] {
  const errors = choiceErrors(`${field}.operator`, operator, operators);
  if (containerName !== undefined && !containers.has(containerName)) {
    const why = 'must be one of the container or initContainer names in the pod template';
    errors.push(invalid(`${field}.containerName`, containerName, why));
  }
  const at = `${field}.values`;
  const codes = values ?? [];
  if (codes.length === 0) return [...errors, invalid(at, values ?? null, 'at least one value is required')];
  if (codes.length > mostExitCodes) return [...errors, tooMany(at, codes.length, mostExitCodes)];
  const seen = new Set<number>();
  let ordered = true;
  codes.forEach((code, index) => {
    if (operator === 'In' && code === 0) errors.push(invalid(`${at}[${index}]`, code, 'must not be 0 for the In operator'));
    if (seen.has(code)) errors.push(duplicate(`${at}[${index}]`, code));
    if (index > 0 && code < codes[index - 1]!) ordered = false;
    seen.add(code);
  });
  if (!ordered) errors.push(invalid(at, codes, 'must be ordered'));
  return errors;
}

function conditionErrors(field: string, conditions: NonNullable<PodFailurePolicyRule['onPodConditions']>): FieldError[] {
  if (conditions.length > mostConditions) return [tooMany(field, conditions.length, mostConditions)];
  return each(field, conditions, (at, { type = '', status }) => [
    ...checkQualifiedName(`${at}.type`, type),
    ...(status === undefined ? [required(`${at}.status`)] : choiceErrors(`${at}.status`, status, statuses)),
  ]).slice();
}

function failureRuleErrors(field: string, rule: PodFailurePolicyRule, perIndex: boolean, containers: ReadonlySet<string>): FieldError[] {
  const { action, onExitCodes, onPodConditions = [] } = rule;
  const errors = choiceErrors(`${field}.action`, action, actions);
  if (action === 'FailIndex' && !perIndex) errors.push(invalid(`${field}.action`, action, 'requires the backoffLimitPerIndex to be set'));
  if (onExitCodes !== undefined) errors.push(...exitCodeErrors(`${field}.onExitCodes`, onExitCodes, containers));
  if (onPodConditions.length > 0) errors.push(...conditionErrors(`${field}.onPodConditions`, onPodConditions));
  const both = onExitCodes !== undefined && onPodConditions.length > 0;
  const neither = onExitCodes === undefined && onPodConditions.length === 0;
  if (both) errors.push(broken(field, 'specifying both OnExitCodes and OnPodConditions is not supported'));
  if (neither) errors.push(broken(field, 'specifying one of OnExitCodes and OnPodConditions is required'));
  return errors;
}

/** The broken rules of `spec.podFailurePolicy`, which stands at `field`. */
export function failurePolicyErrors(field: string, policy: PodFailurePolicy, spec: JobSpec): FieldError[] {
  // Required lists that are absent are null.
  const rules = policy.rules ?? [];
  const pod = spec.template?.spec;
  const containers = new Set([...(pod?.containers ?? []), ...(pod?.initContainers ?? [])].map(({ name }) => name));
  if (rules.length > mostRules) return [tooMany(`${field}.rules`, rules.length, mostRules)];
  const perIndex = spec.backoffLimitPerIndex !== undefined;
  return rules.flatMap((rule, index) => failureRuleErrors(`${field}.rules[${index}]`, rule, perIndex, containers));
}

function successRuleErrors(field: string, { succeededCount, succeededIndexes }: SuccessPolicyRule, completions: number): FieldError[] {
  if (succeededCount === undefined && succeededIndexes === undefined) {
    return [required(field, 'at least one of succeededCount or succeededIndexes must be specified')];
  }
  const errors: FieldError[] = [];
  let named = 0;
  if (succeededIndexes !== undefined) {
    const at = `${field}.succeededIndexes`;
    if (succeededIndexes.length > longestIndexes) errors.push(tooLong(at, longestIndexes));
    const { total, problem } = parseIndexes(succeededIndexes, completions);
    named = total;
    if (problem !== undefined) errors.push(invalid(at, succeededIndexes, `error parsing succeededIndexes: ${problem}`));
  }
  if (succeededCount === undefined) return errors;
  const at = `${field}.succeededCount`;
  errors.push(...notNegative(at, succeededCount));
  if (succeededCount > completions) {
    errors.push(invalid(at, succeededCount, `must be less than or equal to ${completions} (the number of specified completions)`));
  }
  if (succeededIndexes !== undefined && succeededCount > named) {
    const why = `must be less than or equal to ${named} (the number of indexes in the specified succeededIndexes field)`;
    errors.push(invalid(at, succeededCount, why));
  }
  return errors;
}

/** The broken rules of `spec.successPolicy` of a job that is indexed; the policy stands at `field`. */
export function successPolicyErrors(field: string, policy: SuccessPolicy, completions: number): FieldError[] {
  const rules = policy.rules ?? [];
  if (rules.length === 0) {
    return [required(`${field}.rules`, 'at least one rules must be specified when the successPolicy is specified')];
  }
  const errors: FieldError[] = rules.length > mostRules ? [tooMany(`${field}.rules`, rules.length, mostRules)] : [];
  return [...errors, ...rules.flatMap((rule, index) => successRuleErrors(`${field}.rules[${index}]`, rule, completions))];
}

/** A success policy as messages show it. */
export function shownSuccessPolicy(policy: SuccessPolicy | undefined): unknown {
  if (policy === undefined) return null;
  const rules = policy.rules?.map(({ succeededIndexes, succeededCount }) => ({
    SucceededIndexes: succeededIndexes ?? null,
    SucceededCount: succeededCount ?? null,
  }));
  return { Rules: rules ?? null };
}

/** A pod failure policy as messages show it. */
export function shownFailurePolicy(policy: PodFailurePolicy | undefined): unknown {
  if (policy === undefined) return null;
  const rules = policy.rules?.map(({ action, onExitCodes, onPodConditions }) => ({
    Action: action ?? '',
    OnExitCodes:
      onExitCodes === undefined
        ? null
        : { ContainerName: onExitCodes.containerName ?? null, Operator: onExitCodes.operator ?? '', Values: onExitCodes.values ?? null },
    OnPodConditions: onPodConditions?.map(({ type, status }) => ({ Type: type ?? '', Status: status ?? '' })) ?? null,
  }));
  return { Rules: rules ?? null };
}
