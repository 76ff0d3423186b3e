// The writes that bind a volume and a claim, each only where it is still to be done: first the volume, then the claim.
// https://kubernetes.io/docs/concepts/storage/persistent-volumes/#binding
import type { PersistentVolume, PersistentVolumeClaim, PersistentVolumeStatus } from '../../../openapi/types/core.v1.js';
import { deepEqual } from '../../apimachinery/equality.js';
import { bindCompleted, boundByController, hasAnnotation, isBoundTo } from '../shared/volumes.js';
import type { WrittenObjects } from './written.js';

/** Takes the whole way from whatever has been done to a bound pair. Rejects with a conflict when one of them has changed. */
export async function bind(objects: WrittenObjects, volume: PersistentVolume, claim: PersistentVolumeClaim): Promise<void> {
  const bound = await writeVolume(objects, volume, claim);
  await writeVolumePhase(objects, bound, 'Bound');
  const completed = await writeClaim(objects, claim, bound);
  await writeClaimStatus(objects, completed, bound);
}

async function writeVolume({ volumes }: WrittenObjects, volume: PersistentVolume, claim: PersistentVolumeClaim): Promise<PersistentVolume> {
  const { claimRef } = volume.spec;
  if (isBoundTo(volume, claim) && claimRef?.uid === claim.metadata.uid) return volume;
  const { name, namespace = '', uid, resourceVersion } = claim.metadata;
  const annotations = claimRef === undefined ? { ...volume.metadata.annotations, [boundByController]: 'yes' } : volume.metadata.annotations;
  return volumes.update({
    ...volume,
    metadata: { ...volume.metadata, ...(annotations === undefined ? {} : { annotations }) },
    spec: {
      ...volume.spec,
      claimRef: { ...claimRef, kind: 'PersistentVolumeClaim', apiVersion: 'v1', namespace, name, uid, resourceVersion },
    },
  });
}

/** Writes a volume's phase, with the message that explains it. Resolves with the volume as it is then. */
export async function writeVolumePhase(
  { volumes }: WrittenObjects,
  volume: PersistentVolume,
  phase: NonNullable<PersistentVolumeStatus['phase']>,
  message?: string,
): Promise<PersistentVolume> {
  const { message: _message, phase: _phase, ...rest } = volume.status ?? {};
  if (volume.status?.phase === phase && volume.status.message === message) return volume;
  return volumes.update({ ...volume, status: { ...rest, phase, ...(message === undefined ? {} : { message }) } }, 'status');
}

async function writeClaim(
  { claims }: WrittenObjects,
  claim: PersistentVolumeClaim,
  volume: PersistentVolume,
): Promise<PersistentVolumeClaim> {
  const chosen = claim.spec.volumeName === undefined || claim.spec.volumeName === '';
  if (!chosen && hasAnnotation(claim, bindCompleted)) return claim;
  const annotations = { ...claim.metadata.annotations, [bindCompleted]: 'yes', ...(chosen ? { [boundByController]: 'yes' } : {}) };
  return claims.update({
    ...claim,
    metadata: { ...claim.metadata, annotations },
    spec: { ...claim.spec, volumeName: volume.metadata.name },
  });
}

/** Its capacity is told once: what becomes of a claim that grows is told by who makes it grow. */
async function writeClaimStatus(
  { claims }: WrittenObjects,
  claim: PersistentVolumeClaim,
  { spec }: PersistentVolume,
): Promise<PersistentVolumeClaim> {
  const first = claim.status?.phase !== 'Bound';
  const status: PersistentVolumeClaim['status'] = {
    ...claim.status,
    phase: 'Bound',
    ...(spec.accessModes === undefined ? {} : { accessModes: spec.accessModes }),
    ...(first && spec.capacity !== undefined ? { capacity: spec.capacity } : {}),
    ...(first && spec.volumeAttributesClassName !== undefined ? { currentVolumeAttributesClassName: spec.volumeAttributesClassName } : {}),
  };
  return deepEqual(status, claim.status) ? claim : claims.update({ ...claim, status }, 'status');
}

/**
 * Lets go of a claim that is bound elsewhere. What the controller had written goes; a name that the user wrote stays, without the uid.
 */
export async function unbind(objects: WrittenObjects, volume: PersistentVolume): Promise<PersistentVolume> {
  const { [boundByController]: own, ...annotations } = volume.metadata.annotations ?? {};
  const { claimRef, ...spec } = volume.spec;
  const { uid: _uid, resourceVersion: _version, ...named } = claimRef ?? {};
  const freed: PersistentVolume = {
    ...volume,
    metadata: { ...volume.metadata, annotations },
    spec: own === undefined ? { ...spec, claimRef: named } : spec,
  };
  return writeVolumePhase(objects, await objects.volumes.update(freed), 'Available');
}

/** A claim whose volume is gone or somebody else's. */
export async function markLost({ claims }: WrittenObjects, claim: PersistentVolumeClaim): Promise<void> {
  const { accessModes: _modes, capacity: _capacity, ...rest } = claim.status ?? {};
  await claims.update({ ...claim, status: { ...rest, phase: 'Lost' } }, 'status');
}
