// Devices that have to be prepared before a pod is bound: their drivers say so by conditions in the claim's status.
// https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#device-binding-conditions
import type { ResourceClaim } from '../../../openapi/types/resource.v1.js';
import type { Clock } from '../../clock/clock.js';
import type { Informer } from '../../client/informer/types.js';
import { keyOf } from '../../client/keys.js';

export type Preparation = 'ready' | 'pending' | { readonly failed: string };

/** How far the devices of an allocated claim are. */
export function preparationOf({ metadata, status }: ResourceClaim): Preparation {
  let preparation: Preparation = 'ready';
  for (const result of status?.allocation?.devices.results ?? []) {
    const { bindingConditions = [], bindingFailureConditions = [] } = result;
    if (bindingConditions.length === 0) continue;
    const conditions =
      status?.devices?.find(
        ({ driver, pool, device, shareID }) =>
          driver === result.driver && pool === result.pool && device === result.device && shareID === result.shareID,
      )?.conditions ?? [];
    const holds = (wanted: string) => conditions.find(({ type, status: value }) => type === wanted && value === 'True');
    const failure = bindingFailureConditions.map(holds).find((one) => one !== undefined);
    if (failure !== undefined)
      return {
        failed: `device binding failed: claim=${metadata.name}, reason=${failure.reason}, message=${JSON.stringify(failure.message)}`,
      };
    if (!bindingConditions.every(holds)) preparation = 'pending';
  }
  return preparation;
}

/** Whether a pod can still count on the devices of an allocated claim. @param timeout in milliseconds */
export function canBePrepared(claim: ResourceClaim, clock: Clock, timeout: number): boolean {
  const preparation = preparationOf(claim);
  if (preparation === 'ready') return true;
  const since = claim.status?.allocation?.allocationTimestamp;
  return preparation === 'pending' && (since === undefined || clock.now() < Date.parse(since) + timeout);
}

export interface WaitOptions {
  readonly claims: Informer<ResourceClaim>;
  readonly clock: Clock;
  /** In milliseconds. */
  readonly timeout: number;
}

/** Resolves when the devices of all claims are ready. Rejects when one fails, when it takes too long, and when the pod goes. @param keys of the claims */
export function untilPrepared({ claims, clock, timeout }: WaitOptions, keys: readonly string[], signal: AbortSignal): Promise<void> {
  const waiting = new Set(keys);
  return new Promise((resolve, reject) => {
    const end = (error?: Error): void => {
      registration.remove();
      timer.cancel();
      signal.removeEventListener('abort', aborted);
      if (error) reject(error);
      else resolve();
    };
    const aborted = (): void => end(new Error('the pod is gone'));
    const look = (claim: ResourceClaim): void => {
      const key = keyOf(claim);
      if (!waiting.has(key)) return;
      const preparation = preparationOf(claim);
      if (preparation === 'pending') return;
      if (preparation !== 'ready') return end(new Error(preparation.failed));
      // The informer may not have heard of the allocation yet.
      if (claim.status?.allocation === undefined) return;
      waiting.delete(key);
      if (waiting.size === 0) end();
    };
    const timer = clock.after(timeout, () => end(new Error('device binding timeout: context deadline exceeded')));
    signal.addEventListener('abort', aborted, { once: true });
    const registration = claims.addHandler({
      update: (_previous, claim) => look(claim),
      delete: (claim) => {
        if (waiting.has(keyOf(claim))) end(new Error(`resourceclaim "${claim.metadata.name}" was deleted`));
      },
    });
    for (const key of keys) {
      const claim = claims.store.get(key);
      if (claim !== undefined) look(claim);
    }
    if (signal.aborted) aborted();
  });
}
