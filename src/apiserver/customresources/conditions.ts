// The conditions of a custom resource definition.
// https://kubernetes.io/docs/reference/kubernetes-api/extend-resources/custom-resource-definition-v1/#CustomResourceDefinitionStatus
import type { CustomResourceDefinition, CustomResourceDefinitionCondition } from '../../../openapi/types/apiextensions.v1.js';

type Condition = CustomResourceDefinitionCondition;
export type NewCondition = Pick<Condition, 'type' | 'status'> & { readonly reason: string; readonly message: string };

export const noConflicts: NewCondition = {
  type: 'NamesAccepted',
  status: 'True',
  reason: 'NoConflicts',
  message: 'no conflicts found',
};

export const installing: NewCondition = {
  type: 'Established',
  status: 'False',
  reason: 'Installing',
  message: 'the initial names have been accepted',
};

export const established: NewCondition = { ...installing, status: 'True', reason: 'InitialNamesAccepted' };

export const notAccepted: NewCondition = {
  type: 'Established',
  status: 'False',
  reason: 'NotAccepted',
  message: 'not all names are accepted',
};

export const deleting: NewCondition = {
  type: 'Terminating',
  status: 'True',
  reason: 'InstanceDeletionInProgress',
  message: 'CustomResource deletion is in progress',
};

const approval = 'api-approved.kubernetes.io';

/** What is said of a group of the Kubernetes project: whether its resource was approved. https://github.com/kubernetes/enhancements/pull/1111 */
export function approvalCondition({ metadata, spec }: CustomResourceDefinition): NewCondition | undefined {
  const isProtected = ['k8s.io', 'kubernetes.io'].some((domain) => spec.group === domain || spec.group.endsWith(`.${domain}`));
  if (!isProtected) return undefined;
  const type = 'KubernetesAPIApprovalPolicyConformant';
  const text = metadata.annotations?.[approval] ?? '';
  if (text.startsWith('unapproved'))
    return { type, status: 'False', reason: 'UnapprovedAnnotation', message: `not approved: ${JSON.stringify(text)}` };
  return { type, status: 'True', reason: 'ApprovedAnnotation', message: `approved in ${text}` };
}

/** The list with this condition in its place; the list itself when it says so already. */
export function withCondition(
  conditions: readonly Condition[],
  { type, status, reason, message }: NewCondition,
  time: string,
): readonly Condition[] {
  const at = conditions.findIndex((one) => one.type === type);
  const before = conditions[at];
  if (before?.status === status && before.reason === reason && before.message === message) return conditions;
  const lastTransitionTime = before?.status === status ? before.lastTransitionTime : time;
  const made: Condition = { type, status, ...(lastTransitionTime === undefined ? {} : { lastTransitionTime }), reason, message };
  return before === undefined ? [...conditions, made] : conditions.map((one, index) => (index === at ? made : one));
}

export function hasCondition({ status }: CustomResourceDefinition, type: string): boolean {
  return (status.conditions ?? []).some((one) => one.type === type && one.status === 'True');
}
