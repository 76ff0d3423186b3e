// VolumeRestrictions: a claim for one pod alone is used by one pod alone, and disks that take one writer get one.
// https://kubernetes.io/docs/concepts/storage/persistent-volumes/#access-modes
import type { Volume } from '../../../openapi/types/core.v1.js';
import type { NodeInfo, Plugin, PluginHandle, PodCheck, PodInfo, Rejection } from '../framework.js';
import { claimTrouble } from '../volumes/pod-claims.js';

const inUse: Rejection = {
  reasons: ['node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod'],
  resolvable: true,
};
const diskConflict: Rejection = { reasons: ['node(s) had no available disk'], resolvable: false };

/** What two volumes must not share: a disk with a writer. */
interface Disk {
  readonly id: string;
  readonly readOnly: boolean;
}

function disksOf(volumes: readonly Volume[] = []): readonly Disk[] {
  return volumes.flatMap(({ gcePersistentDisk: gce, awsElasticBlockStore: aws, iscsi, rbd }): Disk[] => {
    if (gce) return [{ id: `gce ${gce.pdName}`, readOnly: gce.readOnly === true }];
    // Block stores of AWS go to one instance, readers or not.
    if (aws) return [{ id: `aws ${aws.volumeID}`, readOnly: false }];
    if (iscsi) return [{ id: `iscsi ${iscsi.iqn}`, readOnly: iscsi.readOnly === true }];
    if (rbd) return rbd.monitors.map((one) => ({ id: `rbd ${one} ${rbd.pool ?? 'rbd'} ${rbd.image}`, readOnly: rbd.readOnly === true }));
    return [];
  });
}

function conflict(disks: readonly Disk[], node: NodeInfo): boolean {
  if (disks.length === 0) return false;
  for (const { pod } of node.pods.values()) {
    for (const other of disksOf(pod.spec.volumes)) {
      if (disks.some(({ id, readOnly }) => id === other.id && !(readOnly && other.readOnly))) return true;
    }
  }
  return false;
}

class RestrictionCheck implements PodCheck {
  constructor(
    private readonly disks: readonly Disk[],
    private readonly exclusive: ReadonlySet<string>,
    private users: number,
  ) {}

  filter(node: NodeInfo): Rejection | undefined {
    if (conflict(this.disks, node)) return diskConflict;
    return this.users > 0 ? inUse : undefined;
  }

  add(other: PodInfo): void {
    this.users += this.#uses(other);
  }

  remove(other: PodInfo): void {
    this.users -= this.#uses(other);
  }

  fork(): PodCheck {
    return new RestrictionCheck(this.disks, this.exclusive, this.users);
  }

  #uses({ claims }: PodInfo): number {
    let count = 0;
    for (const { key } of claims) if (this.exclusive.has(key)) count++;
    return count;
  }
}

export function volumeRestrictions({ listers, nodes }: PluginHandle): Plugin {
  const claimStore = listers.persistentVolumeClaims.store;
  return {
    name: 'VolumeRestrictions',
    preFilter({ pod, claims }) {
      if (pod.spec.volumes === undefined || pod.spec.volumes.length === 0) return undefined;
      const exclusive = new Set<string>();
      let users = 0;
      for (const one of claims) {
        const claim = claimStore.get(one.key);
        if (claim === undefined) return { rejected: claimTrouble(pod, one, claim) ?? '', resolvable: false };
        if (!claim.spec.accessModes?.includes('ReadWriteOncePod')) continue;
        exclusive.add(one.key);
        users += nodes.usersOf(one.key);
      }
      const disks = disksOf(pod.spec.volumes);
      return disks.length === 0 && exclusive.size === 0 ? undefined : new RestrictionCheck(disks, exclusive, users);
    },
    listens: ['node', 'podDeleted', 'persistentVolumeClaim'],
    helps({ resource, change, pod: other, object }, pod) {
      if (resource === 'node') return change === 'add';
      if (resource === 'persistentVolumeClaim') {
        const { name, namespace } = (object as { metadata: { name: string; namespace?: string } }).metadata;
        return change !== 'delete' && pod.claims.some(({ key }) => key === `${namespace}/${name}`);
      }
      if (other === undefined) return false;
      return disksOf(other.pod.spec.volumes).length > 0 || other.claims.some(({ key }) => pod.claims.some((one) => one.key === key));
    },
  };
}
