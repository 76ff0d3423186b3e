// One claim: reservations of pods that are done go, then the allocation, then the finalizer, and the claim of a pod that is gone.
import type { Pod } from '../../../openapi/types/core.v1.js';
import type { ResourceClaim, ResourceClaimConsumerReference } from '../../../openapi/types/resource.v1.js';
import type { Client } from '../../client/client.js';
import { controllerOf } from '../../client/controller/owner-references.js';
import type { InformerStore } from '../../client/informer/types.js';
import { makeKey } from '../../client/keys.js';
import { PODS, RESOURCE_CLAIMS } from '../../client/resources.js';
import { ifThere, unlessGone } from '../shared/gone.js';
import { isPodTerminal } from '../shared/pods.js';

/** Keeps a claim with an allocation; the scheduler puts it on. */
const protection = 'resource.kubernetes.io/delete-protection';

interface ClaimsContext {
  readonly client: Client;
  readonly pods: InformerStore<Pod>;
}

/** Rejects with a conflict when the claim has changed: it is to be called again then. */
export async function syncClaim(context: ClaimsContext, claim: ResourceClaim): Promise<void> {
  const { client } = context;
  let current = claim;
  const { allocation, reservedFor = [] } = claim.status ?? {};
  const left: ResourceClaimConsumerReference[] = [];
  for (const consumer of reservedFor) if (await uses(context, claim, consumer)) left.push(consumer);
  if (left.length < reservedFor.length) {
    const { reservedFor: _before, allocation: _allocation, ...status } = claim.status;
    // Nobody keeps what nobody uses: the next pod may be better off with other devices.
    const next = left.length > 0 ? { ...claim.status, reservedFor: left } : status;
    current = await client.update(RESOURCE_CLAIMS, { ...claim, status: next }, { subresource: 'status' });
  } else if (claim.metadata.deletionTimestamp !== undefined && allocation !== undefined && left.length === 0) {
    const { allocation: _allocation, ...status } = claim.status;
    current = await client.update(RESOURCE_CLAIMS, { ...claim, status }, { subresource: 'status' });
  }
  const { metadata } = current;
  // The scheduler puts it on before it allocates: of a claim that waits for that it is not to be taken off.
  const done = current.status?.allocation === undefined && (allocation !== undefined || metadata.deletionTimestamp !== undefined);
  if (done && metadata.finalizers?.includes(protection)) {
    const finalizers = metadata.finalizers.filter((one) => one !== protection);
    current = await client.update(RESOURCE_CLAIMS, { ...current, metadata: { ...metadata, finalizers } });
  }
  await removeOrphan(context, current);
}

/** Whether the pod is still there and may still run. */
async function uses(
  { client, pods }: ClaimsContext,
  { metadata }: ResourceClaim,
  { apiGroup, resource, name, uid }: ResourceClaimConsumerReference,
): Promise<boolean> {
  if (resource !== 'pods' || (apiGroup ?? '') !== '') return true;
  let pod = pods.get(makeKey(metadata.namespace, name));
  if (pod?.metadata.uid !== uid) pod = await find(client, metadata.namespace, name);
  if (pod?.metadata.uid !== uid) return false;
  // One that was deleted before it had a node will never run.
  return !isPodTerminal(pod) && (pod.metadata.deletionTimestamp === undefined || Boolean(pod.spec.nodeName));
}

/** A claim made for a pod is of no use without it; the garbage collector would see to it too, but later. */
async function removeOrphan({ client, pods }: ClaimsContext, { metadata, status }: ResourceClaim): Promise<void> {
  const owner = controllerOf({ apiVersion: '', kind: '', metadata });
  if (owner?.kind !== 'Pod' || metadata.deletionTimestamp !== undefined || (status?.reservedFor?.length ?? 0) > 0) return;
  let pod = pods.get(makeKey(metadata.namespace, owner.name));
  if (pod?.metadata.uid !== owner.uid) pod = await find(client, metadata.namespace, owner.name);
  if (pod?.metadata.uid === owner.uid && !isPodTerminal(pod)) return;
  await unlessGone(client.delete(RESOURCE_CLAIMS, metadata, { preconditions: { uid: metadata.uid } }));
}

/** The informer of pods may be behind. */
function find(client: Client, namespace: string | undefined, name: string): Promise<Pod | undefined> {
  return ifThere(client.get(PODS, { namespace, name }));
}
