// Keeps an object from being removed while it is in use: puts a finalizer on, and takes it off a deleted object that nobody uses.
// https://kubernetes.io/docs/concepts/storage/persistent-volumes/#storage-object-in-use-protection
import type { Draft, KubeObject } from '../../apimachinery/object.js';
import type { Client, ResourceType } from '../../client/client.js';
import { unlessGone } from './gone.js';

export interface Protection<T extends KubeObject> {
  readonly client: Client;
  readonly type: ResourceType<T>;
  readonly finalizer: string;
  /** Asked only of an object that is being deleted. */
  readonly inUse: (object: T) => boolean | Promise<boolean>;
}

/** Whether {@link protect} would have to look at the object: one without the finalizer, or a deleted one that has it. */
export function concernsProtection({ metadata }: KubeObject, finalizer: string): boolean {
  const has = metadata.finalizers?.includes(finalizer) ?? false;
  return has === (metadata.deletionTimestamp !== undefined);
}

/**
 * Takes the object's next step, if there is one. An object that is gone is left alone; rejects with a conflict when it has changed.
 * Replaces rather than patches: the real controllers' roles allow no more.
 */
export async function protect<T extends KubeObject>({ client, type, finalizer, inUse }: Protection<T>, object: T): Promise<void> {
  const { metadata } = object;
  if (!concernsProtection(object, finalizer)) return;
  const before = metadata.finalizers ?? [];
  const deleted = metadata.deletionTimestamp !== undefined;
  if (deleted && (await inUse(object))) return;
  const finalizers = deleted ? before.filter((one) => one !== finalizer) : [...before, finalizer];
  const changed: unknown = { ...object, metadata: { ...metadata, finalizers } };
  await unlessGone(client.update(type, changed as Draft<T>));
}
