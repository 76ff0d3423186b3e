// The claims that a pod's volumes name.
import type { PersistentVolumeClaim, Pod } from '../../../openapi/types/core.v1.js';
import { makeKey } from '../../client/keys.js';

export interface PodClaim {
  /** `namespace/name`. */
  readonly key: string;
  readonly name: string;
  /** It is made for this pod alone, by the ephemeral volume controller. */
  readonly ephemeral: boolean;
}

const none: readonly PodClaim[] = Object.freeze([]);

/** In the order of the volumes. */
export function claimsOf({ metadata, spec }: Pod): readonly PodClaim[] {
  const { volumes } = spec;
  if (volumes === undefined || volumes.length === 0) return none;
  const claims: PodClaim[] = [];
  for (const { name: volume, persistentVolumeClaim, ephemeral } of volumes) {
    const name = persistentVolumeClaim?.claimName ?? (ephemeral === undefined ? undefined : `${metadata.name}-${volume}`);
    if (name !== undefined) claims.push({ key: makeKey(metadata.namespace, name), name, ephemeral: persistentVolumeClaim === undefined });
  }
  return claims.length === 0 ? none : claims;
}

/** Why the claim is of no use to the pod; undefined: it is there. */
export function claimTrouble(pod: Pod, { name, ephemeral }: PodClaim, claim: PersistentVolumeClaim | undefined): string | undefined {
  if (claim === undefined) {
    return ephemeral
      ? `waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}"`
      : `persistentvolumeclaim "${name}" not found`;
  }
  if (claim.metadata.deletionTimestamp !== undefined) return `persistentvolumeclaim "${name}" is being deleted`;
  if (ephemeral && !claim.metadata.ownerReferences?.some(({ controller, uid }) => controller === true && uid === pod.metadata.uid))
    return `PVC ${claim.metadata.namespace}/${name} was not created for pod ${pod.metadata.namespace}/${pod.metadata.name} (pod is not owner)`;
  return undefined;
}

/** Whether the claim has its volume: both sides of the binding are written. */
export function isBound({ metadata, spec }: PersistentVolumeClaim): boolean {
  return (spec.volumeName ?? '') !== '' && metadata.annotations?.['pv.kubernetes.io/bind-completed'] !== undefined;
}
