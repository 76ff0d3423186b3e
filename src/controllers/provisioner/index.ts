// A simulated external provisioner and its class `standard`: what makes claims work in a cluster as they do on kind or minikube.
// https://kubernetes.io/docs/concepts/storage/dynamic-provisioning/
import type { PersistentVolume } from '../../../openapi/types/core.v1.js';
import { isReason } from '../../apimachinery/errors/api-error.js';
import { createController } from '../../client/controller/controller.js';
import { keyOf, makeKey } from '../../client/keys.js';
import { errorText } from '../../client/logger.js';
import { PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, STORAGE_CLASSES } from '../../client/resources.js';
import type { ControllerContext, ControllerDefinition, RunningController } from '../definition.js';
import { unlessGone } from '../shared/gone.js';
import { classOf, provisionedBy } from '../shared/volumes.js';
import { asksForMore, expand } from './expand.js';
import { createStandardClass, provisionerName } from './standard-class.js';
import { isWanted, volumeFor, volumeNameFor } from './volume.js';

/** No part of the real controller manager, it acts with the rights of the binder. */
export const storageProvisioner: ControllerDefinition = {
  name: 'storage-provisioner',
  account: 'persistent-volume-binder',
  create: createStorageProvisioner,
};

/** How often it tries to create the class `standard`. */
const tries = 5;

export function createStorageProvisioner(context: ControllerContext): RunningController {
  const { client, clock, logger, informers } = context;
  const recorder = context.recorder(provisionerName);
  const claims = informers.informer(PERSISTENT_VOLUME_CLAIMS);
  const volumes = informers.informer(PERSISTENT_VOLUMES);
  const classes = informers.informer(STORAGE_CLASSES);

  const provision = async (key: string): Promise<void> => {
    const claim = claims.store.get(key);
    if (claim === undefined) return;
    if (asksForMore(claim)) {
      const volume = volumes.store.get(claim.spec.volumeName ?? '');
      if (volume !== undefined && isOwn(volume)) await expand({ client, clock, recorder }, claim, volume);
      return;
    }
    const storageClass = classes.store.get(classOf(claim));
    if (!isWanted(claim, storageClass) || volumes.store.get(volumeNameFor(claim)) !== undefined) return;
    if (claim.spec.selector !== undefined) {
      const why = `failed to provision volume with StorageClass "${storageClass.metadata.name}": claim Selector is not supported`;
      return recorder.event(claim, 'Warning', 'ProvisioningFailed', why);
    }
    recorder.event(claim, 'Normal', 'Provisioning', `External provisioner is provisioning volume for claim "${key}"`);
    try {
      await client.create(PERSISTENT_VOLUMES, volumeFor(claim, storageClass));
    } catch (error) {
      // The informer is behind.
      if (isReason(error, 'AlreadyExists')) return;
      throw error;
    }
    recorder.event(claim, 'Normal', 'ProvisioningSucceeded', `Successfully provisioned volume ${volumeNameFor(claim)}`);
  };

  let attempts = 0;
  // It waits for no informer, so that the class is there as soon as it can be.
  const classController = createController({
    name: 'storage-provisioner: class',
    clock,
    logger,
    async reconcile() {
      attempts++;
      try {
        await createStandardClass(client);
      } catch (error) {
        // A cluster of somebody else's that does not let it has an owner with classes of their own.
        if (!isReason(error, 'Forbidden') && attempts < tries) throw error;
        logger.warn('storage-provisioner: the class `standard` was not created', { error: errorText(error) });
      }
    },
  });
  const claimController = createController({
    name: 'storage-provisioner: claims',
    clock,
    logger,
    informers: [claims, volumes, classes],
    workers: 4,
    reconcile: provision,
  });
  const volumeController = createController({
    name: 'storage-provisioner: volumes',
    clock,
    logger,
    informers: [volumes],
    workers: 4,
    async reconcile(name) {
      const volume = volumes.store.get(name);
      if (volume === undefined || !isDiscarded(volume)) return;
      await unlessGone(client.delete(PERSISTENT_VOLUMES, { name }, { preconditions: { uid: volume.metadata.uid } }));
    },
  });

  claims.addHandler({
    add: (claim) => claimController.enqueueObject(claim),
    update: (_previous, current) => claimController.enqueueObject(current),
  });
  const consider = (volume: PersistentVolume): void => {
    if (isDiscarded(volume)) volumeController.enqueueObject(volume);
  };
  volumes.addHandler({
    add: consider,
    update: (_previous, current) => consider(current),
    delete({ spec }) {
      // One that was taken away before it was bound is made anew.
      if (spec.claimRef?.name !== undefined) claimController.enqueue(makeKey(spec.claimRef.namespace, spec.claimRef.name));
    },
  });
  classes.addHandler({
    add(storageClass) {
      if (storageClass.provisioner !== provisionerName) return;
      for (const claim of claims.store.list()) if (classOf(claim) === storageClass.metadata.name) claimController.enqueue(keyOf(claim));
    },
  });

  return {
    start() {
      classController.enqueue('standard');
      for (const controller of [classController, claimController, volumeController]) controller.start();
    },
    async stop() {
      await Promise.all([classController, claimController, volumeController].map((controller) => controller.stop()));
    },
  };
}

function isOwn({ metadata }: PersistentVolume): boolean {
  return metadata.annotations?.[provisionedBy] === provisionerName;
}

/** Released, and to be deleted then: what the binder leaves to the provisioner that made the volume. */
function isDiscarded(volume: PersistentVolume): boolean {
  const { metadata, spec, status } = volume;
  return (
    isOwn(volume) &&
    metadata.deletionTimestamp === undefined &&
    status?.phase === 'Released' &&
    spec.persistentVolumeReclaimPolicy === 'Delete'
  );
}
