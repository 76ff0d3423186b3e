// Feeds the queue and the node cache from the informers, and notes which nodes might now take a pod that had found none.
import type { Node, Pod } from '../../openapi/types/core.v1.js';
import { keyOf } from '../client/keys.js';
import type { Informer } from '../client/informer/types.js';
import type { NodeCache } from './cycle/node-cache.js';
import { createPodInfo, isTerminal } from './cycle/pod-info.js';
import type { ResourceReader } from './cycle/resources.js';
import type { Plugins } from './framework.js';
import type { SchedulingQueue } from './queue/scheduling-queue.js';

export interface WatcherOptions {
  readonly pods: Informer<Pod>;
  readonly nodes: Informer<Node>;
  readonly cache: NodeCache;
  readonly queue: SchedulingQueue;
  readonly reader: ResourceReader;
  readonly plugins: Plugins;
  readonly schedulerName: string;
  /** This node is new, has changed, or has more room than before. */
  readonly nodeImproved: (name: string) => void;
}

/** What of a waiting pod may decide whether it can be scheduled. */
function facts({ spec, metadata }: Pod): string {
  return JSON.stringify([spec, metadata.labels]);
}

/** Whether a running pod's spec is as before; nearly all updates are of the status. */
function sameSpec(one: Pod, other: Pod): boolean {
  return (
    one.spec === other.spec ||
    (one.metadata.generation !== undefined &&
      one.metadata.generation === other.metadata.generation &&
      one.spec.nodeName === other.spec.nodeName)
  );
}

/** Adds the handlers; returns how to remove them. */
export function watchCluster(options: WatcherOptions): () => void {
  const { cache, queue, reader, plugins, schedulerName, nodeImproved } = options;

  const leaveNode = (key: string): void => {
    const node = cache.removePod(key);
    if (node !== undefined) nodeImproved(node);
  };
  const removed = (pod: Pod): void => {
    const key = keyOf(pod);
    queue.remove(key);
    leaveNode(key);
  };
  const changed = (pod: Pod, previous: Pod | undefined): void => {
    if (isTerminal(pod)) return removed(pod);
    const { nodeName } = pod.spec;
    const key = keyOf(pod);
    if (nodeName !== undefined && nodeName !== '') {
      queue.remove(key);
      if (previous && sameSpec(previous, pod) && cache.nodeOf(key) === nodeName) return;
      const before = cache.nodeOf(key);
      cache.setPod(createPodInfo(pod, reader), nodeName);
      // Assumed on another node, or resized: there may be more room than before.
      if (before !== undefined && (before !== nodeName || previous?.spec.nodeName === nodeName)) nodeImproved(before);
      return;
    }
    if ((pod.spec.schedulerName ?? 'default-scheduler') !== schedulerName) return;
    // Assigned by us a moment ago: the version that says so is on its way.
    if (cache.nodeOf(key) !== undefined) return;
    const gated = !plugins.preEnqueue.every((plugin) => plugin.admits(pod));
    queue.set(createPodInfo(pod, reader), previous === undefined || facts(previous) !== facts(pod), gated);
  };

  const registrations = [
    options.pods.addHandler({
      add: (pod) => changed(pod, undefined),
      update: (previous, pod) => {
        if (previous.metadata.uid === pod.metadata.uid) return changed(pod, previous);
        // Deleted and created again under one name, seen at once.
        removed(previous);
        changed(pod, undefined);
      },
      delete: removed,
    }),
    options.nodes.addHandler({
      add: (node) => {
        cache.setNode(node);
        nodeImproved(node.metadata.name);
      },
      update: (_previous, node) => {
        if (cache.setNode(node)) nodeImproved(node.metadata.name);
      },
      delete: (node) => cache.removeNode(node.metadata.name),
    }),
  ];
  return () => registrations.forEach((registration) => registration.remove());
}
