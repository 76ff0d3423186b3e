// The newest version of an object that a controller knows: the informer's, or what its own last write gave back.
import type { Draft, KubeObject } from '../../apimachinery/object.js';
import type { Client, ResourceType } from '../../client/client.js';
import { keyOf } from '../../client/keys.js';

/** Writes statuses, and keeps what came back until the informer has seen it. */
export interface Latest<T extends KubeObject> {
  /** The newer of the informer's object and the last one written. */
  of(seen: T): T;
  /** Writes the object's status. Rejects as the client does. */
  writeStatus(object: T): Promise<T>;
  /** Whether a change that the informer shows is nothing but such a write: no reason to look again. */
  isOwn(previous: T, current: T): boolean;
  /** The object is gone. */
  forget(key: string): void;
}

/** A controller whose counts depend on what it wrote before must not take an older status for the present one. */
export function createLatest<T extends KubeObject>(client: Client, type: ResourceType<T>): Latest<T> {
  const objects = new Map<string, T>();
  /** The informer may show a write before its answer is there. */
  const writing = new Set<string>();
  return {
    of(seen) {
      const key = keyOf(seen);
      const own = objects.get(key);
      if (own === undefined) return seen;
      if (own.metadata.uid === seen.metadata.uid && versionOf(own) > versionOf(seen)) return own;
      objects.delete(key);
      return seen;
    },
    async writeStatus(object) {
      const key = keyOf(object);
      writing.add(key);
      try {
        const whole: unknown = object;
        const written = await client.update(type, whole as Draft<T>, { subresource: 'status' });
        objects.set(key, written);
        return written;
      } finally {
        writing.delete(key);
      }
    },
    isOwn(previous, current) {
      const key = keyOf(current);
      const { uid, generation, deletionTimestamp } = current.metadata;
      if (previous.metadata.generation !== generation || previous.metadata.deletionTimestamp !== deletionTimestamp) return false;
      const own = objects.get(key);
      return writing.has(key) || (own?.metadata.uid === uid && versionOf(current) <= versionOf(own));
    },
    forget: (key) => void objects.delete(key),
  };
}

/** Versions are whole numbers that grow. https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions */
function versionOf({ metadata }: KubeObject): number {
  return Number(metadata.resourceVersion);
}
