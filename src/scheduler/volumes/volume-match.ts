// Which existing volume a claim that waits for its first consumer can have on a node.
// https://kubernetes.io/docs/concepts/storage/persistent-volumes/#binding
import type { NodeSelector, PersistentVolume, PersistentVolumeClaim } from '../../../openapi/types/core.v1.js';
import { quantityValue } from '../../apimachinery/quantity/quantity.js';
import { compileLabelSelector } from '../../apimachinery/selectors/labels.js';
import type { NodeInfo } from '../framework.js';
import { compileTerm } from '../../apimachinery/placement/node-affinity.js';

export function selectsNode(selector: NodeSelector | undefined, node: NodeInfo): boolean {
  return selector === undefined || selector.nodeSelectorTerms.some((term) => compileTerm(term)(node.name, node.labels));
}

export function capacityOf({ spec }: PersistentVolume): number {
  return quantityValue(spec?.capacity?.['storage'] ?? 0);
}

export function requestOf({ spec }: PersistentVolumeClaim): number {
  return quantityValue(spec.resources?.requests?.['storage'] ?? 0);
}

/** The smallest that does. @param isTaken whether a volume is promised to another claim */
export function findVolume(
  volumes: readonly PersistentVolume[],
  claim: PersistentVolumeClaim,
  node: NodeInfo,
  isTaken: (name: string) => boolean,
): PersistentVolume | undefined {
  const size = requestOf(claim);
  const selector = claim.spec.selector === undefined ? undefined : compileLabelSelector(claim.spec.selector);
  let best: PersistentVolume | undefined;
  for (const volume of volumes) {
    if (isTaken(volume.metadata.name) || !suits(volume, claim, size) || !selectsNode(volume.spec?.nodeAffinity?.required, node)) continue;
    if (isFor(volume, claim)) return volume;
    if (volume.spec?.claimRef !== undefined || (selector !== undefined && !selector.matches(volume.metadata.labels))) continue;
    if (best === undefined || capacityOf(volume) < capacityOf(best)) best = volume;
  }
  return best;
}

/** Whether the volume is reserved for this claim by its own reference. */
function isFor({ spec }: PersistentVolume, { metadata }: PersistentVolumeClaim): boolean {
  const reference = spec?.claimRef;
  if (reference?.name !== metadata.name || reference.namespace !== metadata.namespace) return false;
  return reference.uid === undefined || reference.uid === metadata.uid;
}

function suits(volume: PersistentVolume, { spec: wanted }: PersistentVolumeClaim, size: number): boolean {
  const { metadata, spec, status } = volume;
  if (spec === undefined || metadata.deletionTimestamp !== undefined || capacityOf(volume) < size) return false;
  if (spec.claimRef === undefined && status?.phase !== undefined && status.phase !== 'Available') return false;
  if ((spec.storageClassName ?? '') !== (wanted.storageClassName ?? '')) return false;
  if ((spec.volumeMode ?? 'Filesystem') !== (wanted.volumeMode ?? 'Filesystem')) return false;
  if ((spec.volumeAttributesClassName ?? '') !== (wanted.volumeAttributesClassName ?? '')) return false;
  return (wanted.accessModes ?? []).every((mode) => spec.accessModes?.includes(mode));
}
