// Which volumes the pods of a node want attached to it.
import type { Node, PersistentVolume, PersistentVolumeClaim, Pod } from '../../../openapi/types/core.v1.js';
import type { CSIDriver } from '../../../openapi/types/storage.v1.js';
import { createHash } from 'node:crypto';
import type { InformerStore } from '../../client/informer/types.js';
import { isPodTerminal } from '../shared/pods.js';
import { claimKeysOfPod, isBoundTo } from '../shared/volumes.js';

/** A volume of a driver that has its volumes attached, and who uses it on the node. */
export interface WantedVolume {
  /** The VolumeAttachment's name. */
  readonly attachment: string;
  readonly driver: string;
  readonly volume: PersistentVolume;
  readonly pods: readonly Pod[];
}

export interface WantedContext {
  readonly pods: InformerStore<Pod>;
  readonly claims: InformerStore<PersistentVolumeClaim>;
  readonly volumes: InformerStore<PersistentVolume>;
  readonly drivers: InformerStore<CSIDriver>;
}

/** The index of {@link WantedContext.pods} by the node for which they want volumes. */
export const byAttachingNode = 'attachingNode';

/** The index function of {@link byAttachingNode}. */
export function attachingNodeOf(pod: Pod): readonly string[] {
  const { nodeName } = pod.spec ?? {};
  return !nodeName || isPodTerminal(pod) || claimKeysOfPod(pod).length === 0 ? [] : [nodeName];
}

/** As the real controller names attachments: the same three always give the same name. */
function attachmentName(handle: string, driver: string, node: string): string {
  return `csi-${createHash('sha256').update(`${handle}${driver}${node}`).digest('hex')}`;
}

/** Whether an attachment may be this controller's. */
export function isAttachmentName(name: string): boolean {
  return /^csi-[0-9a-f]{64}$/.test(name);
}

/** A volume's name in a node's status; undefined for one that no driver attaches. */
export function nodeVolumeName({ spec }: PersistentVolume): string | undefined {
  return spec.csi === undefined ? undefined : `kubernetes.io/csi/${spec.csi.driver}^${spec.csi.volumeHandle}`;
}

/** Whether the volume can be on one node only at a time. */
export function isExclusive({ spec }: PersistentVolume): boolean {
  const modes = spec.accessModes ?? [];
  return modes.length > 0 && !modes.includes('ReadWriteMany') && !modes.includes('ReadOnlyMany');
}

/** Whether this controller attaches for the node, not its kubelet by itself. */
export function isManaged({ metadata }: Node): boolean {
  return metadata.annotations?.['volumes.kubernetes.io/controller-managed-attach-detach'] === 'true';
}

/** By the name of the volume. */
export function wantedOn({ pods, claims, volumes, drivers }: WantedContext, node: string): ReadonlyMap<string, WantedVolume> {
  const wanted = new Map<string, WantedVolume & { readonly pods: Pod[] }>();
  for (const pod of pods.byIndex(byAttachingNode, node)) {
    for (const key of claimKeysOfPod(pod)) {
      const claim = claims.get(key);
      const volume = claim === undefined ? undefined : volumes.get(claim.spec.volumeName ?? '');
      if (claim === undefined || volume?.spec.csi === undefined || !isBoundTo(volume, claim)) continue;
      const { driver, volumeHandle } = volume.spec.csi;
      if (drivers.get(driver)?.spec.attachRequired === false) continue;
      const known = wanted.get(volume.metadata.name);
      if (known !== undefined) known.pods.push(pod);
      else wanted.set(volume.metadata.name, { attachment: attachmentName(volumeHandle, driver, node), driver, volume, pods: [pod] });
    }
  }
  return wanted;
}
