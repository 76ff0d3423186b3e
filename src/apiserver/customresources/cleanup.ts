// A definition that goes takes its objects with it.
// https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#delete-a-customresourcedefinition
import { isReason } from '../../apimachinery/errors/api-error.js';
import type { Client } from '../../client/client.js';
import type { Kind } from '../../registry/kind.js';
import type { Storages } from '../core/resource-storage.js';

/** So many objects are being deleted at a time. */
const width = 16;

/** Asks for the deletion of every object of the kind. Rejects with the first error that is not that the object is gone. */
export async function deleteInstances(client: Client, storages: Storages, kind: Kind): Promise<void> {
  const { cache } = storages.of(kind);
  await cache.fresh();
  const left = cache.list().entries.map(({ value }) => value.metadata);
  const type = { group: kind.group, version: kind.version, resource: kind.resource, kind: kind.kind, namespaced: kind.namespaced };
  const next = async (): Promise<void> => {
    for (let metadata = left.pop(); metadata !== undefined; metadata = left.pop()) {
      if (metadata.deletionTimestamp !== undefined) continue;
      const { name, namespace } = metadata;
      try {
        await client.delete(type, kind.namespaced ? { namespace, name } : { name });
      } catch (error) {
        if (!isReason(error, 'NotFound')) throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: width }, next));
}

/** Resolves when no object of the kind is left, or when `given up` is asked for by `signal`. */
export async function noneLeft(storages: Storages, kind: Kind, signal: AbortSignal): Promise<void> {
  const storage = storages.of(kind);
  for (;;) {
    await storage.cache.fresh();
    if (signal.aborted || storage.cache.list({ limit: 1 }).entries.length === 0) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        watching.stop();
        signal.removeEventListener('abort', done);
        resolve();
      };
      const watching = storage.cache.watch(
        { after: storage.cache.revision },
        { event: ({ type }) => type === 'delete' && done(), end: done },
      );
      signal.addEventListener('abort', done, { once: true });
    });
  }
}
