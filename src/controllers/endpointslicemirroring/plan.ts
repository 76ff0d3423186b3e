// What Endpoints that somebody wrote by hand look like as slices, and how to get there with few writes.
// https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/#mirroring
import { isIPv4, isIPv6 } from 'node:net';
import type { EndpointAddress, Endpoints } from '../../../openapi/types/core.v1.js';
import type { Endpoint, EndpointPort, EndpointSlice } from '../../../openapi/types/discovery.v1.js';
import { deepEqual } from '../../apimachinery/equality.js';
import { portsKey } from '../endpointslice/desired.js';

/** Addresses of one subset that are mirrored, and endpoints in one slice. */
export const most = 1000;

export interface MirrorGroup {
  readonly addressType: 'IPv4' | 'IPv6';
  readonly ports: readonly EndpointPort[];
  readonly endpoints: Endpoint[];
}

export interface MirrorPlan {
  readonly create: readonly MirrorGroup[];
  readonly update: readonly { readonly slice: EndpointSlice; readonly endpoints: readonly Endpoint[] }[];
  readonly remove: readonly EndpointSlice[];
  /** Addresses beyond the most that are mirrored. */
  readonly skipped: number;
}

/** @param slices the mirrored slices that there are */
export function planMirror({ subsets = [] }: Endpoints, slices: readonly EndpointSlice[]): MirrorPlan {
  const { groups, skipped } = desired(subsets);
  const create: MirrorGroup[] = [];
  const update: { slice: EndpointSlice; endpoints: readonly Endpoint[] }[] = [];
  const remove: EndpointSlice[] = [];
  const byGroup = new Map<string, EndpointSlice[]>();
  for (const slice of slices) {
    const key = groupKey(slice.addressType, slice.ports ?? []);
    byGroup.set(key, [...(byGroup.get(key) ?? []), slice]);
  }
  for (const [key, same] of byGroup) if (!groups.has(key)) remove.push(...same);
  for (const [key, group] of groups) {
    const same = byGroup.get(key) ?? [];
    for (let start = 0; start < group.endpoints.length; start += most) {
      const endpoints = group.endpoints.slice(start, start + most);
      const slice = same.shift();
      if (slice === undefined) create.push({ ...group, endpoints });
      else if (!deepEqual(slice.endpoints, endpoints)) update.push({ slice, endpoints });
    }
    remove.push(...same);
  }
  return { create, update, remove, skipped };
}

function desired(subsets: NonNullable<Endpoints['subsets']>): { groups: ReadonlyMap<string, MirrorGroup>; skipped: number } {
  const groups = new Map<string, MirrorGroup>();
  let skipped = 0;
  for (const { addresses = [], notReadyAddresses = [], ports = [] } of subsets) {
    const mirrored = ports.map(({ name = '', port, protocol = 'TCP', appProtocol }): EndpointPort => ({
      name,
      port,
      protocol,
      ...(appProtocol === undefined ? {} : { appProtocol }),
    }));
    let taken = 0;
    const take = (address: EndpointAddress, ready: boolean): void => {
      const addressType = isIPv4(address.ip) ? 'IPv4' : isIPv6(address.ip) ? 'IPv6' : undefined;
      if (taken >= most || addressType === undefined) return void skipped++;
      taken++;
      const key = groupKey(addressType, mirrored);
      const group = groups.get(key) ?? { addressType, ports: mirrored, endpoints: [] };
      groups.set(key, group);
      group.endpoints.push(endpointOf(address, ready));
    };
    for (const address of addresses) take(address, true);
    for (const address of notReadyAddresses) take(address, false);
  }
  return { groups, skipped };
}

function endpointOf({ ip, hostname, nodeName, targetRef }: EndpointAddress, ready: boolean): Endpoint {
  return {
    addresses: [ip],
    conditions: { ready },
    ...(hostname === undefined || hostname === '' ? {} : { hostname }),
    ...(targetRef === undefined ? {} : { targetRef }),
    ...(nodeName === undefined ? {} : { nodeName }),
  };
}

function groupKey(addressType: string, ports: readonly EndpointPort[]): string {
  return `${addressType} ${portsKey(ports)}`;
}
