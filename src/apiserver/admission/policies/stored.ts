// The policies and bindings as they are now.
import type { Registry } from '../../../registry/index.js';
import type { ResourceStorage, Storages } from '../../core/resource-storage.js';

export interface StoredObjects<T> {
  /** False when there are none; a look-up. */
  any(): boolean;
  /** All, in the order of their names. */
  all(): Promise<readonly T[]>;
}

export function storedObjects<T>(
  { registry, storages }: { readonly registry: Registry; readonly storages: Storages },
  resource: string,
): StoredObjects<T> {
  let made: ResourceStorage | undefined;
  const storage = (): ResourceStorage => (made ??= storages.of(registry.byResource('admissionregistration.k8s.io', 'v1', resource)!));
  return {
    any: () => !storage().cache.started || storage().cache.count(storage().prefix('')) > 0,
    async all() {
      const { cache } = storage();
      if (!cache.started) await cache.fresh();
      return cache.list({ prefix: storage().prefix('') }).entries.map(({ value }) => value as unknown as T);
    },
  };
}
