// Keeps the RBAC index as the stored roles and bindings are.
import type { Logger } from '../../client/logger.js';
import type { Registry } from '../../registry/index.js';
import type { Storages } from '../core/resource-storage.js';
import { followStored, type Follower } from './follow.js';
import type { RbacIndex } from './rbac-index.js';

const resources = ['clusterroles', 'clusterrolebindings', 'roles', 'rolebindings'];

/** Resolves when the index holds what is stored now; it follows every change from then on. */
export async function keepRbacIndex(registry: Registry, storages: Storages, index: RbacIndex, logger: Logger): Promise<void> {
  const follower: Follower = {
    replace: (objects) => {
      for (const object of objects) index.put(object);
    },
    put: (object, previous) => {
      if (previous !== undefined) index.remove(previous);
      index.put(object);
    },
    remove: (object) => index.remove(object),
  };
  for (const resource of resources) {
    const kind = registry.byResource('rbac.authorization.k8s.io', 'v1', resource)!;
    await followStored(storages, kind, follower, 'index of roles', logger);
  }
}
