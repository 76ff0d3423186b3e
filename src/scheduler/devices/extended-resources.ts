// Extended resources that device classes stand for: pods ask for them as ever, and get devices through a claim that the scheduler makes.
// https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#extended-resource
import type { Container, ContainerExtendedResourceRequest, Pod } from '../../../openapi/types/core.v1.js';
import type { DeviceClass, DeviceRequest, ResourceClaim } from '../../../openapi/types/resource.v1.js';
import { quantityValue } from '../../apimachinery/quantity/quantity.js';
import type { NodeInfo, PodInfo } from '../framework.js';
import { extendedResourceIndex, type Listers } from '../listers.js';

/** `deviceclass.resource.kubernetes.io/NAME` asks for a class by its own name. */
const byClassName = 'deviceclass.resource.kubernetes.io/';

/** The class whose devices a resource stands for: the newest of those that name it. */
export function classOfResource(resource: string, { deviceClasses }: Pick<Listers, 'deviceClasses'>): DeviceClass | undefined {
  const { store } = deviceClasses;
  if (store.size === 0) return undefined;
  if (resource.startsWith(byClassName)) return store.get(resource.slice(byClassName.length));
  return store
    .byIndex(extendedResourceIndex, resource)
    .reduce<DeviceClass | undefined>((best, one) => (best === undefined || isBefore(one, best) ? one : best), undefined);
}

function isBefore({ metadata: one }: DeviceClass, { metadata: other }: DeviceClass): boolean {
  const [mine, its] = [one.creationTimestamp ?? '', other.creationTimestamp ?? ''];
  return mine === its ? one.name < other.name : mine > its;
}

/** The resources that the pod asks for and that classes stand for, each with its class; undefined: none. */
export function classesOf({ requests }: PodInfo, listers: Pick<Listers, 'deviceClasses'>): ReadonlyMap<string, DeviceClass> | undefined {
  if (requests.others === undefined || listers.deviceClasses.store.size === 0) return undefined;
  const classes = new Map<string, DeviceClass>();
  for (const [resource, amount] of requests.others) {
    const found = amount > 0 ? classOfResource(resource, listers) : undefined;
    if (found !== undefined) classes.set(resource, found);
  }
  return classes.size === 0 ? undefined : classes;
}

/** Whether the node's own kubelet offers the resource: then it is none of the scheduler's claims. */
export function isOffered(resource: string, { allocatable }: NodeInfo): boolean {
  return (allocatable.others?.get(resource) ?? 0) > 0;
}

/** The claim that is made for a pod. */
export interface ExtendedClaim {
  readonly spec: ResourceClaim['spec'];
  /** Which container uses which of its requests. */
  readonly mappings: readonly ContainerExtendedResourceRequest[];
}

interface Asking {
  /** Among the init containers and then the containers. */
  readonly place: number;
  readonly container: Container;
  readonly sidecar: boolean;
  readonly init: boolean;
}

/** @param classes of the resources that the claim is for */
export function extendedClaimOf({ spec }: Pod, classes: ReadonlyMap<string, DeviceClass>): ExtendedClaim {
  const inits = spec.initContainers ?? [];
  const all = [...inits, ...spec.containers].map((container, place): Asking => {
    const init = place < inits.length;
    return { place, container, init, sidecar: init && container.restartPolicy === 'Always' };
  });
  const made: { readonly place: number; readonly index: number; readonly request: DeviceRequest }[] = [];
  const mappings: ContainerExtendedResourceRequest[] = [];
  for (const resourceName of [...classes.keys()].sort()) {
    const deviceClassName = classes.get(resourceName)!.metadata.name;
    const lasting: { readonly place: number; readonly requestName: string; readonly count: number }[] = [];
    const make = (asking: Asking, count: number): string => {
      const index = resourcesOf(asking.container).indexOf(resourceName);
      const name = `container-${asking.place}-request-${index}`;
      made.push({ place: asking.place, index, request: { name, exactly: { deviceClassName, allocationMode: 'ExactCount', count } } });
      return name;
    };
    const map = ({ container }: Asking, requestName: string): void =>
      void mappings.push({ containerName: container.name, resourceName, requestName });
    const asking = all.map((one) => ({ one, count: amountOf(one.container, resourceName) })).filter(({ count }) => count > 0);
    // Those that run for as long as the pod have devices of their own.
    for (const { one, count } of [...asking.filter(({ one: { sidecar } }) => sidecar), ...asking.filter(({ one: { init } }) => !init)]) {
      const requestName = make(one, count);
      lasting.push({ place: one.place, requestName, count });
      map(one, requestName);
    }
    // Init containers use those of containers that start later; what is lacking they share, for they run one after another.
    const passing = asking
      .filter(({ one }) => one.init && !one.sidecar)
      .map(({ one, count }) => {
        const usable: string[] = [];
        let lacking = count;
        for (const other of lasting) {
          if (lacking <= 0 || other.place < one.place) continue;
          usable.push(other.requestName);
          lacking -= other.count;
        }
        return { one, usable, lacking };
      });
    const most = passing.reduce<(typeof passing)[number] | undefined>(
      (best, each) => (each.lacking > (best?.lacking ?? 0) ? each : best),
      undefined,
    );
    const shared = most && make(most.one, most.lacking);
    for (const { one, usable, lacking } of passing) {
      for (const name of usable) map(one, name);
      if (lacking > 0 && shared !== undefined) map(one, shared);
    }
  }
  made.sort((one, other) => one.place - other.place || one.index - other.index);
  return { spec: { devices: { requests: made.map(({ request }) => request) } }, mappings };
}

function amountOf({ resources }: Container, resource: string): number {
  const { requests = {}, limits = {} } = resources ?? {};
  if (Object.hasOwn(requests, resource)) return quantityValue(requests[resource]!);
  return Object.hasOwn(limits, resource) ? quantityValue(limits[resource]!) : 0;
}

/** All that a container asks for, in the order of the names: requests of the claim are numbered by it. */
function resourcesOf({ resources }: Container): readonly string[] {
  return [...new Set([...Object.keys(resources?.requests ?? {}), ...Object.keys(resources?.limits ?? {})])].sort();
}
