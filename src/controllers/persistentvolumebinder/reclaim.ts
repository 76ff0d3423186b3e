// What becomes of a volume whose claim is gone. https://kubernetes.io/docs/concepts/storage/persistent-volumes/#reclaiming
import type { PersistentVolume } from '../../../openapi/types/core.v1.js';
import type { Client } from '../../client/client.js';
import type { ReconcileResult } from '../../client/controller/controller.js';
import type { EventRecorder } from '../../client/events/recorder.js';
import { PERSISTENT_VOLUMES } from '../../client/resources.js';
import { unlessGone } from '../shared/gone.js';
import { hasAnnotation, migratedTo, provisionedBy } from '../shared/volumes.js';
import { writeVolumePhase } from './bind.js';
import { recycle, type Recycler } from './recycle.js';
import type { WrittenObjects } from './written.js';

export interface ReclaimContext {
  readonly client: Client;
  readonly objects: WrittenObjects;
  readonly recorder: EventRecorder;
  readonly recycler: Recycler;
}

/** Kinds of volumes whose driver, outside of the tree, deletes them. */
const driven = ['csi', 'awsElasticBlockStore', 'gcePersistentDisk', 'azureDisk', 'azureFile', 'cinder', 'vsphereVolume', 'portworxVolume'];
/** The kinds that can be recycled. */
const recyclable = ['hostPath', 'nfs'];

/** Follows the reclaim policy of a released volume. A failure is told once, in the phase Failed and an event, and stays. */
export async function reclaim(context: ReclaimContext, volume: PersistentVolume): Promise<ReconcileResult> {
  const { persistentVolumeReclaimPolicy: policy } = volume.spec;
  if (volume.metadata.deletionTimestamp !== undefined || hasAnnotation(volume, migratedTo)) return;
  if (policy === 'Recycle') {
    if (!hasSource(volume.spec, recyclable))
      return fail(context, volume, 'VolumeFailedRecycle', 'No recycler plugin found for the volume!');
    const outcome = await recycle(context, volume);
    if (outcome !== undefined) await fail(context, volume, 'VolumeFailedRecycle', outcome);
    return;
  }
  if (policy !== 'Delete' || hasAnnotation(volume, provisionedBy) || hasSource(volume.spec, driven)) return;
  const why = deleterProblem(volume);
  if (why !== undefined) return fail(context, volume, 'VolumeFailedDelete', why);
  const { uid, name } = volume.metadata;
  await unlessGone(context.client.delete(PERSISTENT_VOLUMES, { name }, { preconditions: { uid } }));
}

function hasSource(spec: PersistentVolume['spec'], kinds: readonly string[]): boolean {
  return kinds.some((kind) => Object.hasOwn(spec, kind));
}

/** Why the controller manager cannot delete what the volume stands for; undefined when it can. */
function deleterProblem({ metadata, spec }: PersistentVolume): string | undefined {
  const { hostPath } = spec;
  if (hostPath === undefined) {
    const matched = hasSource(spec, recyclable) ? 'no deletable volume plugin matched' : 'no volume plugin matched';
    return `error getting deleter volume plugin for volume "${metadata.name}": ${matched}`;
  }
  const prefix = '/tmp/';
  if (hostPath.path.startsWith(prefix) && hostPath.path.length > prefix.length) return undefined;
  return `host_path deleter only supports /tmp/.+ but received provided ${hostPath.path}`;
}

async function fail({ objects, recorder }: ReclaimContext, volume: PersistentVolume, reason: string, message: string): Promise<undefined> {
  if (volume.status?.phase === 'Failed' && volume.status.message === message) return;
  await writeVolumePhase(objects, volume, 'Failed', message);
  recorder.event(volume, 'Warning', reason, message);
}
