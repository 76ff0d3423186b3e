// The API server's own lease, renewed while it runs. https://kubernetes.io/docs/concepts/architecture/leases/#api-server-identity
import type { Lease } from '../../../openapi/types/coordination.v1.js';
import { isReason } from '../../apimachinery/errors/api-error.js';
import type { Client } from '../../client/client.js';
import { LEASES } from '../../client/resources.js';
import { errorText, type Logger } from '../../client/logger.js';
import { formatMicroTime, type Clock } from '../../clock/clock.js';

export interface IdentityLeaseOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The lease as this run of the server wants it: made again when somebody deletes it. */
  readonly lease: Lease;
}

/** How often the lease is renewed, in milliseconds. */
const interval = 10_000;

/** Renews the lease every 10 s; it is taken over at once from an earlier run. Returns the function that ends it. */
export function keepIdentityLease({ client, clock, logger, lease }: IdentityLeaseOptions): () => void {
  let busy = false;
  const renew = async (): Promise<void> => {
    const { namespace, name } = lease.metadata;
    const spec = { ...lease.spec, renewTime: formatMicroTime(clock.now()) };
    try {
      const stored = await client.get(LEASES, { namespace, name });
      await client.update(LEASES, { ...stored, spec: { ...stored.spec, ...spec } });
    } catch (error) {
      if (isReason(error, 'NotFound')) await client.create(LEASES, { ...lease, spec });
      else if (!isReason(error, 'Conflict')) throw error;
    }
  };
  const timer = clock.every(interval, () => {
    if (busy) return;
    busy = true;
    renew()
      .catch((error: unknown) => logger.warn('the identity lease could not be renewed', { error: errorText(error) }))
      .finally(() => (busy = false));
  });
  return () => timer.cancel();
}
