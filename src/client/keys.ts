// Keys of objects in informers and work queues: `namespace/name`, or `name` for cluster-scoped objects.
import type { KubeObject } from '../apimachinery/object.js';
import type { ObjectKey } from './client.js';

/** The key of an object: `default/web`, or `node-0`. */
export function keyOf(object: KubeObject): string {
  const { namespace, name } = object.metadata;
  return namespace === undefined || namespace === '' ? name : `${namespace}/${name}`;
}

/** The key of a namespace and a name; an absent or empty namespace gives the key of a cluster-scoped object. */
export function makeKey(namespace: string | undefined, name: string): string {
  return namespace === undefined || namespace === '' ? name : `${namespace}/${name}`;
}

/** The namespace and name in a key. */
export function splitKey(key: string): ObjectKey {
  const slash = key.indexOf('/');
  return slash < 0 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
