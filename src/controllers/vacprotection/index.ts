// Keeps a deleted volume attributes class for as long as a claim or a volume has it, or is to get it.
// https://kubernetes.io/docs/concepts/storage/volume-attributes-classes/
import type { PersistentVolume, PersistentVolumeClaim } from '../../../openapi/types/core.v1.js';
import type { VolumeAttributesClass } from '../../../openapi/types/storage.v1.js';
import { createController } from '../../client/controller/controller.js';
import { PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, VOLUME_ATTRIBUTES_CLASSES } from '../../client/resources.js';
import type { ControllerContext, ControllerDefinition, RunningController } from '../definition.js';
import { concernsProtection, protect, type Protection } from '../shared/protection.js';

export const vacProtectionController: ControllerDefinition = {
  name: 'volumeattributesclass-protection-controller',
  account: 'volumeattributesclass-protection-controller',
  create: createVacProtectionController,
};

const finalizer = 'kubernetes.io/vac-protection';
/** The index of claims and of volumes by the names of the classes that they use. */
const byClass = 'volumeAttributesClass';
/** Milliseconds after which a class is looked at again whose user no informer knows. */
const lookAgain = 1000;

function named(...names: readonly (string | undefined)[]): string[] {
  return names.filter((name): name is string => name !== undefined && name !== '');
}

/** The class asked for, the one that the volume has, and the one that it is being changed to. */
function classesOfClaim({ spec, status }: PersistentVolumeClaim): string[] {
  return named(
    spec?.volumeAttributesClassName,
    status?.currentVolumeAttributesClassName,
    status?.modifyVolumeStatus?.targetVolumeAttributesClassName,
  );
}

function classesOfVolume({ spec }: PersistentVolume): string[] {
  return named(spec?.volumeAttributesClassName);
}

export function createVacProtectionController({ client, clock, logger, informers }: ControllerContext): RunningController {
  const classes = informers.informer(VOLUME_ATTRIBUTES_CLASSES);
  const claims = informers.informer(PERSISTENT_VOLUME_CLAIMS, { indexers: { [byClass]: classesOfClaim } });
  const volumes = informers.informer(PERSISTENT_VOLUMES, { indexers: { [byClass]: classesOfVolume } });

  /** The informers may be behind that of the classes; so, before a class goes, the server is asked. */
  const inUse = async ({ metadata: { name } }: VolumeAttributesClass): Promise<boolean> => {
    if (claims.store.byIndex(byClass, name).length > 0 || volumes.store.byIndex(byClass, name).length > 0) return true;
    const used =
      (await client.list(PERSISTENT_VOLUME_CLAIMS)).items.some((claim) => classesOfClaim(claim).includes(name)) ||
      (await client.list(PERSISTENT_VOLUMES)).items.some((volume) => classesOfVolume(volume).includes(name));
    // An object that comes and goes between two lists of its informer is never told of.
    if (used) controller.enqueueAfter(name, lookAgain);
    return used;
  };
  const protection: Protection<VolumeAttributesClass> = { client, type: VOLUME_ATTRIBUTES_CLASSES, finalizer, inUse };
  const controller = createController({
    name: 'volumeattributesclass-protection-controller',
    clock,
    logger,
    informers: [classes, claims, volumes],
    async reconcile(name) {
      const found = classes.store.get(name);
      if (found !== undefined) await protect(protection, found);
    },
  });
  const consider = (found: VolumeAttributesClass | undefined): void => {
    if (found !== undefined && concernsProtection(found, finalizer)) controller.enqueueObject(found);
  };
  classes.addHandler({ add: consider, update: (_previous, current) => consider(current) });
  /** Classes that were used before and are not any more. */
  const released = (before: readonly string[], now: readonly string[] = []): void => {
    for (const name of before) if (!now.includes(name)) consider(classes.store.get(name));
  };
  claims.addHandler({
    update: (previous, current) => released(classesOfClaim(previous), classesOfClaim(current)),
    delete: (last) => released(classesOfClaim(last)),
  });
  volumes.addHandler({
    update: (previous, current) => released(classesOfVolume(previous), classesOfVolume(current)),
    delete: (last) => released(classesOfVolume(last)),
  });
  return controller;
}
