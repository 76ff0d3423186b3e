// Which claims a pod uses.
// https://kubernetes.io/docs/concepts/storage/persistent-volumes/#storage-object-in-use-protection
import type { PersistentVolumeClaim, Pod } from '../../../openapi/types/core.v1.js';
import { isControlledBy } from '../../client/controller/owner-references.js';
import { claimKeysOfPod, ephemeralClaimName } from '../shared/volumes.js';

/**
 * An index function: the keys of the claims that the pod may use; none for a pod that has no node yet, as nothing of it can run.
 * A claim of an ephemeral volume's name need not be the pod's own: {@link usesClaim} knows.
 */
export function claimKeysOf(pod: Pod): readonly string[] {
  return pod.spec?.nodeName ? claimKeysOfPod(pod) : [];
}

/** Whether the pod, of the claim's namespace, keeps the claim. A finished pod does so too, until it is gone: its volumes may still be mounted. */
export function usesClaim(pod: Pod, claim: PersistentVolumeClaim): boolean {
  const { nodeName, volumes = [] } = pod.spec ?? {};
  if (nodeName === undefined || nodeName === '') return false;
  const claimName = claim.metadata.name;
  return volumes.some(({ name, persistentVolumeClaim, ephemeral }) => {
    if (persistentVolumeClaim !== undefined) return persistentVolumeClaim.claimName === claimName;
    return ephemeral !== undefined && ephemeralClaimName(pod, name) === claimName && isControlledBy(claim, pod);
  });
}

/** The pods by the keys of the claims that they may use. */
export function podsByClaim(pods: readonly Pod[]): ReadonlyMap<string, readonly Pod[]> {
  const found = new Map<string, Pod[]>();
  for (const pod of pods) {
    for (const key of claimKeysOf(pod)) {
      const users = found.get(key);
      if (users === undefined) found.set(key, [pod]);
      else users.push(pod);
    }
  }
  return found;
}
