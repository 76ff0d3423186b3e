// Binds claims and volumes to each other, has volumes made where there are none, and reclaims those whose claim is gone.
// https://kubernetes.io/docs/concepts/storage/persistent-volumes/
import type { PersistentVolume, PersistentVolumeClaim } from '../../../openapi/types/core.v1.js';
import type { KubeObject } from '../../apimachinery/object.js';
import { createController } from '../../client/controller/controller.js';
import { keyOf, splitKey } from '../../client/keys.js';
import { PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, PODS, STORAGE_CLASSES } from '../../client/resources.js';
import type { ControllerContext, ControllerDefinition, RunningController } from '../definition.js';
import { ifThere } from '../shared/gone.js';
import { bindCompleted, claimKeyOf, claimKeysOfPod, classOf, hasAnnotation, leavesClassOpen } from '../shared/volumes.js';
import { byClaimRef, freeByClass, podsByNamedClaim, syncClaim, type ClaimsContext } from './claims.js';
import { recyclerPodOf, volumeOfRecyclerPod } from './recycle.js';
import { syncVolume, type VolumesContext } from './volumes.js';
import { createWrittenObjects } from './written.js';

export const persistentVolumeBinder: ControllerDefinition = {
  name: 'persistentvolume-binder-controller',
  account: 'persistent-volume-binder',
  create: createPersistentVolumeBinder,
};

/** The index of unbound claims by their class, and of those that leave it open. */
const waitingByClass = 'waitingByClass';
/** The index of claims by the volume that they name. */
const byVolumeName = 'volumeName';
const openClass = '*';
/**
 * Milliseconds after which a free volume is offered to the claims that wait: whoever made it for a claim of its own creates that claim now. The
 * real controller looks every 15 seconds.
 */
const offerDelay = 500;

function waitingClassOf(claim: PersistentVolumeClaim): readonly string[] {
  if (hasAnnotation(claim, bindCompleted)) return [];
  return leavesClassOpen(claim) ? ['', openClass] : [classOf(claim)];
}

export function createPersistentVolumeBinder(context: ControllerContext): RunningController {
  const { client, clock, logger, informers } = context;
  const recorder = context.recorder('persistentvolume-controller');
  const volumes = informers.informer(PERSISTENT_VOLUMES, {
    indexers: {
      [freeByClass]: (volume) => (volume.spec.claimRef === undefined ? [classOf(volume)] : []),
      [byClaimRef]: (volume) => [claimKeyOf(volume)].filter((key) => key !== undefined),
    },
  });
  const claims = informers.informer(PERSISTENT_VOLUME_CLAIMS, {
    indexers: { [waitingByClass]: waitingClassOf, [byVolumeName]: ({ spec }) => (spec.volumeName ? [spec.volumeName] : []) },
  });
  const pods = informers.informer(PODS, { indexers: { [podsByNamedClaim]: claimKeysOfPod } });
  const classes = informers.informer(STORAGE_CLASSES);
  const objects = createWrittenObjects(client, volumes.store, claims.store);

  const claimsContext: ClaimsContext = {
    objects,
    recorder,
    volumes: volumes.store,
    pods: pods.store,
    classes: classes.store,
    fetchVolume: (name) => ifThere(client.get(PERSISTENT_VOLUMES, { name })),
  };
  const volumesContext: VolumesContext = {
    client,
    objects,
    recorder,
    recycler: { podOf: (volume) => pods.store.get(recyclerPodOf(volume)) },
    fetchClaim: (key) => ifThere(client.get(PERSISTENT_VOLUME_CLAIMS, splitKey(key))),
    enqueueClaim: (key) => claimController.enqueue(key),
  };

  const claimController = createController({
    name: 'persistentvolume-binder-controller: claims',
    clock,
    logger,
    informers: [volumes, claims, pods, classes],
    async reconcile(key) {
      const claim = objects.claims.get(key);
      return claim === undefined ? undefined : syncClaim(claimsContext, claim);
    },
  });
  const volumeController = createController({
    name: 'persistentvolume-binder-controller: volumes',
    clock,
    logger,
    informers: [volumes, claims, pods],
    async reconcile(name) {
      const volume = objects.volumes.get(name);
      return volume === undefined ? undefined : syncVolume(volumesContext, volume);
    },
  });

  const enqueueWaiting = (className: string, delay = 0): void => {
    for (const claim of claims.store.byIndex(waitingByClass, className)) claimController.enqueueAfter(keyOf(claim), delay);
  };
  /** Claims that a change of the volume concerns: the one that it is kept for, those that name it, and those it may suit when it is free. */
  const volumeChanged = (volume: PersistentVolume): void => {
    volumeController.enqueueObject(volume);
    const key = claimKeyOf(volume);
    if (key !== undefined) claimController.enqueue(key);
    else if (volume.status?.phase === 'Available') enqueueWaiting(classOf(volume), offerDelay);
    claims.store.byIndex(byVolumeName, volume.metadata.name).forEach((claim) => claimController.enqueueObject(claim));
  };
  volumes.addHandler({
    add: volumeChanged,
    update: (_previous, current) => volumeChanged(current),
    delete(last) {
      objects.volumes.forget(keyOf(last));
      volumeChanged(last);
    },
  });
  const volumesOf = (claim: PersistentVolumeClaim): void => {
    for (const volume of volumes.store.byIndex(byClaimRef, keyOf(claim))) volumeController.enqueueObject(volume);
  };
  claims.addHandler({
    add: (claim) => claimController.enqueueObject(claim),
    update(previous, current) {
      claimController.enqueueObject(current);
      if (previous.metadata.uid !== current.metadata.uid || previous.spec.volumeName !== current.spec.volumeName) volumesOf(current);
    },
    delete(last) {
      objects.claims.forget(keyOf(last));
      volumesOf(last);
    },
  });
  const classChanged = ({ metadata }: KubeObject): void => {
    enqueueWaiting(metadata.name);
    enqueueWaiting(openClass);
  };
  classes.addHandler({ add: classChanged, update: (_previous, current) => classChanged(current) });
  const podChanged = (pod: KubeObject): void => {
    const volume = volumeOfRecyclerPod(pod);
    if (volume !== undefined) volumeController.enqueue(volume);
  };
  pods.addHandler({ update: (_previous, current) => podChanged(current), delete: podChanged });

  return {
    start() {
      claimController.start();
      volumeController.start();
    },
    async stop() {
      await Promise.all([claimController.stop(), volumeController.stop()]);
    },
  };
}
