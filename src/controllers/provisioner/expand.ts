// Makes a volume larger when its claim asks for more. https://kubernetes.io/docs/concepts/storage/persistent-volumes/#expanding-persistent-volumes-claims
import type { PersistentVolume, PersistentVolumeClaim } from '../../../openapi/types/core.v1.js';
import { compareQuantities, parseQuantity } from '../../apimachinery/quantity/quantity.js';
import type { Draft } from '../../apimachinery/object.js';
import type { Client } from '../../client/client.js';
import type { EventRecorder } from '../../client/events/recorder.js';
import { PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES } from '../../client/resources.js';
import { formatTime, type Clock } from '../../clock/clock.js';
import { storageOf } from '../shared/volumes.js';

type ClaimStatus = PersistentVolumeClaim['status'];

function isLarger(one: string | number, other: string | number): boolean {
  return compareQuantities(parseQuantity(one), parseQuantity(other)) > 0;
}

/** Whether a bound claim asks for more than it has been given. */
export function asksForMore({ spec, status }: PersistentVolumeClaim): boolean {
  return status?.phase === 'Bound' && isLarger(storageOf(spec.resources?.requests), storageOf(status.capacity));
}

/**
 * Takes the whole way, or what is left of it: the claim says that it is being resized, the volume grows, the claim has its size.
 * Rejects with a conflict when one of them has changed.
 */
export async function expand(
  { client, clock, recorder }: { readonly client: Client; readonly clock: Clock; readonly recorder: EventRecorder },
  claim: PersistentVolumeClaim,
  volume: PersistentVolume,
): Promise<void> {
  const size = String(storageOf(claim.spec.resources?.requests));
  const writeStatus = (object: PersistentVolumeClaim, status: ClaimStatus): Promise<PersistentVolumeClaim> => {
    const changed: unknown = { ...object, status };
    return client.update(PERSISTENT_VOLUME_CLAIMS, changed as Draft<PersistentVolumeClaim>, { subresource: 'status' });
  };
  const { allocatedResourceStatuses: _old, conditions = [], ...status } = claim.status;
  const others = conditions.filter(({ type }) => type !== 'Resizing');
  recorder.event(claim, 'Normal', 'Resizing', `External resizer is resizing volume ${volume.metadata.name}`);
  const resizing = await writeStatus(claim, {
    ...status,
    allocatedResources: { storage: size },
    allocatedResourceStatuses: { storage: 'ControllerResizeInProgress' },
    conditions: [...others, { type: 'Resizing', status: 'True', lastTransitionTime: formatTime(clock.now()) }],
  });
  if (isLarger(size, storageOf(volume.spec.capacity))) {
    await client.update(PERSISTENT_VOLUMES, { ...volume, spec: { ...volume.spec, capacity: { ...volume.spec.capacity, storage: size } } });
  }
  await writeStatus(resizing, {
    ...status,
    capacity: { ...status.capacity, storage: size },
    allocatedResources: { storage: size },
    conditions: others,
  });
  recorder.event(claim, 'Normal', 'VolumeResizeSuccessful', 'Resize volume succeeded');
}
