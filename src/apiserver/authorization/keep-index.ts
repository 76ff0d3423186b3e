// Keeps the RBAC index as the stored roles and bindings are.
import type { KubeObject } from '../../apimachinery/object.js';
import { errorText, type Logger } from '../../client/logger.js';
import type { Registry } from '../../registry/index.js';
import type { StoreError, StoreEvent } from '../../storage/store.js';
import type { Storages } from '../core/resource-storage.js';
import type { RbacIndex } from './rbac-index.js';

const resources = ['clusterroles', 'clusterrolebindings', 'roles', 'rolebindings'];

/** Resolves when the index holds what is stored now; it follows every change from then on. */
export async function keepRbacIndex(registry: Registry, storages: Storages, index: RbacIndex, logger: Logger): Promise<void> {
  for (const resource of resources) {
    const { cache } = storages.of(registry.byResource('rbac.authorization.k8s.io', 'v1', resource)!);
    const follow = async (): Promise<void> => {
      await cache.fresh();
      const { entries } = cache.watch(
        {},
        {
          event: ({ type, entry, previous }: StoreEvent<KubeObject>) => {
            if (type === 'delete') index.remove(entry.value);
            else {
              if (previous !== undefined) index.remove(previous.value);
              index.put(entry.value);
            }
          },
          end: (error: StoreError) => {
            if (error.code === 'closed') return;
            logger.warn('the index of roles lost its place and reads them again', { resource, error: errorText(error) });
            follow().catch((failure: unknown) =>
              logger.error('the index of roles cannot be read again', { resource, error: errorText(failure) }),
            );
          },
        },
      );
      for (const entry of entries ?? []) index.put(entry.value);
    };
    await follow();
  }
}
