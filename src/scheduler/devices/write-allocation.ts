// Writes into a claim which devices it has, and for which pod.
import type { ContainerExtendedResourceRequest, Pod } from '../../../openapi/types/core.v1.js';
import type { AllocationResult, ResourceClaim } from '../../../openapi/types/resource.v1.js';
import { isReason } from '../../apimachinery/errors/api-error.js';
import type { Client } from '../../client/client.js';
import { keyOf } from '../../client/keys.js';
import { errorText } from '../../client/logger.js';
import { PODS, RESOURCE_CLAIMS } from '../../client/resources.js';
import type { Listers } from '../listers.js';
import { isReservedFor } from './pod-resource-claims.js';

const finalizer = 'resource.kubernetes.io/delete-protection';
/** On a claim that the scheduler has made for the extended resources of a pod. */
const forExtendedResources = 'resource.kubernetes.io/extended-resource-claim';
/** Another pod may reserve the same claim at the same moment. */
const tries = 5;

/** Rejects when the server does not take it, and when the claim was replaced or has lost its devices meanwhile. */
export async function writeAllocation(
  client: Client,
  { resourceClaims }: Pick<Listers, 'resourceClaims'>,
  known: ResourceClaim,
  allocation: AllocationResult | undefined,
  pod: Pod,
): Promise<void> {
  const claim = resourceClaims.store.get(keyOf(known)) ?? known;
  try {
    await persistently(client, claim, known.metadata.uid, (current) => write(client, current, allocation, pod));
  } catch (error) {
    throw new Error(`add reservation to claim ${keyOf(known)}: ${errorText(error)}`, { cause: error });
  }
}

/** Takes the pod's reservation back; the claim keeps its devices. */
export async function removeReservation(client: Client, key: Pick<ResourceClaim, 'metadata'>, pod: Pod): Promise<void> {
  const claim = await client.get(RESOURCE_CLAIMS, key.metadata);
  await persistently(client, claim, key.metadata.uid, async (current) => {
    if (!isReservedFor(current, pod)) return;
    const { reservedFor = [], ...status } = current.status;
    const left = reservedFor.filter(({ uid }) => uid !== pod.metadata.uid);
    await client.update(
      RESOURCE_CLAIMS,
      { ...current, status: { ...status, ...(left.length > 0 ? { reservedFor: left } : {}) } },
      { subresource: 'status' },
    );
  });
}

/** Makes the claim for the extended resources of a pod, allocated and reserved, and tells of it in the pod's status. */
export async function writeExtendedClaim(
  client: Client,
  pod: Pod,
  spec: ResourceClaim['spec'],
  allocation: AllocationResult,
  requestMappings: readonly ContainerExtendedResourceRequest[],
  made: (claim: ResourceClaim) => void,
): Promise<void> {
  const { namespace, name, uid } = pod.metadata;
  const claim = await client.create(RESOURCE_CLAIMS, {
    metadata: {
      namespace,
      generateName: `${name}-extended-resources-`,
      annotations: { [forExtendedResources]: 'true' },
      finalizers: [finalizer],
      ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name, uid, controller: true }],
    },
    spec,
  });
  made(claim);
  await write(client, claim, allocation, pod);
  const status = { extendedResourceClaimStatus: { requestMappings, resourceClaimName: claim.metadata.name } };
  await client.patch(PODS, pod.metadata, 'merge', { metadata: { uid }, status }, { subresource: 'status' });
}

/** Removes a claim that was made for extended resources: the pod does not go where its devices are. */
export async function removeExtendedClaim(client: Client, { metadata }: ResourceClaim): Promise<void> {
  await client.patch(RESOURCE_CLAIMS, metadata, 'merge', { status: { allocation: null, reservedFor: null } }, { subresource: 'status' });
  await client.patch(RESOURCE_CLAIMS, metadata, 'merge', { metadata: { finalizers: null } });
  await client.delete(RESOURCE_CLAIMS, metadata, { preconditions: { uid: metadata.uid } });
}

async function persistently(
  client: Client,
  known: ResourceClaim,
  uid: string,
  run: (claim: ResourceClaim) => Promise<void>,
): Promise<void> {
  let claim = known;
  for (let attempt = 1; ; attempt++) {
    if (claim.metadata.uid !== uid) throw new Error(`resourceclaim "${claim.metadata.name}" was replaced`);
    try {
      return await run(claim);
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
