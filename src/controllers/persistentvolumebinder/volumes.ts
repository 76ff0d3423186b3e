// One volume's next step: available, bound, released, and what its reclaim policy says then.
// https://kubernetes.io/docs/concepts/storage/persistent-volumes/#phase
import type { PersistentVolume, PersistentVolumeClaim } from '../../../openapi/types/core.v1.js';
import type { ReconcileResult } from '../../client/controller/controller.js';
import { claimKeyOf, hasAnnotation, provisionedBy } from '../shared/volumes.js';
import { unbind, writeVolumePhase } from './bind.js';
import { reclaim, type ReclaimContext } from './reclaim.js';

export interface VolumesContext extends ReclaimContext {
  /** The claim as the server has it. */
  readonly fetchClaim: (key: string) => Promise<PersistentVolumeClaim | undefined>;
  /** Has a claim looked at. */
  readonly enqueueClaim: (key: string) => void;
}

/** Rejects with a conflict when something has changed: it is to be called again then. */
export async function syncVolume(context: VolumesContext, volume: PersistentVolume): Promise<ReconcileResult> {
  const { objects } = context;
  const { claimRef } = volume.spec;
  const key = claimKeyOf(volume);
  if (key === undefined || claimRef?.uid === undefined || claimRef.uid === '') {
    await writeVolumePhase(objects, volume, 'Available');
    return;
  }
  const released = volume.status?.phase === 'Released' || volume.status?.phase === 'Failed';
  let claim = objects.claims.get(key);
  // The informer may be behind, and what is released may be deleted for good.
  if (claim?.metadata.uid !== claimRef.uid && !released) claim = await context.fetchClaim(key);
  if (claim?.metadata.uid !== claimRef.uid) {
    return reclaim(context, released ? volume : await writeVolumePhase(objects, volume, 'Released'));
  }
  const { volumeName } = claim.spec;
  if (volumeName === undefined || volumeName === '') context.enqueueClaim(key);
  else if (volumeName === volume.metadata.name) await writeVolumePhase(objects, volume, 'Bound');
  // The claim took another volume. One that was made for it is of no use to anybody else.
  else if (hasAnnotation(volume, provisionedBy) && volume.spec.persistentVolumeReclaimPolicy === 'Delete') {
    return reclaim(context, await writeVolumePhase(objects, volume, 'Released'));
  } else await unbind(objects, volume);
}
