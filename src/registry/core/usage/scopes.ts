// Which objects a quota's scopes take in. https://kubernetes.io/docs/concepts/policy/resource-quotas/#quota-scopes
import type {
  PersistentVolumeClaim,
  Pod,
  PodAffinityTerm,
  PodSpec,
  ResourceQuota,
  ScopedResourceSelectorRequirement,
} from '../../../../openapi/types/core.v1.js';
import { qosClassOf } from '../podspec/resources.js';

/** All that a quota asks of an object: its scopes, and those of its selector. */
export function scopeRequirements({ spec }: ResourceQuota): readonly ScopedResourceSelectorRequirement[] {
  const scopes = (spec?.scopes ?? []).map((scopeName): ScopedResourceSelectorRequirement => ({ scopeName, operator: 'Exists' }));
  return [...scopes, ...(spec?.scopeSelector?.matchExpressions ?? [])];
}

/** Whether a pod is in a scope; a claim's scope has no pods. */
export function podInScope({ spec = {} as PodSpec }: Pod, requirement: ScopedResourceSelectorRequirement): boolean {
  switch (requirement.scopeName) {
    case 'Terminating':
      return isTerminating(spec);
    case 'NotTerminating':
      return !isTerminating(spec);
    case 'BestEffort':
      return qosClassOf(spec) === 'BestEffort';
    case 'NotBestEffort':
      return qosClassOf(spec) !== 'BestEffort';
    case 'PriorityClass':
      return hasValue(requirement, spec.priorityClassName === undefined ? [] : [spec.priorityClassName]);
    case 'CrossNamespacePodAffinity':
      return crossesNamespaces(spec);
    default:
      return false;
  }
}

/** Whether a claim is in a scope; a pod's scope has no claims. */
export function claimInScope({ spec, status }: PersistentVolumeClaim, requirement: ScopedResourceSelectorRequirement): boolean {
  if (requirement.scopeName !== 'VolumeAttributesClass') return false;
  const names = [
    spec?.volumeAttributesClassName,
    status?.currentVolumeAttributesClassName,
    status?.modifyVolumeStatus?.targetVolumeAttributesClassName,
  ];
  return hasValue(
    requirement,
    names.filter((name): name is string => name !== undefined),
  );
}

/** A pod that says when it ends. */
function isTerminating({ activeDeadlineSeconds }: PodSpec): boolean {
  return activeDeadlineSeconds !== undefined && activeDeadlineSeconds >= 0;
}

function hasValue({ operator, values = [] }: ScopedResourceSelectorRequirement, given: readonly string[]): boolean {
  const named = given.filter((name) => name !== '');
  switch (operator) {
    case 'Exists':
      return named.length > 0;
    case 'DoesNotExist':
      return named.length === 0;
    case 'In':
      return named.some((name) => values.includes(name));
    case 'NotIn':
      return !named.some((name) => values.includes(name));
  }
}

function crossesNamespaces({ affinity }: PodSpec): boolean {
  const rules = [affinity?.podAffinity, affinity?.podAntiAffinity];
  const terms = rules.flatMap((rule): readonly PodAffinityTerm[] => [
    ...(rule?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
    ...(rule?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(({ podAffinityTerm }) => podAffinityTerm),
  ]);
  return terms.some(({ namespaces, namespaceSelector }) => (namespaces ?? []).length > 0 || namespaceSelector !== undefined);
}
