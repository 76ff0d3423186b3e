// The `resize` subresource of pods: more or less CPU and memory for containers that run.
// https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/
import type { Container, Pod, PodSpec, ResourceRequirements } from '../../../openapi/types/core.v1.js';
import { deepEqual } from '../../apimachinery/equality.js';
import { fieldForbidden, invalid, type FieldError } from '../../apimachinery/errors/field-error.js';
import { isRecord, type KubeObject, type Mutable } from '../../apimachinery/object.js';
import { qosClassOf } from '../../registry/core/podspec/resources.js';
import { podSpecErrors } from '../../registry/core/podspec/validate.js';

const lists = ['containers', 'initContainers'] as const;
const resizable = ['cpu', 'memory'];

/** The old spec with what the draft says of resources; where containers come or go, the draft's list, to be refused. */
export function prepareResize(wanted: unknown, old: KubeObject): Mutable {
  const before = (old as Pod).spec as unknown as Mutable;
  const draft = isRecord(wanted) ? wanted : {};
  const spec: Mutable = { ...before };
  for (const list of lists) {
    const now = (Array.isArray(draft[list]) ? draft[list] : []) as readonly Mutable[];
    const were = (before[list] ?? []) as readonly Mutable[];
    const same = now.length === were.length && now.every((container, index) => container['name'] === were[index]?.['name']);
    if (same) {
      if (were.length > 0) spec[list] = were.map((container, index) => withResources(container, now[index]!));
    } else spec[list] = now;
  }
  return take(spec, draft, 'resources');
}

function withResources(container: Mutable, wanted: Mutable): Mutable {
  return take(take({ ...container }, wanted, 'resources'), wanted, 'resizePolicy');
}

function take(target: Mutable, source: Mutable, field: string): Mutable {
  if (source[field] === undefined) delete target[field];
  else target[field] = source[field];
  return target;
}

/** The broken rules of a resize. */
export function resizeErrors(object: KubeObject, before: KubeObject): readonly FieldError[] {
  const { spec } = object as Pod;
  const old = before as Pod;
  const errors = podSpecErrors('spec', spec, object.metadata);
  if (errors.length > 0) return errors;
  if (old.spec.os?.name === 'windows') return [fieldForbidden('[]', 'windows pods cannot be resized')];
  if (!nodeCanResize(old)) return [fieldForbidden('spec', 'Pod running on node without support for resize')];
  const moved = lists.flatMap((list) =>
    sameNames(spec[list], old.spec[list]) ? [] : [fieldForbidden(`spec.${list}`, `${list} may not be added or removed on resize`)],
  );
  if (moved.length > 0) return moved;
  if (old.status?.qosClass !== undefined && qosClassOf(spec) !== old.status.qosClass)
    errors.push(invalid('spec', old.status.qosClass, 'Pod QOS Class may not change as a result of resizing'));
  for (const list of lists) {
    spec[list]?.forEach((container, index) => {
      errors.push(...removedErrors(`spec.${list}[${index}].resources`, container.resources, old.spec[list]?.[index]?.resources));
    });
  }
  errors.push(...removedErrors('spec.resources', spec.resources, old.spec.resources, 'pod-level resource'));
  if (!deepEqual(withoutResizable(spec), withoutResizable(old.spec)))
    errors.push(fieldForbidden('spec', 'only cpu and memory resources are mutable'));
  return errors;
}

function sameNames(now: readonly Container[] = [], before: readonly Container[] = []): boolean {
  return now.length === before.length && now.every(({ name }, index) => name === before[index]?.name);
}

/** What was asked for or limited once may change, but not go. */
function removedErrors(field: string, now: ResourceRequirements = {}, before: ResourceRequirements = {}, what = 'resource'): FieldError[] {
  return (['requests', 'limits'] as const).flatMap((part) => {
    const gone = resizable.some((name) => before[part]?.[name] !== undefined && now[part]?.[name] === undefined);
    return gone ? [fieldForbidden(`${field}.${part}`, `${what} ${part} cannot be removed`)] : [];
  });
}

/** The spec without what a resize may change: CPU and memory of containers. */
function withoutResizable(spec: PodSpec): unknown {
  return {
    ...spec,
    containers: spec.containers.map(stripped),
    initContainers: spec.initContainers?.map(stripped),
    ...(spec.resources === undefined ? {} : { resources: stripped({ resources: spec.resources }).resources }),
  };
}

/** A kubelet that can resize reports the resources of each container that runs. */
function nodeCanResize({ status }: Pod): boolean {
  return (status?.containerStatuses ?? []).every(({ state, resources }) => state?.running === undefined || resources !== undefined);
}

function stripped(container: Pick<Container, 'resources'>): { readonly resources: unknown } {
  const { requests, limits, ...rest } = container.resources ?? {};
  return { ...container, resources: { ...rest, requests: otherAmounts(requests), limits: otherAmounts(limits) } };
}

function otherAmounts(amounts: Readonly<Record<string, unknown>> = {}): unknown {
  return Object.fromEntries(Object.entries(amounts).filter(([name]) => !resizable.includes(name)));
}
