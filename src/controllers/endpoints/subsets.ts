// The subsets of an Endpoints object: for every combination of ports, who is ready there and who is not.
// https://kubernetes.io/docs/reference/kubernetes-api/service-resources/endpoints-v1/
import type { EndpointAddress, EndpointPort, EndpointSubset, Pod, Service } from '../../../openapi/types/core.v1.js';
import { hostnameOf, isHeadless, isReachable, targetPortOf, targetRefOf } from '../shared/service-pods.js';
import { isPodReady, podAddresses } from '../shared/pods.js';
import { compareText } from '../shared/sort.js';

interface Entry {
  readonly address: EndpointAddress;
  readonly ready: boolean;
}

/** Addresses in one object; beyond that it says so and leaves the rest out. */
export const capacity = 1000;

export interface Subsets {
  readonly subsets: readonly EndpointSubset[];
  /** More addresses than an Endpoints object holds. */
  readonly truncated: boolean;
}

/** @param pods those that the service selects */
export function subsetsOf(service: Service, pods: readonly Pod[]): Subsets {
  const publishNotReady = service.spec.publishNotReadyAddresses === true;
  /** By the text of a port (absent: a headless service without ports), the addresses there. */
  const perPort = new Map<string, { readonly port: EndpointPort | undefined; readonly entries: Map<string, Entry> }>();
  const put = (port: EndpointPort | undefined, entry: Entry): void => {
    const key = port === undefined ? '' : JSON.stringify(port);
    const known = perPort.get(key) ?? { port, entries: new Map<string, Entry>() };
    known.entries.set(`${entry.address.ip} ${entry.address.targetRef?.uid ?? ''}`, entry);
    perPort.set(key, known);
  };

  const chosen = pods.filter((pod) => isReachable(pod) && (publishNotReady || pod.metadata.deletionTimestamp === undefined));
  const kept = withinCapacity(chosen, publishNotReady);
  for (const pod of kept) {
    const entry = { address: addressOf(pod, service), ready: publishNotReady || isPodReady(pod) };
    const ports = service.spec.ports ?? [];
    if (ports.length === 0 && isHeadless(service)) put(undefined, entry);
    for (const port of ports) {
      const number = targetPortOf(pod, port);
      if (number !== undefined) put(endpointPort(port, number), entry);
    }
  }
  return { subsets: merge([...perPort.values()]), truncated: kept.length < chosen.length };
}

/** Ready ones first. */
function withinCapacity(pods: readonly Pod[], publishNotReady: boolean): readonly Pod[] {
  if (pods.length <= capacity) return pods;
  const ready = pods.filter((pod) => publishNotReady || isPodReady(pod));
  const others = pods.filter((pod) => !publishNotReady && !isPodReady(pod));
  return [...ready, ...others].slice(0, capacity);
}

function addressOf(pod: Pod, service: Service): EndpointAddress {
  const hostname = hostnameOf(pod, service);
  const { nodeName } = pod.spec;
  return {
    ip: podAddresses(pod)[0]!,
    ...(hostname === undefined || !isHeadless(service) ? {} : { hostname }),
    ...(nodeName === undefined ? {} : { nodeName }),
    targetRef: targetRefOf(pod),
  };
}

function endpointPort({ name, protocol = 'TCP', appProtocol }: EndpointPort, port: number): EndpointPort {
  return { ...(name === undefined || name === '' ? {} : { name }), port, protocol, ...(appProtocol === undefined ? {} : { appProtocol }) };
}

/** Ports with the very same addresses share a subset. */
function merge(
  perPort: readonly { readonly port: EndpointPort | undefined; readonly entries: ReadonlyMap<string, Entry> }[],
): EndpointSubset[] {
  const groups = new Map<string, { readonly ports: EndpointPort[]; readonly entries: readonly Entry[] }>();
  for (const { port, entries } of perPort) {
    const sorted = [...entries].sort(([a], [b]) => compareText(a, b));
    const key = JSON.stringify([port === undefined, sorted.map(([id, { ready }]) => [id, ready])]);
    const group = groups.get(key) ?? { ports: [], entries: sorted.map(([, entry]) => entry) };
    if (port !== undefined) group.ports.push(port);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ ports, entries }) => {
    const addresses = entries.filter(({ ready }) => ready).map(({ address }) => address);
    const notReadyAddresses = entries.filter(({ ready }) => !ready).map(({ address }) => address);
    return {
      ...(addresses.length > 0 ? { addresses } : {}),
      ...(notReadyAddresses.length > 0 ? { notReadyAddresses } : {}),
      ...(ports.length > 0 ? { ports } : {}),
    };
  });
}
