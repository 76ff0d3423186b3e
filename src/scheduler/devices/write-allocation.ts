// Writes into a claim which devices it has, and for which pod.
import type { Pod } from '../../../openapi/types/core.v1.js';
import type { AllocationResult, ResourceClaim } from '../../../openapi/types/resource.v1.js';
import { isReason } from '../../apimachinery/errors/api-error.js';
import type { Client } from '../../client/client.js';
import { keyOf } from '../../client/keys.js';
import { RESOURCE_CLAIMS } from '../../client/resources.js';
import type { Listers } from '../listers.js';
import { isReservedFor } from './pod-resource-claims.js';

const finalizer = 'resource.kubernetes.io/delete-protection';
/** Another pod may reserve the same claim at the same moment. */
const tries = 5;

/** Rejects with the server's ApiError, or when the claim was replaced or has got other devices meanwhile. */
export async function writeAllocation(
  client: Client,
  { resourceClaims }: Pick<Listers, 'resourceClaims'>,
  known: ResourceClaim,
  allocation: AllocationResult | undefined,
  pod: Pod,
): Promise<void> {
  let claim = resourceClaims.store.get(keyOf(known)) ?? known;
  for (let attempt = 1; ; attempt++) {
    if (claim.metadata.uid !== known.metadata.uid) throw new Error(`resourceclaim "${claim.metadata.name}" was replaced`);
    try {
      return await write(client, claim, allocation, pod);
    } catch (error) {
      if (!isReason(error, 'Conflict') || attempt === tries) throw error;
      claim = await client.get(RESOURCE_CLAIMS, claim.metadata);
    }
  }
}

async function write(client: Client, claim: ResourceClaim, allocation: AllocationResult | undefined, pod: Pod): Promise<void> {
  const there = claim.status?.allocation;
  let current = claim;
  if (there === undefined) {
    if (allocation === undefined) throw new Error(`resourceclaim "${claim.metadata.name}" has lost its devices`);
    const finalizers = claim.metadata.finalizers ?? [];
    if (!finalizers.includes(finalizer))
      current = await client.update(RESOURCE_CLAIMS, { ...claim, metadata: { ...claim.metadata, finalizers: [...finalizers, finalizer] } });
  }
  if (there !== undefined && isReservedFor(claim, pod)) return;
  const { name, uid } = pod.metadata;
  const reservedFor = [...(claim.status?.reservedFor ?? []), { resource: 'pods', name, uid }];
  await client.update(
    RESOURCE_CLAIMS,
    { ...current, status: { ...current.status, allocation: there ?? allocation!, reservedFor } },
    { subresource: 'status' },
  );
}
