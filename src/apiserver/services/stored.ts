// What the allocator reads from the store: ServiceCIDRs, IPAddresses, and the services that are there already.
import type { Service } from '../../../openapi/types/core.v1.js';
import type { ServiceCIDR } from '../../../openapi/types/networking.v1.js';
import type { Registry } from '../../registry/index.js';
import type { ResourceStorage, Storages } from '../core/resource-storage.js';
import type { Allocator, AllocatorOptions } from './allocator.js';

function networking(registry: Registry, storages: Storages, resource: string): ResourceStorage {
  return storages.of(registry.byResource('networking.k8s.io', 'v1', resource)!);
}

/** Where addresses come from and which are taken, out of the watch caches. */
export function serviceAddresses(registry: Registry, storages: Storages): Pick<AllocatorOptions, 'serviceCidrs' | 'isTaken'> {
  return {
    serviceCidrs: async () => {
      const { cache } = networking(registry, storages, 'servicecidrs');
      await cache.fresh();
      const all = cache.list().entries.map(({ value }) => value as ServiceCIDR);
      return all.sort((a, b) => created(a) - created(b));
    },
    isTaken: async (address) => (await networking(registry, storages, 'ipaddresses').get('', address)) !== undefined,
  };
}

function created({ metadata }: ServiceCIDR): number {
  return Date.parse(metadata.creationTimestamp ?? '') || 0;
}

/** Every service of now. */
export async function storedServices(registry: Registry, storages: Storages): Promise<readonly Service[]> {
  const { cache } = storages.of(registry.byResource('', 'v1', 'services')!);
  await cache.fresh();
  return cache.list().entries.map(({ value }) => value as Service);
}

/** Tells the allocator of the node ports that stored services hold, when a server starts. */
export async function adoptServices(registry: Registry, storages: Storages, allocator: Allocator): Promise<void> {
  for (const { spec } of await storedServices(registry, storages)) {
    const ports = (spec?.ports ?? []).flatMap(({ nodePort }) => (nodePort ? [nodePort] : []));
    allocator.adopt(spec?.healthCheckNodePort ? [...ports, spec.healthCheckNodePort] : ports);
  }
}
