// What volume is made for a claim.
import type { PersistentVolume, PersistentVolumeClaim } from '../../../openapi/types/core.v1.js';
import type { StorageClass } from '../../../openapi/types/storage.v1.js';
import type { Draft } from '../../apimachinery/object.js';
import { provisionedBy, selectedNode, storageOf, storageProvisioner, betaStorageProvisioner } from '../shared/volumes.js';
import { provisionerName } from './standard-class.js';

/** Where the volumes are on the nodes. */
const folder = '/tmp/hostpath-provisioner';

/** The name of the volume that is made for a claim. */
export function volumeNameFor({ metadata }: PersistentVolumeClaim): string {
  return `pvc-${metadata.uid}`;
}

/** Whether the claim waits for this provisioner, and its class says so too. */
export function isWanted(claim: PersistentVolumeClaim, storageClass: StorageClass | undefined): storageClass is StorageClass {
  const { annotations, deletionTimestamp } = claim.metadata;
  if (deletionTimestamp !== undefined || claim.spec.volumeName || storageClass?.provisioner !== provisionerName) return false;
  if ((annotations?.[storageProvisioner] ?? annotations?.[betaStorageProvisioner]) !== provisionerName) return false;
  return storageClass.volumeBindingMode !== 'WaitForFirstConsumer' || annotations?.[selectedNode] !== undefined;
}

/** All nodes are one machine, so the volume can be reached from each: it has no node affinity. */
export function volumeFor(claim: PersistentVolumeClaim, storageClass: StorageClass): Draft<PersistentVolume> {
  const { name, namespace = '', uid, resourceVersion } = claim.metadata;
  const { accessModes, resources, volumeMode = 'Filesystem', volumeAttributesClassName } = claim.spec;
  return {
    metadata: { name: volumeNameFor(claim), annotations: { [provisionedBy]: provisionerName } },
    spec: {
      ...(accessModes === undefined ? {} : { accessModes }),
      capacity: { storage: storageOf(resources?.requests) as string },
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid, resourceVersion },
      hostPath: { path: `${folder}/${namespace}/${name}`, type: '' },
      ...(storageClass.mountOptions === undefined ? {} : { mountOptions: storageClass.mountOptions }),
      persistentVolumeReclaimPolicy: storageClass.reclaimPolicy ?? 'Delete',
      storageClassName: storageClass.metadata.name,
      volumeMode,
      ...(volumeAttributesClassName === undefined ? {} : { volumeAttributesClassName }),
    },
  };
}
