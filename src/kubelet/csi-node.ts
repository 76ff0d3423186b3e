// The CSINode of a node: where CSI drivers write themselves down, made by the kubelet as soon as the node is registered.
// https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/csi-node-v1/
import type { Node } from '../../openapi/types/core.v1.js';
import { isReason } from '../apimachinery/errors/api-error.js';
import type { Client } from '../client/client.js';
import { CSI_NODES } from '../client/resources.js';

/** The volume plugins whose work CSI drivers have taken over; a kubelet says so, so that schedulers and controllers count their volumes right. */
const migrated = ['aws-ebs', 'azure-disk', 'azure-file', 'cinder', 'gce-pd', 'portworx-volume', 'vsphere-volume'];
const annotations = { 'storage.alpha.kubernetes.io/migrated-plugins': migrated.map((name) => `kubernetes.io/${name}`).join(',') };

/**
 * Makes the node's CSINode, with no driver. One that is there is left as it is, unless it is of an earlier Node of this name: then it belongs to
 * nobody any more and is about to be collected, so it is given to this one. Rejects as the client does.
 */
export async function makeCsiNode(client: Client, { metadata: { name, uid } }: Node): Promise<void> {
  const ownerReferences = [{ apiVersion: 'v1', kind: 'Node', name, uid }];
  try {
    await client.create(CSI_NODES, {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'CSINode',
      metadata: { name, annotations, ownerReferences },
      spec: { drivers: [] },
    });
  } catch (error) {
    if (!isReason(error, 'AlreadyExists')) throw error;
    const existing = await client.get(CSI_NODES, { name });
    if (existing.metadata.ownerReferences?.some((owner) => owner.uid === uid)) return;
    await client.update(CSI_NODES, { ...existing, metadata: { ...existing.metadata, ownerReferences } });
  }
}
