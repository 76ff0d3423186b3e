// PersistentVolumeClaimResize: a claim grows only where its class lets volumes grow.
// https://kubernetes.io/docs/concepts/storage/persistent-volumes/#expanding-persistent-volumes-claims
import type { PersistentVolumeClaim } from '../../../openapi/types/core.v1.js';
import type { StorageClass } from '../../../openapi/types/storage.v1.js';
import { forbidden } from '../../apimachinery/errors/api-error.js';
import { compareQuantities, parseQuantity } from '../../apimachinery/quantity/quantity.js';
import type { Registry } from '../../registry/index.js';
import type { Storages } from '../core/resource-storage.js';
import type { AdmissionPlugin } from './chain.js';

const why = 'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize';
/** The old place of `storageClassName`, which comes before it. */
const classAnnotation = 'volume.beta.kubernetes.io/storage-class';

function sizeOf(claim: PersistentVolumeClaim): ReturnType<typeof parseQuantity> {
  return parseQuantity(claim.spec?.resources?.requests?.['storage'] ?? 0);
}

/** Refuses with 403 that a bound claim asks for more than it did, unless its class has `allowVolumeExpansion`. */
export function persistentVolumeClaimResize(registry: Registry, storages: Storages): AdmissionPlugin {
  return {
    name: 'PersistentVolumeClaimResize',
    handles: ({ operation, kind, subresource }) =>
      operation === 'UPDATE' && kind.group === '' && kind.resource === 'persistentvolumeclaims' && subresource === '',
    validate: async ({ object, old, kind, name }) => {
      const claim = object as unknown as PersistentVolumeClaim;
      const before = old as PersistentVolumeClaim;
      if (before.status?.phase !== 'Bound' || compareQuantities(sizeOf(claim), sizeOf(before)) <= 0) return;
      const className = claim.metadata.annotations?.[classAnnotation] ?? claim.spec?.storageClassName ?? '';
      const classes = storages.of(registry.byResource('storage.k8s.io', 'v1', 'storageclasses')!);
      const entry = className === '' ? undefined : await classes.get('', className);
      if ((entry?.value as StorageClass | undefined)?.allowVolumeExpansion !== true) throw forbidden(kind, name, why);
    },
  };
}
