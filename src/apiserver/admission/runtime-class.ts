// RuntimeClass: what the class of a new pod's container runtime adds to the pod.
// https://kubernetes.io/docs/concepts/containers/runtime-class/#scheduling
import type { PodSpec, Toleration } from '../../../openapi/types/core.v1.js';
import type { RuntimeClass } from '../../../openapi/types/node.v1.js';
import { deepEqual } from '../../apimachinery/equality.js';
import { ApiError, forbidden } from '../../apimachinery/errors/api-error.js';
import { isRecord } from '../../apimachinery/object.js';
import { compareQuantities, parseQuantity } from '../../apimachinery/quantity/quantity.js';
import type { Registry } from '../../registry/index.js';
import type { Storages } from '../core/resource-storage.js';
import type { AdmissionPlugin, AdmissionRequest } from './chain.js';

type Amounts = Readonly<Record<string, string | number>>;
type Selector = Readonly<Record<string, string>>;

/** Sets overhead, node selector and tolerations of new pods by their class; 403 when there is no such class or the pod says otherwise. */
export function runtimeClass(registry: Registry, storages: Storages): AdmissionPlugin {
  return {
    name: 'RuntimeClass',
    handles: ({ operation, kind, subresource, object }) => {
      if (operation !== 'CREATE' || kind.resource !== 'pods' || kind.group !== '' || subresource !== '') return false;
      const spec = object?.['spec'];
      return isRecord(spec) && (spec['runtimeClassName'] !== undefined || spec['overhead'] !== undefined);
    },
    admit: async (request) => {
      const spec = request.object?.['spec'];
      if (!isRecord(spec)) return;
      const { runtimeClassName: name, nodeSelector, tolerations, overhead } = spec as unknown as PodSpec;
      if (name === '') throw new ApiError(500, '', 'resource name may not be empty');
      const found =
        name === undefined ? undefined : await storages.of(registry.byResource('node.k8s.io', 'v1', 'runtimeclasses')!).get('', name);
      if (name !== undefined && found === undefined) throw refused(request, `pod rejected: RuntimeClass ${JSON.stringify(name)} not found`);
      const { scheduling, overhead: defined } = (found?.value ?? {}) as Partial<RuntimeClass>;
      if (scheduling?.nodeSelector !== undefined) spec['nodeSelector'] = merged(request, scheduling.nodeSelector, nodeSelector);
      if (scheduling?.tolerations !== undefined) spec['tolerations'] = withAll(tolerations, scheduling.tolerations);
      const own = isEmpty(overhead) ? undefined : (overhead as Amounts);
      if (isEmpty(defined?.podFixed)) {
        if (own !== undefined) throw refused(request, 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead');
      } else if (own === undefined) spec['overhead'] = defined!.podFixed;
      else if (!sameAmounts(own, defined!.podFixed as Amounts))
        throw refused(request, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead");
    },
  };
}

function refused({ kind, name }: AdmissionRequest, why: string): ApiError {
  return forbidden(kind, name, why);
}

function isEmpty(amounts: object | undefined): boolean {
  return amounts === undefined || Object.keys(amounts).length === 0;
}

/** Both selectors in one; a label that they want different values of is refused. */
function merged(request: AdmissionRequest, wanted: Selector, own: Selector = {}): Selector {
  for (const key of Object.keys(wanted).sort()) {
    if (!Object.hasOwn(own, key) || own[key] === wanted[key]) continue;
    throw refused(
      request,
      `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${wanted[key]}; pod.spec.nodeSelector[${key}] = ${own[key]}`,
    );
  }
  return { ...own, ...wanted };
}

function withAll(own: readonly Toleration[] = [], wanted: readonly Toleration[]): readonly Toleration[] {
  return [...own, ...wanted.filter((toleration) => !own.some((one) => deepEqual(one, toleration)))];
}

function sameAmounts(one: Amounts, other: Amounts): boolean {
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => Object.hasOwn(other, name) && compareQuantities(parseQuantity(one[name]!), parseQuantity(other[name]!)) === 0)
  );
}
