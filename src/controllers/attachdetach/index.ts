// Has the volumes of drivers attached to the nodes whose pods use them, and detached when they do not any more.
// https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/volume-attachment-v1/
import type { Node, PersistentVolume, PersistentVolumeClaim, Pod } from '../../../openapi/types/core.v1.js';
import type { VolumeAttachment } from '../../../openapi/types/storage.v1.js';
import { deepEqual } from '../../apimachinery/equality.js';
import { createController } from '../../client/controller/controller.js';
import { keyOf } from '../../client/keys.js';
import { CSI_DRIVERS, NODES, PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, PODS, VOLUME_ATTACHMENTS } from '../../client/resources.js';
import type { ControllerContext, ControllerDefinition, RunningController } from '../definition.js';
import { claimKeyOf, claimKeysOfPod } from '../shared/volumes.js';
import { byAttachedNode, byAttachedVolume, reconcileNode, type NodesContext } from './reconcile.js';
import { attachingNodeOf, byAttachingNode } from './wanted.js';

export const attachDetachController: ControllerDefinition = {
  name: 'persistentvolume-attach-detach-controller',
  account: 'attachdetach-controller',
  create: createAttachDetachController,
};

/** The index of pods by the keys of the claims that they name; the binder's, with its function. */
const byClaim = 'namedClaims';

/** Its queue holds the names of nodes. */
export function createAttachDetachController(context: ControllerContext): RunningController {
  const { client, clock, logger, informers } = context;
  const pods = informers.informer(PODS, { indexers: { [byAttachingNode]: attachingNodeOf, [byClaim]: claimKeysOfPod } });
  const claims = informers.informer(PERSISTENT_VOLUME_CLAIMS);
  const volumes = informers.informer(PERSISTENT_VOLUMES);
  const nodes = informers.informer(NODES);
  const drivers = informers.informer(CSI_DRIVERS);
  const attachments = informers.informer(VOLUME_ATTACHMENTS, {
    indexers: {
      [byAttachedNode]: ({ spec }) => [spec.nodeName],
      [byAttachedVolume]: ({ spec }) => (spec.source.persistentVolumeName === undefined ? [] : [spec.source.persistentVolumeName]),
    },
  });
  const state: NodesContext = {
    client,
    clock,
    recorder: context.recorder('attachdetach-controller'),
    pods: pods.store,
    claims: claims.store,
    volumes: volumes.store,
    nodes: nodes.store,
    drivers: drivers.store,
    attachments: attachments.store,
    news: new Map(),
    refused: new Map(),
    asked: new Map(),
    leaving: new Map(),
  };
  const controller = createController({
    name: 'persistentvolume-attach-detach-controller',
    clock,
    logger,
    informers: [pods, claims, volumes, nodes, drivers, attachments],
    workers: 4,
    reconcile: (name) => reconcileNode(state, name),
  });

  const podChanged = (pod: Pod): void => attachingNodeOf(pod).forEach((node) => controller.enqueue(node));
  pods.addHandler({
    add: podChanged,
    update(previous, current) {
      const [before] = attachingNodeOf(previous);
      const [now] = attachingNodeOf(current);
      if (before === now && previous.metadata.uid === current.metadata.uid) return;
      podChanged(previous);
      podChanged(current);
    },
    delete: podChanged,
  });
  const usersChanged = (claimKey: string): void => pods.store.byIndex(byClaim, claimKey).forEach(podChanged);
  claims.addHandler({
    add: (claim) => usersChanged(keyOf(claim)),
    update(previous: PersistentVolumeClaim, current) {
      if (previous.spec.volumeName !== current.spec.volumeName) usersChanged(keyOf(current));
    },
  });
  const volumeChanged = (volume: PersistentVolume): void => {
    const key = volume.spec.csi === undefined ? undefined : claimKeyOf(volume);
    if (key !== undefined) usersChanged(key);
  };
  volumes.addHandler({
    add: volumeChanged,
    update(previous, current) {
      if (claimKeyOf(previous) !== claimKeyOf(current)) volumeChanged(current);
    },
  });
  const attachmentChanged = ({ spec }: VolumeAttachment): void => controller.enqueue(spec.nodeName);
  /** The nodes whose pods use the volume: one of them may have waited for what has just changed. */
  const usersOf = ({ spec }: VolumeAttachment): void => {
    const volume = volumes.store.get(spec.source.persistentVolumeName ?? '');
    if (volume !== undefined) volumeChanged(volume);
  };
  attachments.addHandler({
    add(attachment) {
      state.asked.delete(attachment.spec.source.persistentVolumeName ?? '');
      attachmentChanged(attachment);
      usersOf(attachment);
    },
    update(previous, current) {
      const { name } = current.metadata;
      if (current.status?.attached === true && previous.status?.attached !== true) state.news.set(name, 'attached');
      const failure = current.status?.attachError;
      if (failure !== undefined && !deepEqual(failure, previous.status?.attachError)) state.news.set(name, 'failed');
      attachmentChanged(current);
    },
    delete(last) {
      state.news.delete(last.metadata.name);
      state.leaving.delete(last.metadata.name);
      attachmentChanged(last);
      state.asked.delete(last.spec.source.persistentVolumeName ?? '');
      usersOf(last);
    },
  });
  const concerned = (name: string): boolean =>
    attachments.store.byIndex(byAttachedNode, name).length > 0 || pods.store.byIndex(byAttachingNode, name).length > 0;
  const differs = (one: Node, other: Node): boolean =>
    !deepEqual(one.status?.volumesInUse, other.status?.volumesInUse) ||
    !deepEqual(one.status?.volumesAttached, other.status?.volumesAttached) ||
    !deepEqual(one.spec?.taints, other.spec?.taints) ||
    !deepEqual(one.metadata.annotations, other.metadata.annotations);
  nodes.addHandler({
    add: ({ metadata }) => (concerned(metadata.name) ? controller.enqueue(metadata.name) : undefined),
    update(previous, current) {
      if (concerned(current.metadata.name) && differs(previous, current)) controller.enqueueObject(current);
    },
    delete: ({ metadata }) => (concerned(metadata.name) ? controller.enqueue(metadata.name) : undefined),
  });
  return controller;
}
