// Whether a volume can be made for a claim so that a node can use it.
import type { PersistentVolumeClaim } from '../../../openapi/types/core.v1.js';
import type { CSIStorageCapacity, StorageClass } from '../../../openapi/types/storage.v1.js';
import { quantityValue } from '../../apimachinery/quantity/quantity.js';
import { compileLabelSelector } from '../../apimachinery/selectors/labels.js';
import type { NodeInfo } from '../framework.js';
import { storageClassIndex, type Listers } from '../listers.js';
import { requestOf } from './volume-match.js';

const noProvisioner = 'kubernetes.io/no-provisioner';

export type Provisioning = 'possible' | 'impossible' | 'noCapacity';

export function canProvision(listers: Listers, claim: PersistentVolumeClaim, storageClass: StorageClass, node: NodeInfo): Provisioning {
  if (storageClass.provisioner === '' || storageClass.provisioner === noProvisioner) return 'impossible';
  const topologies = storageClass.allowedTopologies ?? [];
  const allowed = topologies.some(({ matchLabelExpressions = [] }) =>
    matchLabelExpressions.every(({ key, values }) => Object.hasOwn(node.labels, key) && values.includes(node.labels[key]!)),
  );
  if (topologies.length > 0 && !allowed) return 'impossible';
  return hasCapacity(listers, claim, storageClass, node) ? 'possible' : 'noCapacity';
}

/** https://kubernetes.io/docs/concepts/storage/storage-capacity/ */
function hasCapacity(listers: Listers, claim: PersistentVolumeClaim, { metadata, provisioner }: StorageClass, node: NodeInfo): boolean {
  if (listers.csiDrivers.store.get(provisioner)?.spec.storageCapacity !== true) return true;
  const size = requestOf(claim);
  return listers.csiStorageCapacities.store
    .byIndex(storageClassIndex, metadata.name)
    .some((capacity) => isEnough(capacity, size) && isOf(capacity, node));
}

function isEnough({ capacity, maximumVolumeSize }: CSIStorageCapacity, size: number): boolean {
  const most = maximumVolumeSize ?? capacity;
  return most !== undefined && quantityValue(most) >= size;
}

function isOf({ nodeTopology }: CSIStorageCapacity, { labels }: NodeInfo): boolean {
  return nodeTopology !== undefined && compileLabelSelector(nodeTopology).matches(labels);
}
