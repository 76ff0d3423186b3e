// StorageObjectInUseProtection: new storage objects carry a finalizer that keeps them while they are in use.
// https://kubernetes.io/docs/concepts/storage/persistent-volumes/#storage-object-in-use-protection
import { isRecord, type Mutable } from '../../apimachinery/object.js';
import type { Kind } from '../../registry/kind.js';
import type { AdmissionPlugin } from './chain.js';

function finalizerOf({ group, resource }: Kind): string | undefined {
  if (group === '' && resource === 'persistentvolumeclaims') return 'kubernetes.io/pvc-protection';
  if (group === '' && resource === 'persistentvolumes') return 'kubernetes.io/pv-protection';
  if (group === 'storage.k8s.io' && resource === 'volumeattributesclasses') return 'kubernetes.io/vac-protection';
  return undefined;
}

/** Only puts finalizers on; the protection controllers (src/controllers/pvcprotection and its neighbours) take them off. */
export const storageObjectInUseProtection: AdmissionPlugin = {
  name: 'StorageObjectInUseProtection',
  handles: ({ operation, kind, subresource }) => operation === 'CREATE' && subresource === '' && finalizerOf(kind) !== undefined,
  admit: ({ object, kind }) => {
    const finalizer = finalizerOf(kind);
    if (object === undefined || finalizer === undefined) return;
    // The request's own metadata: others hold on to it.
    const metadata: Mutable = isRecord(object['metadata']) ? object['metadata'] : (object['metadata'] = {});
    const finalizers: unknown[] = Array.isArray(metadata['finalizers']) ? metadata['finalizers'] : [];
    if (!finalizers.includes(finalizer)) metadata['finalizers'] = [...finalizers, finalizer];
  },
};
