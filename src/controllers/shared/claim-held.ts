// Taking in and letting go of objects that an informer indexes by their controller.
import type { KubeObject } from '../../apimachinery/object.js';
import { claim, type ClaimOptions } from '../../client/controller/claim.js';
import { byController } from '../../client/controller/owner-references.js';
import type { InformerStore } from '../../client/informer/types.js';
import { orphansByNamespace } from './orphans.js';

/** The indexes that {@link claimHeld} needs. */
export const heldIndexers = { controller: byController, orphans: orphansByNamespace } as const;

/**
 * The objects of the store that the owner controls, those included that it adopts now, without those that it releases.
 * @param store of an informer with {@link heldIndexers}
 */
export function claimHeld<T extends KubeObject>(store: InformerStore<T>, options: Omit<ClaimOptions<T>, 'candidates'>): Promise<T[]> {
  const { uid, namespace = '' } = options.owner.metadata;
  return claim({ ...options, candidates: [...store.byIndex('controller', uid), ...store.byIndex('orphans', namespace)] });
}
