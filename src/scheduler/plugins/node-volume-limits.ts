// NodeVolumeLimits: a node takes so many volumes of a CSI driver as its CSINode says.
// https://kubernetes.io/docs/concepts/storage/storage-limits/
import type { CSINode } from '../../../openapi/types/storage.v1.js';
import type { NodeInfo, Plugin, PluginHandle, PodInfo, Rejection } from '../framework.js';
import { attachmentIndex, type Listers } from '../listers.js';

const rejection: Rejection = { reasons: ['node(s) exceed max volume count'], resolvable: true };

/** A volume of a driver: of a claim that is bound, or of one that will be. */
interface DriverVolume {
  readonly driver: string;
  readonly id: string;
}

function volumeOf({ persistentVolumeClaims, persistentVolumes, storageClasses }: Listers, key: string): DriverVolume | undefined {
  const claim = persistentVolumeClaims.store.get(key);
  const name = claim?.spec.volumeName ?? '';
  if (name !== '') {
    const csi = persistentVolumes.store.get(name)?.spec?.csi;
    return csi && { driver: csi.driver, id: csi.volumeHandle };
  }
  const driver = storageClasses.store.get(claim?.spec.storageClassName ?? '')?.provisioner;
  return driver === undefined ? undefined : { driver, id: `claim ${key}` };
}

function volumesOf(listers: Listers, { claims }: PodInfo): readonly DriverVolume[] {
  return claims.flatMap(({ key }) => volumeOf(listers, key) ?? []);
}

/** What a node has of each driver by volume. */
function attachedTo(listers: Listers, node: NodeInfo): Map<string, Set<string>> {
  const attached = new Map<string, Set<string>>();
  const attach = ({ driver, id }: DriverVolume): void =>
    void (attached.get(driver) ?? attached.set(driver, new Set()).get(driver)!).add(id);
  for (const pod of node.pods.values()) for (const volume of volumesOf(listers, pod)) attach(volume);
  for (const { spec } of listers.volumeAttachments.store.byIndex(attachmentIndex, node.name)) {
    const handle = listers.persistentVolumes.store.get(spec.source.persistentVolumeName ?? '')?.spec?.csi?.volumeHandle;
    if (handle !== undefined) attach({ driver: spec.attacher, id: handle });
  }
  return attached;
}

/** A CSINode without a driver, as a kubelet makes it, has null in the place of a list. */
function limitOf(csiNode: CSINode | undefined, driver: string): number {
  return csiNode?.spec.drivers?.find(({ name }) => name === driver)?.allocatable?.count ?? Infinity;
}

export function nodeVolumeLimits({ listers }: PluginHandle): Plugin {
  return {
    name: 'NodeVolumeLimits',
    preFilter(pod) {
      const wanted = volumesOf(listers, pod);
      if (wanted.length === 0) return undefined;
      return {
        filter(node) {
          const csiNode = listers.csiNodes.store.get(node.name);
          if (csiNode === undefined || wanted.every(({ driver }) => limitOf(csiNode, driver) === Infinity)) return undefined;
          const attached = attachedTo(listers, node);
          for (const driver of new Set(wanted.map((one) => one.driver))) {
            const there = attached.get(driver) ?? new Set<string>();
            const more = new Set(wanted.filter((one) => one.driver === driver && !there.has(one.id)).map(({ id }) => id));
            if (more.size > 0 && there.size + more.size > limitOf(csiNode, driver)) return rejection;
          }
          return undefined;
        },
      };
    },
    listens: ['node', 'csiNode', 'podDeleted', 'persistentVolumeClaim', 'volumeAttachment'],
    helps({ resource, change, pod: other, object }, pod) {
      if (resource === 'podDeleted') return (other?.claims.length ?? 0) > 0;
      if (resource === 'volumeAttachment') return change === 'delete';
      if (resource === 'persistentVolumeClaim')
        return change !== 'delete' && pod.claims.some(({ name }) => name === (object as { metadata: { name: string } }).metadata.name);
      return change !== 'delete';
    },
  };
}
