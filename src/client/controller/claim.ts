// Adoption and release: a controller takes in orphans that its selector matches and lets go of its own that it no longer matches.
import { isReason } from '../../apimachinery/errors/api-error.js';
import type { KubeObject } from '../../apimachinery/object.js';
import type { Client, ResourceType } from '../client.js';
import { controllerOf, controllerReference } from './owner-references.js';

export interface ClaimOptions<T extends KubeObject> {
  readonly client: Client;
  /** What is claimed: `PODS`, `REPLICA_SETS`. */
  readonly type: ResourceType<T>;
  /** The controller's object; a deleting one adopts nothing. */
  readonly owner: KubeObject;
  /** The resource of the owner: before an adoption it is read from the server, to see that it is still there with the same uid. */
  readonly ownerType: ResourceType;
  /** Whether the owner's selector matches. */
  readonly matches: (object: T) => boolean;
  /** Candidates: those of the owner's namespace, owned or not. */
  readonly candidates: readonly T[];
  /** Added at adoption and removed at release, so that no deletion of the object goes unseen. */
  readonly finalizer?: string;
}

/**
 * Returns the candidates that the owner controls after adopting and releasing. Objects that vanish meanwhile are left out;
 * other errors reject, after all candidates were tried.
 */
export async function claim<T extends KubeObject>(options: ClaimOptions<T>): Promise<T[]> {
  const { client, type, owner, ownerType, matches, candidates, finalizer } = options;
  const claimed: T[] = [];
  const failures: unknown[] = [];
  let mayAdopt: Promise<void> | undefined;

  const attempt = async (write: () => Promise<void>): Promise<void> => {
    try {
      await write();
    } catch (error) {
      // Gone, or another object of this name (422 on the uid): not ours any more.
      if (!isReason(error, 'NotFound') && !isReason(error, 'Invalid')) failures.push(error);
    }
  };
  const adopt = async (object: T): Promise<void> => {
    mayAdopt ??= ownerIsAlive(client, ownerType, owner);
    await mayAdopt;
    const ownerReferences = [controllerReference(owner)];
    const finalizers = finalizer === undefined ? {} : { finalizers: [finalizer] };
    const metadata = { ownerReferences, uid: object.metadata.uid, ...finalizers };
    claimed.push(await client.patch(type, object.metadata, 'strategic', { metadata }));
  };
  const release = async (object: T): Promise<void> => {
    const ownerReferences = [{ $patch: 'delete', uid: owner.metadata.uid }];
    const finalizers = finalizer === undefined ? {} : { '$deleteFromPrimitiveList/finalizers': [finalizer] };
    const metadata = { ownerReferences, uid: object.metadata.uid, ...finalizers };
    await client.patch(type, object.metadata, 'strategic', { metadata });
  };

  for (const object of candidates) {
    const controller = controllerOf(object);
    if (controller) {
      if (controller.uid !== owner.metadata.uid) continue;
      if (matches(object)) claimed.push(object);
      else if (owner.metadata.deletionTimestamp === undefined) await attempt(() => release(object));
    } else if (owner.metadata.deletionTimestamp === undefined && object.metadata.deletionTimestamp === undefined && matches(object)) {
      await attempt(() => adopt(object));
    }
  }
  if (failures.length > 0) throw failures[0];
  return claimed;
}

/** Asks the server itself, not the informer: an owner deleted a moment ago must adopt nothing. */
async function ownerIsAlive(client: Client, type: ResourceType, owner: KubeObject): Promise<void> {
  const fresh = await client.get(type, owner.metadata);
  if (fresh.metadata.uid !== owner.metadata.uid) {
    throw new Error(`${type.resource} "${owner.metadata.name}" has another uid now: it was deleted and created again`);
  }
  if (fresh.metadata.deletionTimestamp !== undefined) throw new Error(`${type.resource} "${owner.metadata.name}" is being deleted`);
}
