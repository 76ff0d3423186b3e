// What may change of a pod after its creation. https://kubernetes.io/docs/concepts/workloads/pods/#pod-update-and-replacement
import type { Container, EphemeralContainer, Pod, PodSpec, Toleration } from '../../../../openapi/types/core.v1.js';
import { deepEqual } from '../../../apimachinery/equality.js';
import { fieldForbidden, invalid, type FieldError } from '../../../apimachinery/errors/field-error.js';

const changeable =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

function checkDeadline(errors: FieldError[], now: number | undefined, before: number | undefined): void {
  const field = 'spec.activeDeadlineSeconds';
  if (now === undefined) {
    if (before !== undefined) errors.push(invalid(field, null, 'must not update from a positive integer to nil value'));
    return;
  }
  if (now === before) return;
  if (now < 0 || now > 2 ** 31 - 1) errors.push(invalid(field, now, 'must be between 0 and 2147483647, inclusive'));
  else if (before !== undefined && now > before) errors.push(invalid(field, now, 'must be less than or equal to previous value'));
}

function keepsTolerations(now: readonly Toleration[], before: readonly Toleration[]): boolean {
  return before.every((old) =>
    now.some((one) => deepEqual({ ...one, tolerationSeconds: undefined }, { ...old, tolerationSeconds: undefined })),
  );
}

function withOldImages(now: readonly Container[], before: readonly Container[]): readonly Container[] {
  return now.map((container, index) => ({ ...container, image: before[index]?.image }));
}

/** The new spec with everything that may change taken back from the old one; equal to the old one when nothing else changed. */
function taken(now: PodSpec, before: PodSpec): PodSpec {
  const gated = (before.schedulingGates?.length ?? 0) > 0;
  const grace = before.terminationGracePeriodSeconds;
  return {
    ...now,
    containers: withOldImages(now.containers, before.containers),
    initContainers: now.initContainers && withOldImages(now.initContainers, before.initContainers ?? []),
    activeDeadlineSeconds: before.activeDeadlineSeconds,
    tolerations: before.tolerations,
    schedulingGates: before.schedulingGates,
    ...(grace !== undefined && grace < 0 && now.terminationGracePeriodSeconds === 1 ? { terminationGracePeriodSeconds: grace } : {}),
    // A gated pod may still be narrowed. https://kubernetes.io/docs/concepts/scheduling-eviction/pod-scheduling-readiness/#mutable-pod-scheduling-directives
    ...(gated ? { nodeSelector: before.nodeSelector, affinity: { ...now.affinity, nodeAffinity: before.affinity?.nodeAffinity } } : {}),
  };
}

/** The broken rules of a change of the pod itself. */
export function podUpdateErrors(pod: Pod, old: Pod): FieldError[] {
  const errors: FieldError[] = [];
  const now = pod.spec;
  const before = old.spec;
  if (now.containers.length !== before.containers.length) {
    return [fieldForbidden('spec.containers', 'pod updates may not add or remove containers')];
  }
  if ((now.initContainers?.length ?? 0) !== (before.initContainers?.length ?? 0)) {
    return [fieldForbidden('spec.initContainers', 'pod updates may not add or remove containers')];
  }
  checkDeadline(errors, now.activeDeadlineSeconds, before.activeDeadlineSeconds);
  const gates = new Set(before.schedulingGates?.map(({ name }) => name));
  now.schedulingGates?.forEach(({ name }, index) => {
    if (gates.has(name)) return;
    errors.push(fieldForbidden(`spec.schedulingGates[${index}].name`, `only deletion is allowed, but found new scheduling gate '${name}'`));
  });
  if (!keepsTolerations(now.tolerations ?? [], before.tolerations ?? [])) {
    errors.push(fieldForbidden('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds'));
  }
  if (errors.length > 0) return errors;
  const rest = taken(now, before);
  const comparable = (before.schedulingGates?.length ?? 0) > 0 ? { ...before, affinity: { ...before.affinity } } : before;
  return deepEqual(rest, comparable) ? [] : [fieldForbidden('spec', changeable)];
}

/** The broken rules of a write of `ephemeralcontainers`: what is there stays as it is. */
export function ephemeralContainerErrors(now: readonly EphemeralContainer[], before: readonly EphemeralContainer[]): FieldError[] {
  const errors: FieldError[] = [];
  const byName = new Map(now.map((container) => [container.name, container]));
  for (const old of before) {
    const container = byName.get(old.name);
    const name = JSON.stringify(old.name);
    if (container === undefined)
      errors.push(fieldForbidden('spec.ephemeralContainers', `existing ephemeral containers ${name} may not be removed\n`));
    else if (!deepEqual(container, old)) {
      errors.push(fieldForbidden('spec.ephemeralContainers', `existing ephemeral containers ${name} may not be changed\n`));
    }
  }
  return errors;
}
