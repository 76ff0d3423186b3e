// Keeps IPAddress objects and services in step: an address whose object is gone gets it back, an object whose service is gone goes.
// https://kubernetes.io/docs/reference/networking/virtual-ips/#ip-address-objects
import type { IPAddress } from '../../../openapi/types/networking.v1.js';
import { isReason } from '../../apimachinery/errors/api-error.js';
import type { Client } from '../../client/client.js';
import { IP_ADDRESSES } from '../../client/resources.js';
import { errorText, type Logger } from '../../client/logger.js';
import type { Clock } from '../../clock/clock.js';
import type { Registry } from '../../registry/index.js';
import type { Storages } from '../core/resource-storage.js';
import { allocatorName, ipAddressFor, managedBy } from './allocator.js';
import { storedServices } from './stored.js';

export interface RepairOptions {
  readonly registry: Registry;
  readonly storages: Storages;
  readonly clock: Clock;
  readonly client: Client;
  readonly logger: Logger;
}

/** How often the two are compared, in milliseconds. */
const interval = 30_000;
/** An object younger than this may be of a service that is just being made, in milliseconds. */
const youth = 60_000;

/** Compares once, and then every 30 s until the returned function is called. */
export async function repairAddresses(options: RepairOptions): Promise<() => void> {
  const { clock, logger } = options;
  let busy = false;
  const run = (): void => {
    // With a clock that runs fast, the next round may be due before this one is over.
    if (busy) return;
    busy = true;
    repairOnce(options)
      .catch((error: unknown) => logger.warn('cluster addresses could not be repaired', { error: errorText(error) }))
      .finally(() => (busy = false));
  };
  await repairOnce(options);
  const timer = clock.every(interval, run);
  return () => timer.cancel();
}

/** Creates the IPAddress objects that services lack, and deletes those of the allocator's that no service has. */
export async function repairOnce({ registry, storages, clock, client }: RepairOptions): Promise<void> {
  const services = await storedServices(registry, storages);
  const { cache } = storages.of(registry.byResource('networking.k8s.io', 'v1', 'ipaddresses')!);
  await cache.fresh();
  const objects = new Map(cache.list().entries.map(({ value }) => [value.metadata.name, value as IPAddress]));
  const held = new Set<string>();
  for (const { metadata, spec } of services) {
    for (const address of spec?.clusterIPs ?? []) {
      if (address === '' || address === 'None') continue;
      held.add(address);
      if (objects.has(address)) continue;
      await client
        .create(IP_ADDRESSES, ipAddressFor(address, { namespace: metadata.namespace ?? '', name: metadata.name }))
        .catch(unless('AlreadyExists'));
    }
  }
  for (const [address, { metadata }] of objects) {
    const age = clock.now() - Date.parse(metadata.creationTimestamp ?? '');
    if (held.has(address) || metadata.labels?.[managedBy] !== allocatorName || age < youth) continue;
    const { uid, resourceVersion } = metadata;
    await client.delete(IP_ADDRESSES, { name: address }, { preconditions: { uid, resourceVersion } }).catch(unless('NotFound', 'Conflict'));
  }
}

function unless(...reasons: readonly string[]): (error: unknown) => void {
  return (error) => {
    if (!reasons.some((reason) => isReason(error, reason))) throw error;
  };
}
