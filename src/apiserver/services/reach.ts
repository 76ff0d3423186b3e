// Where a Service leads: the one answer to it for webhooks, conversions and API services, which all live beside the cluster.
// https://kubernetes.io/docs/concepts/services-networking/service/
import type { Endpoints, Service } from '../../../openapi/types/core.v1.js';
import type { EndpointSlice } from '../../../openapi/types/discovery.v1.js';
import type { KubeObject } from '../../apimachinery/object.js';
import type { Registry } from '../../registry/index.js';
import { labelTerm, type Storages } from '../core/resource-storage.js';

export interface ServiceLookup {
  readonly registry: Registry;
  readonly storages: Storages;
}

/** A Service as those refer to it who want to reach it. */
export interface ServiceReference {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
}

/** `authority`: host and port to connect to. Else what is missing: the Service, its port, anything behind it, or an address that is ready. */
export type Reached =
  | { readonly authority: string; readonly missing?: undefined }
  | { readonly missing: 'service' | 'port' | 'endpoints' | 'addresses'; readonly portName: string };

/** Each Service has this label on its endpoint slices. */
export const serviceNameLabel = 'kubernetes.io/service-name';

/**
 * Nothing listens at the addresses of simulated pods: a Service of type ExternalName, or one without a selector whose endpoint slices (or
 * Endpoints) name an address of this machine, leads to a program that runs beside the cluster.
 */
export async function reachService({ namespace, name, port }: ServiceReference, lookup: ServiceLookup): Promise<Reached> {
  const service = (await stored(lookup, '', 'services', namespace, name)) as Service | undefined;
  if (service === undefined) return { missing: 'service', portName: '' };
  const { type, externalName = '', ports } = service.spec ?? {};
  if (type === 'ExternalName') return { authority: `${externalName}:${port}` };
  const own = ports?.find((one) => one.port === port);
  if (own === undefined) return { missing: 'port', portName: '' };
  const portName = own.name ?? '';
  const slices = await slicesOf(lookup, namespace, name);
  if (slices.length > 0) {
    for (const { endpoints, ports: targets } of slices) {
      const target = targets?.find((one) => (one.name ?? '') === portName)?.port;
      const address = endpoints?.find(({ conditions }) => conditions?.ready !== false)?.addresses[0];
      if (target !== undefined && address !== undefined) return { authority: `${hostOf(address)}:${target}` };
    }
    return { missing: 'addresses', portName };
  }
  // Where nobody mirrors them into slices.
  const endpoints: Endpoints | undefined = await stored(lookup, '', 'endpoints', namespace, name);
  if (endpoints === undefined) return { missing: 'endpoints', portName };
  for (const subset of endpoints.subsets ?? []) {
    const target = subset.ports?.find((one) => (one.name ?? '') === portName)?.port;
    const address = subset.addresses?.[0]?.ip;
    if (target !== undefined && address !== undefined) return { authority: `${hostOf(address)}:${target}` };
  }
  return { missing: 'addresses', portName };
}

async function stored(
  { registry, storages }: ServiceLookup,
  group: string,
  resource: string,
  namespace: string,
  name: string,
): Promise<KubeObject | undefined> {
  return (await storages.of(registry.byResource(group, 'v1', resource)!).get(namespace, name))?.value;
}

async function slicesOf({ registry, storages }: ServiceLookup, namespace: string, name: string): Promise<readonly EndpointSlice[]> {
  const { cache } = storages.of(registry.byResource('discovery.k8s.io', 'v1', 'endpointslices')!);
  await cache.fresh();
  const { entries } = cache.list({ terms: [labelTerm(serviceNameLabel, name)] });
  return entries.map(({ value }) => value as EndpointSlice).filter(({ metadata }) => metadata.namespace === namespace);
}

function hostOf(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

/** What callers of webhooks say of a Service that leads nowhere. */
export function unreachedText({ missing }: Reached, name: string, port: number): string {
  if (missing === 'service') return `service ${JSON.stringify(name)} not found`;
  if (missing === 'port') return `no service port ${port} found for service ${JSON.stringify(name)}`;
  return `no endpoints available for service ${JSON.stringify(name)}`;
}
