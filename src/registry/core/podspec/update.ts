// What may change of a pod after its creation. https://kubernetes.io/docs/concepts/workloads/pods/#pod-update-and-replacement
import type { Container, EphemeralContainer, Pod, PodSpec, Toleration } from '../../../../openapi/types/core.v1.js';
import { deepEqual } from '../../../apimachinery/equality.js';
import { fieldForbidden, invalid, required, type FieldError } from '../../../apimachinery/errors/field-error.js';
import { changesText } from '../changes.js';
import { nodeSelectorTerm } from '../../rules/node-selectors.js';
import { shownAs } from '../../rules/shown.js';
import { podAnnotationErrors } from './validate-annotations.js';
import { checkTolerations } from './validate-tolerations.js';

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

/** Images may change, and are looked at once more. */
function checkImages(errors: FieldError[], field: string, containers: readonly Container[] | undefined): void {
  containers?.forEach(({ image = '' }, index) => {
    const at = `${field}[${index}].image`;
    if (image === '') errors.push(required(at));
    else if (image.trim() !== image) errors.push(invalid(at, image, 'must not have leading or trailing whitespace'));
  });
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

const additionsOnly = 'only additions are allowed (no mutations or deletions)';

/** Whether the old requirements are all there, in their places. */
function startsWith(now: readonly unknown[] = [], before: readonly unknown[] = []): boolean {
  return before.every((one, index) => deepEqual(now[index], one));
}

/** A pod that waits at a gate may only be narrowed to fewer nodes. https://kubernetes.io/docs/concepts/scheduling-eviction/pod-scheduling-readiness/#mutable-pod-scheduling-directives */
function checkNarrowed(errors: FieldError[], now: PodSpec, before: PodSpec): void {
  const labels = now.nodeSelector;
  if (Object.entries(before.nodeSelector ?? {}).some(([label, value]) => labels?.[label] !== value)) {
    const why = 'only additions to spec.nodeSelector are allowed (no mutations or deletions)';
    errors.push(invalid('spec.nodeSelector', labels ?? null, why));
  }
  const old = before.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  if (old.length === 0) return;
  const field = 'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms';
  const terms = now.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  if (terms?.length !== old.length) {
    const why = 'no additions/deletions to non-empty NodeSelectorTerms list are allowed';
    errors.push(invalid(field, shownAs(nodeSelectorTerm, terms), why));
    return;
  }
  terms.forEach((term, index) => {
    const was = old[index];
    if (startsWith(term.matchExpressions, was?.matchExpressions) && startsWith(term.matchFields, was?.matchFields)) return;
    errors.push(invalid(`${field}[${index}]`, shownAs(nodeSelectorTerm, term), additionsOnly));
  });
}

const mirror = 'kubernetes.io/config.mirror';

/** Only the kubelet makes mirrors of static pods, and does so at once. */
function checkMirror(errors: FieldError[], pod: Pod, old: Pod): void {
  const now = pod.metadata.annotations?.[mirror];
  const before = old.metadata.annotations?.[mirror];
  if (now === before) return;
  const what = before === undefined ? 'add' : now === undefined ? 'remove' : 'update';
  errors.push(fieldForbidden(`metadata.annotations[${mirror}]`, `may not ${what} mirror pod annotation`));
}

/** The broken rules of a change of the pod itself. */
export function podUpdateErrors(pod: Pod, old: Pod): FieldError[] {
  const errors: FieldError[] = [];
  checkMirror(errors, pod, old);
  errors.push(...podAnnotationErrors('metadata.annotations', pod.metadata.annotations, pod.spec));
  const now = pod.spec;
  const before = old.spec;
  if (now.containers.length !== before.containers.length) {
    return [...errors, fieldForbidden('spec.containers', 'pod updates may not add or remove containers')];
  }
  if ((now.initContainers?.length ?? 0) !== (before.initContainers?.length ?? 0)) {
    return [...errors, fieldForbidden('spec.initContainers', 'pod updates may not add or remove containers')];
  }
  checkImages(errors, 'spec.containers', now.containers);
  checkImages(errors, 'spec.initContainers', now.initContainers);
  // What is wrong so far does not keep the rest from being compared.
  const soFar = errors.length;
  checkDeadline(errors, now.activeDeadlineSeconds, before.activeDeadlineSeconds);
  const gates = new Set(before.schedulingGates?.map(({ name }) => name));
  now.schedulingGates?.forEach(({ name }, index) => {
    if (gates.has(name)) return;
    errors.push(fieldForbidden(`spec.schedulingGates[${index}].name`, `only deletion is allowed, but found new scheduling gate '${name}'`));
  });
  checkTolerations(errors, 'spec.tolerations', now.tolerations);
  if (!keepsTolerations(now.tolerations ?? [], before.tolerations ?? [])) {
    errors.push(fieldForbidden('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds'));
  }
  if (gates.size > 0) checkNarrowed(errors, now, before);
  if (errors.length > soFar) return errors;
  const rest = taken(now, before);
  const comparable = (before.schedulingGates?.length ?? 0) > 0 ? { ...before, affinity: { ...before.affinity } } : before;
  if (!deepEqual(rest, comparable)) errors.push(fieldForbidden('spec', changeable + changesText(comparable, rest)));
  return errors;
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
      errors.push(fieldForbidden('spec.ephemeralContainers', `existing ephemeral containers ${name} may not be changed`));
    }
  }
  return errors;
}
