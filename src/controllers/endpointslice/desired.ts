// What the slices of a service should hold together.
import type { Endpoint, EndpointPort } from '../../../openapi/types/discovery.v1.js';
import type { Pod, Service } from '../../../openapi/types/core.v1.js';
import { isPodReady, podAddresses } from '../shared/pods.js';
import { hostnameOf, isReachable, targetPortOf, targetRefOf } from '../shared/service-pods.js';

export type AddressType = 'IPv4' | 'IPv6';

/** Endpoints with the same ports, by the uid of their pod. */
export interface PortGroup {
  readonly ports: readonly EndpointPort[];
  readonly endpoints: Map<string, Endpoint>;
}

/** The families that the service has; IPv4 when it does not say. */
export function addressTypesOf({ spec }: Service): readonly AddressType[] {
  const families = (spec.ipFamilies ?? []).filter((family): family is AddressType => family !== '');
  return families.length > 0 ? families : ['IPv4'];
}

export function portsKey(ports: readonly EndpointPort[] | null | undefined): string {
  const sorted = [...(ports ?? [])].map(({ name = '', port, protocol = 'TCP', appProtocol = '' }) =>
    JSON.stringify([name, port, protocol, appProtocol]),
  );
  return sorted.sort().join();
}

/** The service's endpoints of one family, in groups by {@link portsKey}. */
export function desiredGroups(service: Service, pods: readonly Pod[], addressType: AddressType): Map<string, PortGroup> {
  const groups = new Map<string, PortGroup>();
  for (const pod of pods) {
    if (!isReachable(pod)) continue;
    const addresses = podAddresses(pod).filter((address) => address.includes(':') === (addressType === 'IPv6'));
    if (addresses.length === 0) continue;
    const ports = portsOf(service, pod);
    const key = portsKey(ports);
    const group = groups.get(key) ?? { ports, endpoints: new Map<string, Endpoint>() };
    group.endpoints.set(pod.metadata.uid, endpointOf(service, pod, addresses.slice(0, 1)));
    groups.set(key, group);
  }
  return groups;
}

function portsOf(service: Service, pod: Pod): EndpointPort[] {
  return (service.spec.ports ?? []).flatMap((port): EndpointPort[] => {
    const number = targetPortOf(pod, port);
    if (number === undefined) return [];
    const { name = '', protocol = 'TCP', appProtocol } = port;
    return [{ name, port: number, protocol, ...(appProtocol === undefined ? {} : { appProtocol }) }];
  });
}

function endpointOf(service: Service, pod: Pod, addresses: readonly string[]): Endpoint {
  const serving = isPodReady(pod);
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const ready = service.spec.publishNotReadyAddresses === true || (serving && !terminating);
  const hostname = hostnameOf(pod, service);
  const { nodeName } = pod.spec;
  return {
    addresses,
    conditions: { ready, serving, terminating },
    ...(hostname === undefined ? {} : { hostname }),
    ...(nodeName === undefined ? {} : { nodeName }),
    targetRef: targetRefOf(pod),
  };
}
