// Which volume a claim gets. https://kubernetes.io/docs/concepts/storage/persistent-volumes/#binding
import type { PersistentVolume, PersistentVolumeClaim } from '../../../openapi/types/core.v1.js';
import { compareQuantities, parseQuantity } from '../../apimachinery/quantity/quantity.js';
import { compileLabelSelector } from '../../apimachinery/selectors/labels.js';
import { classOf, isBoundTo, storageOf } from '../shared/volumes.js';
import { compareText } from '../shared/sort.js';

type VolumeOrClaim = PersistentVolume | PersistentVolumeClaim;

function modeOf({ spec }: VolumeOrClaim): string {
  return spec.volumeMode ?? 'Filesystem';
}

function attributesOf({ spec }: VolumeOrClaim): string {
  return spec.volumeAttributesClassName ?? '';
}

function hasModes({ spec }: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  return (claim.spec.accessModes ?? []).every((mode) => spec.accessModes?.includes(mode) ?? false);
}

function sizeComparedTo(volume: PersistentVolume, claim: PersistentVolumeClaim): number {
  return compareQuantities(parseQuantity(storageOf(volume.spec.capacity)), parseQuantity(storageOf(claim.spec.resources?.requests)));
}

/**
 * Why a claim that asks for this very volume cannot have it, as the event VolumeMismatch says it; undefined when it can.
 * Its selector does not count.
 */
export function mismatch(volume: PersistentVolume, claim: PersistentVolumeClaim): string | undefined {
  if (sizeComparedTo(volume, claim) < 0) return 'requested PV is too small';
  if (classOf(volume) !== classOf(claim)) return 'storageClassName does not match';
  if (attributesOf(volume) !== attributesOf(claim)) return 'volumeAttributesClassName does not match';
  if (modeOf(volume) !== modeOf(claim)) return 'incompatible volumeMode';
  return hasModes(volume, claim) ? undefined : 'incompatible accessMode';
}

/** Whether a volume that is kept for the claim suits it. Its class does not count: who kept it wanted it so. */
function suitsAsKept(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  return (
    volume.metadata.deletionTimestamp === undefined &&
    modeOf(volume) === modeOf(claim) &&
    attributesOf(volume) === attributesOf(claim) &&
    hasModes(volume, claim) &&
    sizeComparedTo(volume, claim) >= 0
  );
}

/**
 * The volume for a claim that names none: one kept for it; else, of the free ones, that with the fewest access modes beyond those wanted, and of
 * those the smallest.
 * @param kept volumes whose claimRef has the claim's name
 * @param free volumes of the claim's class without a claimRef; none for a claim that waits for its first consumer
 */
export function bestVolume(
  claim: PersistentVolumeClaim,
  kept: readonly PersistentVolume[],
  free: readonly PersistentVolume[],
): PersistentVolume | undefined {
  const own = kept.find((volume) => isBoundTo(volume, claim) && suitsAsKept(volume, claim));
  if (own !== undefined) return own;
  const selector = claim.spec.selector === undefined ? undefined : compileLabelSelector(claim.spec.selector);
  let best: PersistentVolume | undefined;
  for (const volume of free) {
    if (volume.spec.claimRef !== undefined || volume.status?.phase !== 'Available' || volume.metadata.deletionTimestamp !== undefined)
      continue;
    if (selector !== undefined && !selector.matches(volume.metadata.labels)) continue;
    if (mismatch(volume, claim) !== undefined) continue;
    if (best === undefined || isBetter(volume, best)) best = volume;
  }
  return best;
}

function isBetter(one: PersistentVolume, other: PersistentVolume): boolean {
  const modes = (one.spec.accessModes?.length ?? 0) - (other.spec.accessModes?.length ?? 0);
  if (modes !== 0) return modes < 0;
  const size = compareQuantities(parseQuantity(storageOf(one.spec.capacity)), parseQuantity(storageOf(other.spec.capacity)));
  return size === 0 ? compareText(one.metadata.name, other.metadata.name) < 0 : size < 0;
}
