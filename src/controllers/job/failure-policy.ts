// What a job's pod failure policy says of a failed pod. https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-failure-policy
import type { PodFailurePolicy, PodFailurePolicyRule } from '../../../openapi/types/batch.v1.js';
import type { Pod } from '../../../openapi/types/core.v1.js';

export interface FailureVerdict {
  readonly action: 'Count' | 'FailIndex' | 'FailJob' | 'Ignore';
  /** For the job's condition. */
  readonly message: string;
}

/** The first rule that matches decides; without one the failure counts. */
export function judgeFailure(policy: PodFailurePolicy | undefined, pod: Pod): FailureVerdict | undefined {
  if (policy === undefined || pod.status.phase !== 'Failed') return undefined;
  for (const [index, rule] of (policy.rules ?? []).entries()) {
    const what = exitCodeMatch(rule, pod) ?? conditionMatch(rule, pod);
    if (what !== undefined) return { action: rule.action, message: `${what} matching ${rule.action} rule at index ${index}` };
  }
  return undefined;
}

function exitCodeMatch({ onExitCodes }: PodFailurePolicyRule, pod: Pod): string | undefined {
  if (onExitCodes === undefined) return undefined;
  const { containerName, operator, values } = onExitCodes;
  for (const { name, state } of [...(pod.status.containerStatuses ?? []), ...(pod.status.initContainerStatuses ?? [])]) {
    const code = state?.terminated?.exitCode;
    // A container that ended well never matches.
    if (code === undefined || code === 0 || (containerName !== undefined && containerName !== name)) continue;
    if (values.includes(code) === (operator === 'In')) return `Container ${name} for pod ${nameOf(pod)} failed with exit code ${code}`;
  }
  return undefined;
}

function conditionMatch({ onPodConditions }: PodFailurePolicyRule, pod: Pod): string | undefined {
  for (const { type, status = 'True' } of onPodConditions ?? []) {
    if (pod.status.conditions?.some((one) => one.type === type && one.status === status)) return `Pod ${nameOf(pod)} has condition ${type}`;
  }
  return undefined;
}

function nameOf({ metadata }: Pod): string {
  return `${metadata.namespace}/${metadata.name}`;
}
