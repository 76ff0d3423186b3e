// Creates the claims of pods' ephemeral volumes, owned by their pods, so that they go with them.
// https://kubernetes.io/docs/concepts/storage/ephemeral-volumes/#generic-ephemeral-volumes
import type { PersistentVolumeClaim, Pod, Volume } from '../../../openapi/types/core.v1.js';
import { isReason } from '../../apimachinery/errors/api-error.js';
import type { Draft } from '../../apimachinery/object.js';
import { createController } from '../../client/controller/controller.js';
import { controllerReference, isControlledBy } from '../../client/controller/owner-references.js';
import { keyOf, makeKey } from '../../client/keys.js';
import { errorText } from '../../client/logger.js';
import { PERSISTENT_VOLUME_CLAIMS, PODS } from '../../client/resources.js';
import type { ControllerContext, ControllerDefinition, RunningController } from '../definition.js';
import { isTerminatingNamespace } from '../shared/pod-control.js';
import { isPodTerminal } from '../shared/pods.js';
import { claimKeysOfPod, ephemeralClaimName } from '../shared/volumes.js';

export const ephemeralVolumeController: ControllerDefinition = {
  name: 'ephemeral-volume-controller',
  account: 'ephemeral-volume-controller',
  create: createEphemeralVolumeController,
};

/** The index of pods with ephemeral volumes by the keys of their claims. */
const byEphemeralClaim = 'ephemeralClaims';

function isEphemeral({ ephemeral }: Volume): boolean {
  return ephemeral?.volumeClaimTemplate !== undefined;
}

function needsClaims(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp === undefined && !isPodTerminal(pod) && (pod.spec.volumes?.some(isEphemeral) ?? false);
}

export function createEphemeralVolumeController(context: ControllerContext): RunningController {
  const { client, clock, logger, informers } = context;
  const recorder = context.recorder('ephemeral_volume');
  const pods = informers.informer(PODS, {
    indexers: { [byEphemeralClaim]: (pod) => (pod.spec?.volumes?.some(isEphemeral) ? claimKeysOfPod(pod) : []) },
  });
  const claims = informers.informer(PERSISTENT_VOLUME_CLAIMS);

  const ensureClaim = async (pod: Pod, volume: Volume): Promise<void> => {
    const claimName = ephemeralClaimName(pod, volume.name);
    const { namespace } = pod.metadata;
    const notOwned = `PVC ${makeKey(namespace, claimName)} was not created for pod ${keyOf(pod)} (pod is not owner)`;
    const fail = (why: string): void => recorder.event(pod, 'Warning', 'FailedBinding', `ephemeral volume ${volume.name}: ${why}`);
    const known = claims.store.get(makeKey(namespace, claimName));
    if (known !== undefined) return isControlledBy(known, pod) ? undefined : fail(notOwned);
    try {
      await client.create(PERSISTENT_VOLUME_CLAIMS, claimFor(pod, volume, claimName));
    } catch (error) {
      // The informer is behind: its next event has the claim looked at, whoever owns it.
      if (isReason(error, 'AlreadyExists') || isTerminatingNamespace(error)) return;
      fail(`create PVC ${claimName}: ${errorText(error)}`);
      throw error;
    }
  };

  const controller = createController({
    name: 'ephemeral-volume-controller',
    clock,
    logger,
    informers: [pods, claims],
    workers: 4,
    async reconcile(key) {
      const pod = pods.store.get(key);
      if (pod === undefined || !needsClaims(pod)) return;
      for (const volume of pod.spec.volumes ?? []) if (isEphemeral(volume)) await ensureClaim(pod, volume);
    },
  });
  pods.addHandler({
    add(pod) {
      if (needsClaims(pod)) controller.enqueueObject(pod);
    },
    update(previous, current) {
      if (previous.metadata.uid !== current.metadata.uid && needsClaims(current)) controller.enqueueObject(current);
    },
  });
  const enqueueUsers = (claim: PersistentVolumeClaim): void =>
    pods.store
      .byIndex(byEphemeralClaim, keyOf(claim))
      .filter(needsClaims)
      .forEach((pod) => controller.enqueueObject(pod));
  claims.addHandler({ add: enqueueUsers, delete: enqueueUsers });
  return controller;
}

function claimFor(pod: Pod, { ephemeral }: Volume, name: string): Draft<PersistentVolumeClaim> {
  const { metadata, spec } = ephemeral?.volumeClaimTemplate ?? {};
  return {
    metadata: {
      name,
      namespace: pod.metadata.namespace,
      ...(metadata?.labels === undefined ? {} : { labels: metadata.labels }),
      ...(metadata?.annotations === undefined ? {} : { annotations: metadata.annotations }),
      ownerReferences: [controllerReference(pod)],
    },
    spec: { ...spec },
  };
}
