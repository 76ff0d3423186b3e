// Says of a claim that asks for more that somebody else makes its volume larger: no volume of this release is resized by the controller manager.
// https://kubernetes.io/docs/concepts/storage/persistent-volumes/#expanding-persistent-volumes-claims
import type { PersistentVolumeClaim } from '../../../openapi/types/core.v1.js';
import { compareQuantities, parseQuantity } from '../../apimachinery/quantity/quantity.js';
import { createController } from '../../client/controller/controller.js';
import { PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES } from '../../client/resources.js';
import type { ControllerContext, ControllerDefinition, RunningController } from '../definition.js';
import { isBoundTo, storageOf } from '../shared/volumes.js';

export const persistentVolumeExpander: ControllerDefinition = {
  name: 'persistentvolume-expander-controller',
  account: 'expand-controller',
  create: createPersistentVolumeExpander,
};

function compareSizes(one: string | number, other: string | number): number {
  return compareQuantities(parseQuantity(one), parseQuantity(other));
}

function requestOf({ spec }: PersistentVolumeClaim): string | number {
  return storageOf(spec.resources?.requests);
}

export function createPersistentVolumeExpander(context: ControllerContext): RunningController {
  const { clock, logger, informers } = context;
  const claims = informers.informer(PERSISTENT_VOLUME_CLAIMS);
  const volumes = informers.informer(PERSISTENT_VOLUMES);
  const recorder = context.recorder('volume_expand');
  const controller = createController({
    name: 'persistentvolume-expander-controller',
    clock,
    logger,
    informers: [claims, volumes],
    async reconcile(key) {
      const claim = claims.store.get(key);
      if (claim?.status?.phase !== 'Bound') return;
      const volume = volumes.store.get(claim.spec.volumeName ?? '');
      if (volume === undefined || !isBoundTo(volume, claim)) return;
      if (compareSizes(requestOf(claim), storageOf(claim.status.capacity)) <= 0) return;
      recorder.event(claim, 'Normal', 'ExternalExpanding', 'waiting for an external controller to expand this PVC');
    },
  });
  claims.addHandler({
    update(previous, current) {
      // That it was enlarged is the only change that matters, and costs nothing to see when the requests are the same.
      const [before, now] = [requestOf(previous), requestOf(current)];
      if (before !== now && compareSizes(now, before) > 0) controller.enqueueObject(current);
    },
  });
  return controller;
}
