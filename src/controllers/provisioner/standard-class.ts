// The class that claims get which name none.
import type { StorageClass } from '../../../openapi/types/storage.v1.js';
import { isReason } from '../../apimachinery/errors/api-error.js';
import type { Draft } from '../../apimachinery/object.js';
import type { Client } from '../../client/client.js';
import { STORAGE_CLASSES } from '../../client/resources.js';

/** The provisioner's name, as classes give it. */
export const provisionerName = 'kubedouble.dev/hostpath';

export const standardClass: Draft<StorageClass> = {
  metadata: { name: 'standard', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
  provisioner: provisionerName,
  reclaimPolicy: 'Delete',
  volumeBindingMode: 'WaitForFirstConsumer',
  allowVolumeExpansion: true,
};

/** Creates the class in a cluster that has none at all: one that somebody has set up is left as it is. */
export async function createStandardClass(client: Client): Promise<void> {
  const { items } = await client.list(STORAGE_CLASSES, { limit: 1 });
  if (items.length > 0) return;
  try {
    await client.create(STORAGE_CLASSES, standardClass);
  } catch (error) {
    if (!isReason(error, 'AlreadyExists')) throw error;
  }
}
