// Whether the persistent volumes that a pod claims can be mounted on its node. https://kubernetes.io/docs/concepts/storage/persistent-volumes/
import type { CSIPersistentVolumeSource, PersistentVolume, PersistentVolumeClaim, Pod, Volume } from '../../openapi/types/core.v1.js';
import { isReason } from '../apimachinery/errors/api-error.js';
import type { KubeObject } from '../apimachinery/object.js';
import type { Client, ObjectKey, ResourceType } from '../client/client.js';
import { controllerOf } from '../client/controller/owner-references.js';
import { CSI_DRIVERS, CSI_NODES, NODES, PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES } from '../client/resources.js';

/** Milliseconds for which a kubelet waits for a volume to be attached before it says so. */
const attachPatience = 123_000;

/** A volume that cannot be mounted yet; `message` is the whole of the event FailedMount. */
export class ClaimProblem extends Error {
  /** @param quietFor milliseconds, from the pod's start, for which a kubelet keeps that to itself */
  constructor(
    message: string,
    readonly quietFor = 0,
  ) {
    super(message);
  }
}

/**
 * Sees to a volume that is a claim; does nothing for all others. Resolves with the volume's name in `status.volumesInUse` of the node when it
 * is attached there. Rejects with ClaimProblem.
 */
export async function mountClaim(client: Client, pod: Pod, volume: Volume): Promise<string | undefined> {
  const { persistentVolumeClaim, ephemeral, name } = volume;
  if (persistentVolumeClaim === undefined && ephemeral === undefined) return undefined;
  const { namespace = '' } = pod.metadata;
  const claimName = persistentVolumeClaim?.claimName ?? `${pod.metadata.name}-${name}`;
  const claimed = `PVC ${namespace}/${claimName}`;
  const fail = (why: string): never => {
    const lists = `unmounted volumes=[${name}], unattached volumes=[], failed to process volumes=[${name}]`;
    throw new ClaimProblem(`Unable to attach or mount volumes: ${lists}: ${why}`);
  };

  const claim =
    (await find(client, PERSISTENT_VOLUME_CLAIMS, { namespace, name: claimName })) ??
    fail(`error processing ${claimed}: failed to fetch PVC from API server: persistentvolumeclaims "${claimName}" not found`);
  const problem = bindingProblem(claim);
  if (problem !== undefined) fail(`error processing ${claimed}: ${problem}`);
  if (ephemeral !== undefined && controllerOf(claim)?.uid !== pod.metadata.uid) {
    fail(`${claimed} was not created for pod ${namespace}/${pod.metadata.name} (pod is not owner)`);
  }
  const { volumeName = '' } = claim.spec;
  const bound =
    (await find(client, PERSISTENT_VOLUMES, { name: volumeName })) ??
    fail(`error processing ${claimed}: failed to fetch PV ${volumeName} from API server: persistentvolumes "${volumeName}" not found`);
  if (bound.spec.claimRef?.uid !== claim.metadata.uid) fail(`error processing ${claimed}: PV ${volumeName} is bound to another claim`);
  const { csi } = bound.spec;
  return csi === undefined ? undefined : mountDriverVolume(client, pod, name, bound, csi);
}

function bindingProblem({ metadata, spec, status }: PersistentVolumeClaim): string | undefined {
  if (metadata.deletionTimestamp !== undefined) return 'PVC is being deleted';
  return status.phase === 'Bound' && spec.volumeName ? undefined : 'PVC is not bound';
}

/** A volume of a driver must be attached to the node, when the driver wants that, and the driver must be on the node. */
async function mountDriverVolume(
  client: Client,
  { spec }: Pod,
  volume: string,
  { metadata }: PersistentVolume,
  { driver, volumeHandle }: CSIPersistentVolumeSource,
): Promise<string | undefined> {
  const name = spec.nodeName ?? '';
  const known = await find(client, CSI_DRIVERS, { name: driver });
  const attached = known?.spec.attachRequired === false ? undefined : `kubernetes.io/csi/${driver}^${volumeHandle}`;
  if (attached !== undefined) {
    const node = await find(client, NODES, { name });
    if (!node?.status.volumesAttached?.some((one) => one.name === attached)) {
      const lists = `unmounted volumes=[${volume}], unattached volumes=[${volume}], failed to process volumes=[]`;
      throw new ClaimProblem(`Unable to attach or mount volumes: ${lists}: context deadline exceeded`, attachPatience);
    }
  }
  const csiNode = await find(client, CSI_NODES, { name });
  if (csiNode?.spec.drivers?.some((one) => one.name === driver)) return attached;
  const why = `attacher.MountDevice failed to create newCsiDriverClient: driver name ${driver} not found in the list of registered CSI drivers`;
  throw new ClaimProblem(`MountVolume.MountDevice failed for volume "${metadata.name}" : kubernetes.io/csi: ${why}`);
}

async function find<T extends KubeObject>(client: Client, type: ResourceType<T>, key: ObjectKey): Promise<T | undefined> {
  try {
    return await client.get(type, key);
  } catch (error) {
    if (isReason(error, 'NotFound')) return undefined;
    throw error;
  }
}
