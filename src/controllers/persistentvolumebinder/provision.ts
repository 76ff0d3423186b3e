// A claim for which there is no volume: who is to make one. https://kubernetes.io/docs/concepts/storage/dynamic-provisioning/
import type { PersistentVolumeClaim } from '../../../openapi/types/core.v1.js';
import type { StorageClass } from '../../../openapi/types/storage.v1.js';
import type { EventRecorder } from '../../client/events/recorder.js';
import { betaStorageProvisioner, storageProvisioner } from '../shared/volumes.js';
import type { WrittenObjects } from './written.js';

/** The drivers that took over from the plugins of the tree. https://kubernetes.io/docs/concepts/storage/volumes/#csi-migration */
const drivers: ReadonlyMap<string, string> = new Map([
  ['kubernetes.io/aws-ebs', 'ebs.csi.aws.com'],
  ['kubernetes.io/gce-pd', 'pd.csi.storage.gke.io'],
  ['kubernetes.io/azure-disk', 'disk.csi.azure.com'],
  ['kubernetes.io/azure-file', 'file.csi.azure.com'],
  ['kubernetes.io/cinder', 'cinder.csi.openstack.org'],
  ['kubernetes.io/vsphere-volume', 'csi.vsphere.vmware.com'],
  ['kubernetes.io/portworx-volume', 'pxd.portworx.com'],
]);

/** A plugin of the controller manager that is off unless a flag says otherwise. */
const hostPath = 'kubernetes.io/host-path';

/** Names the provisioner in the claim's annotations, for which provisioners look; or says why there is none. */
export async function requestProvisioning(
  { claims }: WrittenObjects,
  recorder: EventRecorder,
  claim: PersistentVolumeClaim,
  className: string,
  storageClass: StorageClass | undefined,
): Promise<void> {
  if (storageClass === undefined) {
    return recorder.event(claim, 'Warning', 'ProvisioningFailed', `storageclass.storage.k8s.io "${className}" not found`);
  }
  const provisioner = drivers.get(storageClass.provisioner) ?? storageClass.provisioner;
  if (provisioner.startsWith('kubernetes.io/') && provisioner !== hostPath) {
    return recorder.event(claim, 'Warning', 'ProvisioningFailed', `no volume plugin matched name: ${provisioner}`);
  }
  const annotations = { ...claim.metadata.annotations, [storageProvisioner]: provisioner, [betaStorageProvisioner]: provisioner };
  const before = claim.metadata.annotations;
  const named = before?.[storageProvisioner] === provisioner && before[betaStorageProvisioner] === provisioner;
  const asked = named ? claim : await claims.update({ ...claim, metadata: { ...claim.metadata, annotations } });
  if (provisioner === hostPath) {
    const message = `Failed to create provisioner: provisioning in volume plugin "${hostPath}" is disabled`;
    return recorder.event(asked, 'Warning', 'ProvisioningFailed', message);
  }
  recorder.event(
    asked,
    'Normal',
    'ExternalProvisioning',
    `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`,
  );
}
