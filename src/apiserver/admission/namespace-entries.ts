// The objects of one kind in a namespace, for plugins that ask at every write and mostly find none.
import type { KubeObject } from '../../apimachinery/object.js';
import type { Kind } from '../../registry/kind.js';
import type { ResourceStorage, Storages } from '../core/resource-storage.js';

export interface NamespaceEntries<T extends KubeObject> {
  /** Those in the namespace as far as the watch cache has seen, by name; undefined when it shows nothing yet. Costs a look-up. */
  known(namespace: string): readonly T[] | undefined;
  /** Those in the namespace as they are now, by name. */
  fresh(namespace: string): Promise<readonly T[]>;
  get(namespace: string, name: string): Promise<T | undefined>;
}

/** @param kindOf the kind, as it is stored */
export function namespaceEntries<T extends KubeObject>(storages: Storages, kindOf: () => Kind): NamespaceEntries<T> {
  let made: ResourceStorage | undefined;
  const storage = (): ResourceStorage => (made ??= storages.of(kindOf()));
  const none: readonly T[] = [];
  const listed = (namespace: string): readonly T[] => {
    const prefix = storage().prefix(namespace);
    const { cache } = storage();
    return cache.count(prefix) === 0 ? none : cache.list({ prefix }).entries.map(({ value }) => value as T);
  };
  return {
    known: (namespace) => (storage().cache.started ? listed(namespace) : undefined),
    fresh: async (namespace) => {
      await storage().cache.fresh();
      return listed(namespace);
    },
    get: async (namespace, name) => (await storage().get(namespace, name))?.value as T | undefined,
  };
}
