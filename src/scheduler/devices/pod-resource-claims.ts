// The resource claims of a pod.
// https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/
import type { Pod } from '../../../openapi/types/core.v1.js';
import type { ResourceClaim } from '../../../openapi/types/resource.v1.js';
import type { Listers } from '../listers.js';

export type FoundClaims = { readonly claims: readonly ResourceClaim[] } | { readonly trouble: string };

/** The names of the claims, as far as they are known. */
export function claimNamesOf({ spec, status }: Pod): readonly string[] {
  return (spec.resourceClaims ?? []).flatMap(({ name, resourceClaimName }) => {
    const known = resourceClaimName ?? status?.resourceClaimStatuses?.find((one) => one.name === name)?.resourceClaimName;
    return known === undefined ? [] : [known];
  });
}

/** The claims, or why one of them is not there yet. */
export function resourceClaimsOf(pod: Pod, { resourceClaims }: Pick<Listers, 'resourceClaims'>): FoundClaims {
  const claims: ResourceClaim[] = [];
  for (const { name, resourceClaimName, resourceClaimTemplateName } of pod.spec.resourceClaims ?? []) {
    const made = pod.status?.resourceClaimStatuses?.find((one) => one.name === name);
    const claimName = resourceClaimName ?? made?.resourceClaimName;
    if (claimName === undefined) {
      // The controller may have decided that none is needed.
      if (made !== undefined || resourceClaimTemplateName === undefined) continue;
      return { trouble: `waiting for the resource claim controller to create a resourceclaim for "${name}"` };
    }
    const claim = resourceClaims.store.get(`${pod.metadata.namespace}/${claimName}`);
    if (claim === undefined) return { trouble: `waiting for the dynamic resource controller to create the resourceclaim "${claimName}"` };
    if (claim.metadata.deletionTimestamp !== undefined) return { trouble: `resourceclaim "${claimName}" is being deleted` };
    if (resourceClaimName === undefined && !isOwnedBy(claim, pod))
      return {
        trouble: `ResourceClaim ${pod.metadata.namespace}/${claimName} was not created for pod ${pod.metadata.namespace}/${pod.metadata.name} (pod is not owner)`,
      };
    claims.push(claim);
  }
  return { claims };
}

/** The claim that was made for the pod's extended resources before; undefined: none, or it has no devices. */
export function madeClaimOf({ metadata, status }: Pod, { resourceClaims }: Pick<Listers, 'resourceClaims'>): ResourceClaim | undefined {
  const name = status?.extendedResourceClaimStatus?.resourceClaimName;
  const claim = name === undefined ? undefined : resourceClaims.store.get(`${metadata.namespace}/${name}`);
  return claim?.status?.allocation !== undefined && claim.metadata.deletionTimestamp === undefined ? claim : undefined;
}

function isOwnedBy({ metadata }: ResourceClaim, pod: Pod): boolean {
  return metadata.ownerReferences?.some(({ controller, uid }) => controller === true && uid === pod.metadata.uid) ?? false;
}

export function isReservedFor({ status }: ResourceClaim, { metadata }: Pod): boolean {
  return status?.reservedFor?.some(({ uid }) => uid === metadata.uid) ?? false;
}
