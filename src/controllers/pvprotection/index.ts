// Keeps a deleted volume for as long as it is bound to a claim.
// https://kubernetes.io/docs/concepts/storage/persistent-volumes/#storage-object-in-use-protection
import type { PersistentVolume } from '../../../openapi/types/core.v1.js';
import { createController } from '../../client/controller/controller.js';
import { PERSISTENT_VOLUMES } from '../../client/resources.js';
import type { ControllerContext, ControllerDefinition, RunningController } from '../definition.js';
import { concernsProtection, protect, type Protection } from '../shared/protection.js';

export const pvProtectionController: ControllerDefinition = {
  name: 'persistentvolume-protection-controller',
  account: 'pv-protection-controller',
  create: createPvProtectionController,
};

const finalizer = 'kubernetes.io/pv-protection';

export function createPvProtectionController({ client, clock, logger, informers }: ControllerContext): RunningController {
  const volumes = informers.informer(PERSISTENT_VOLUMES);
  const protection: Protection<PersistentVolume> = {
    client,
    type: PERSISTENT_VOLUMES,
    finalizer,
    inUse: ({ status }) => status?.phase === 'Bound',
  };
  const controller = createController({
    name: 'persistentvolume-protection-controller',
    clock,
    logger,
    informers: [volumes],
    async reconcile(name) {
      const volume = volumes.store.get(name);
      if (volume !== undefined) await protect(protection, volume);
    },
  });
  const consider = (volume: PersistentVolume): void => {
    if (concernsProtection(volume, finalizer)) controller.enqueueObject(volume);
  };
  volumes.addHandler({ add: consider, update: (_previous, current) => consider(current) });
  return controller;
}
