// Feeds the queue and the node cache from the informers, and tells the queue what happened that might help pods which wait.
import type { Node, Pod } from '../../openapi/types/core.v1.js';
import type { KubeObject } from '../apimachinery/object.js';
import { keyOf } from '../client/keys.js';
import type { Informer } from '../client/informer/types.js';
import type { NodeCache } from './cycle/node-cache.js';
import { createPodInfo, isTerminal } from './cycle/pod-info.js';
import type { ResourceReader } from './cycle/resources.js';
import type { ClusterEvent, EventResource, NodeInfo, PodInfo } from './framework.js';
import type { Listers } from './listers.js';
import type { MutableNominations } from './nominations.js';
import type { SchedulingQueue } from './queue/scheduling-queue.js';
import type { MutableTopologyIndex } from './topology/topology-index.js';

export interface WatcherOptions {
  readonly pods: Informer<Pod>;
  readonly nodes: Informer<Node>;
  readonly listers: Listers;
  readonly cache: NodeCache;
  readonly topology: MutableTopologyIndex;
  readonly nominations: MutableNominations;
  /** Absent: nobody waits (to explain a pod, the cluster as it is now is enough). */
  readonly queue?: SchedulingQueue;
  readonly reader: ResourceReader;
  /** Whether a pod is for one of the profiles. */
  readonly isOurs: (pod: Pod) => boolean;
  readonly isGated: (pod: Pod) => boolean;
  /** The pod is gone or has ended: nothing more is to be done for it. */
  readonly gone?: (key: string) => void;
}

/** What of a waiting pod may decide whether it can be scheduled. */
function facts({ spec, metadata }: Pod): string {
  return JSON.stringify([spec, metadata.labels]);
}

/** Whether a pod on a node is as before for scheduling; nearly all updates are of the rest of the status. */
function sameForScheduling(one: Pod, other: Pod): boolean {
  const [before, now] = [one.metadata, other.metadata];
  const sameSpec = one.spec === other.spec || (before.generation !== undefined && before.generation === now.generation);
  return (
    sameSpec &&
    one.spec.nodeName === other.spec.nodeName &&
    before.deletionTimestamp === now.deletionTimestamp &&
    (before.labels === now.labels || JSON.stringify(before.labels) === JSON.stringify(now.labels)) &&
    sameResources(one, other)
  );
}

function sameResources({ status: one }: Pod, { status: other }: Pod): boolean {
  const held = (status: Pod['status']): string =>
    JSON.stringify([
      (status?.containerStatuses ?? []).map(({ resources, allocatedResources }) => [resources, allocatedResources]),
      status?.conditions?.find(({ type }) => type === 'PodResizePending'),
      status?.startTime,
      status?.conditions?.find(({ type }) => type === 'DisruptionTarget')?.reason,
    ]);
  return one === other || held(one) === held(other);
}

/** Adds the handlers; returns how to remove them. */
export function watchCluster(options: WatcherOptions): () => void {
  const { cache, queue, reader, topology, nominations, listers } = options;

  const wake = (resource: EventResource, change: ClusterEvent['change'], object: KubeObject, more: Partial<ClusterEvent> = {}): void =>
    queue?.wake({ resource, change, object, ...more });
  const podEvent = (resource: EventResource, change: ClusterEvent['change'], pod: PodInfo, node: NodeInfo): void =>
    wake(resource, change, pod.pod, { pod, node });

  const removed = (pod: Pod): void => {
    const key = keyOf(pod);
    queue?.remove(key);
    nominations.delete(key);
    options.gone?.(key);
    const left = cache.removePod(key);
    if (left !== undefined) podEvent('podDeleted', 'delete', left.pod, left.node);
  };
  const placed = (pod: Pod, nodeName: string, previous: Pod | undefined): void => {
    const key = keyOf(pod);
    queue?.remove(key);
    nominations.delete(key);
    const before = cache.nodeOf(key);
    const assumed = previous?.spec.nodeName !== nodeName;
    if (!assumed && sameForScheduling(previous, pod) && before?.name === nodeName) return;
    const info = createPodInfo(pod, reader);
    cache.setPod(info, nodeName);
    const node = cache.nodeOf(key)!;
    // Assumed on another node: that one has more room than was thought.
    if (before !== undefined && before.name !== nodeName) podEvent('podDeleted', 'delete', info, before);
    podEvent(assumed ? 'podAdded' : 'podUpdated', assumed ? 'add' : 'update', info, node);
  };
  const changed = (pod: Pod, previous: Pod | undefined): void => {
    if (isTerminal(pod)) return removed(pod);
    const { nodeName } = pod.spec;
    if (nodeName !== undefined && nodeName !== '') return placed(pod, nodeName, previous);
    if (!options.isOurs(pod)) return;
    const key = keyOf(pod);
    // Assigned by us a moment ago: the version that says so is on its way.
    if (cache.nodeOf(key) !== undefined) return;
    const info = createPodInfo(pod, reader);
    nominations.set(info, pod.status?.nominatedNodeName);
    queue?.set(info, previous === undefined || facts(previous) !== facts(pod), options.isGated(pod));
  };
  const heard = <T extends KubeObject>(informer: Informer<T>, resource: EventResource, also?: () => void): (() => void) => {
    const registration = informer.addHandler({
      add: (object) => {
        also?.();
        wake(resource, 'add', object);
      },
      update: (previous, object) => {
        if (previous.metadata.resourceVersion === object.metadata.resourceVersion) return;
        also?.();
        wake(resource, 'update', object, { previous });
      },
      delete: (object) => {
        also?.();
        wake(resource, 'delete', object);
      },
    });
    return () => registration.remove();
  };
  const regate = (): void => queue?.ungate(({ pod }) => options.isGated(pod));

  const pods = options.pods.addHandler({
    add: (pod) => changed(pod, undefined),
    update: (previous, pod) => {
      if (previous.metadata.uid === pod.metadata.uid) return changed(pod, previous);
      // Deleted and created again under one name, seen at once.
      removed(previous);
      changed(pod, undefined);
    },
    delete: removed,
  });
  const nodeSeen = (node: Node, change: 'add' | 'update'): void => {
    if (cache.setNode(node)) wake('node', change, node, { node: cache.get(node.metadata.name) });
  };
  const nodes = options.nodes.addHandler({
    add: (node) => nodeSeen(node, 'add'),
    update: (_previous, node) => nodeSeen(node, 'update'),
    delete: (node) => {
      cache.removeNode(node.metadata.name);
      wake('node', 'delete', node);
    },
  });
  const others = [
    heard(listers.namespaces, 'namespace', () => topology.namespaceChanged()),
    heard(listers.persistentVolumes, 'persistentVolume'),
    heard(listers.persistentVolumeClaims, 'persistentVolumeClaim'),
    heard(listers.storageClasses, 'storageClass'),
    heard(listers.csiNodes, 'csiNode'),
    heard(listers.csiDrivers, 'csiDriver'),
    heard(listers.csiStorageCapacities, 'csiStorageCapacity'),
    heard(listers.volumeAttachments, 'volumeAttachment'),
    heard(listers.resourceClaims, 'resourceClaim', regate),
    heard(listers.resourceSlices, 'resourceSlice'),
    heard(listers.deviceClasses, 'deviceClass'),
  ];
  return () => {
    pods.remove();
    nodes.remove();
    others.forEach((remove) => remove());
  };
}
