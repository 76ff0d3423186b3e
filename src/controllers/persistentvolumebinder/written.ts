// Volumes and claims as this controller last wrote them, until the informers have caught up.
import type { PersistentVolume, PersistentVolumeClaim } from '../../../openapi/types/core.v1.js';
import type { Draft, KubeObject } from '../../apimachinery/object.js';
import type { Client, ResourceType } from '../../client/client.js';
import type { InformerStore } from '../../client/informer/types.js';
import { keyOf } from '../../client/keys.js';
import { PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES } from '../../client/resources.js';

/** One resource, read with the controller's own writes in it. */
export interface Written<T extends KubeObject> {
  get(key: string): T | undefined;
  /** The newer of an object that the informer has and what was written last. */
  readonly newest: (seen: T) => T;
  /** Replaces the object (its status with the subresource), and resolves with what came of it. Rejects as the client does. */
  update(object: T, subresource?: 'status'): Promise<T>;
  /** Keeps what somebody read from the server. */
  keep(object: T): T;
  /** To be called when the informer says that the object has gone. */
  forget(key: string): void;
}

function versionOf({ metadata }: KubeObject): number {
  return Number(metadata.resourceVersion);
}

function createWritten<T extends KubeObject>(client: Client, type: ResourceType<T>, store: InformerStore<T>): Written<T> {
  const written = new Map<string, T>();
  const newest = (seen: T): T => {
    const key = keyOf(seen);
    const own = written.get(key);
    if (own === undefined) return seen;
    if (own.metadata.uid === seen.metadata.uid && versionOf(own) > versionOf(seen)) return own;
    written.delete(key);
    return seen;
  };
  const keep = (object: T): T => {
    written.set(keyOf(object), object);
    return object;
  };
  return {
    get(key) {
      const seen = store.get(key);
      return seen === undefined ? undefined : newest(seen);
    },
    newest,
    async update(object, subresource) {
      const whole: unknown = object;
      return keep(await client.update(type, whole as Draft<T>, subresource === undefined ? {} : { subresource }));
    },
    keep,
    forget: (key) => void written.delete(key),
  };
}

export interface WrittenObjects {
  readonly volumes: Written<PersistentVolume>;
  readonly claims: Written<PersistentVolumeClaim>;
}

export function createWrittenObjects(
  client: Client,
  volumes: InformerStore<PersistentVolume>,
  claims: InformerStore<PersistentVolumeClaim>,
): WrittenObjects {
  return {
    volumes: createWritten(client, PERSISTENT_VOLUMES, volumes),
    claims: createWritten(client, PERSISTENT_VOLUME_CLAIMS, claims),
  };
}
