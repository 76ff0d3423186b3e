// Recycling: a pod empties the volume, which is then free for anybody.
// https://kubernetes.io/docs/concepts/storage/persistent-volumes/#recycle
import type { PersistentVolume, Pod } from '../../../openapi/types/core.v1.js';
import { isReason } from '../../apimachinery/errors/api-error.js';
import type { Draft, KubeObject } from '../../apimachinery/object.js';
import type { Client } from '../../client/client.js';
import type { EventRecorder } from '../../client/events/recorder.js';
import { PODS } from '../../client/resources.js';
import { unlessGone } from '../shared/gone.js';
import { boundByController } from '../shared/volumes.js';
import { writeVolumePhase } from './bind.js';
import type { WrittenObjects } from './written.js';

export interface Recycler {
  /** The pod that empties the volume, if there is one. */
  podOf(volume: PersistentVolume): Pod | undefined;
}

interface RecycleContext {
  readonly client: Client;
  readonly objects: WrittenObjects;
  readonly recorder: EventRecorder;
  readonly recycler: Recycler;
}

const namespace = 'default';
const prefix = 'recycler-for-';
/** Seconds that it may take. */
const patience = 60;

/** The key of the pod that empties a volume. */
export function recyclerPodOf({ metadata }: PersistentVolume): string {
  return `${namespace}/${prefix}${metadata.name}`;
}

/** The name of the volume that a pod empties; undefined for any other pod. */
export function volumeOfRecyclerPod({ metadata }: KubeObject): string | undefined {
  return metadata.namespace === namespace && metadata.name.startsWith(prefix) ? metadata.name.slice(prefix.length) : undefined;
}

/**
 * Takes the next step: creates the pod, waits, or makes the volume available. Resolves with what went wrong, as the event has it;
 * undefined while all is well.
 */
export async function recycle(context: RecycleContext, volume: PersistentVolume): Promise<string | undefined> {
  const { client, objects, recorder, recycler } = context;
  if (volume.status?.phase === 'Failed') return volume.status.message;
  const pod = recycler.podOf(volume);
  if (pod === undefined) {
    try {
      await client.create(PODS, recyclerPod(volume));
    } catch (error) {
      if (!isReason(error, 'AlreadyExists')) throw error;
    }
    return undefined;
  }
  const { phase, message, reason } = pod.status;
  if (pod.metadata.deletionTimestamp !== undefined || (phase !== 'Succeeded' && phase !== 'Failed')) return undefined;
  const remove = (): Promise<void> => unlessGone(client.delete(PODS, pod.metadata, { preconditions: { uid: pod.metadata.uid } }));
  if (phase === 'Failed') {
    await remove();
    return `Recycle failed: failed to recycle volume: ${message ?? reason ?? 'pod failed'}`;
  }
  const { claimRef: _claim, ...spec } = volume.spec;
  const { [boundByController]: _own, ...annotations } = volume.metadata.annotations ?? {};
  await writeVolumePhase(
    objects,
    await objects.volumes.update({ ...volume, metadata: { ...volume.metadata, annotations }, spec }),
    'Available',
  );
  recorder.event(volume, 'Normal', 'VolumeRecycled', 'Volume recycled');
  await remove();
  return undefined;
}

function recyclerPod({ metadata, spec }: PersistentVolume): Draft<Pod> {
  const { hostPath, nfs } = spec;
  return {
    metadata: { name: `${prefix}${metadata.name}`, namespace },
    spec: {
      activeDeadlineSeconds: patience,
      restartPolicy: 'Never',
      volumes: [{ name: 'vol', ...(hostPath === undefined ? { nfs } : { hostPath }) }],
      containers: [
        {
          name: 'pv-recycler',
          image: 'registry.k8s.io/build-image/debian-base:bookworm-v1.0.6',
          command: ['/bin/sh'],
          args: ['-c', 'test -e /scrub && find /scrub -mindepth 1 -delete && test -z "$(ls -A /scrub)" || exit 1'],
          volumeMounts: [{ name: 'vol', mountPath: '/scrub' }],
        },
      ],
    },
  };
}
