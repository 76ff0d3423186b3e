// Keeps the graph of nodes as the stored pods, volumes, attachments and slices are.
import type { Logger } from '../../../client/logger.js';
import type { Registry } from '../../../registry/index.js';
import type { Storages } from '../../core/resource-storage.js';
import { followStored } from '../follow.js';
import type { NodeGraph } from './graph.js';

const followed = [
  ['', 'pods'],
  ['', 'persistentvolumes'],
  ['storage.k8s.io', 'volumeattachments'],
  ['resource.k8s.io', 'resourceslices'],
] as const;

/** Resolves when the graph holds what is stored now; it follows every change from then on. */
export async function keepNodeGraph(registry: Registry, storages: Storages, graph: NodeGraph, logger: Logger): Promise<void> {
  for (const [group, resource] of followed) {
    const kind = registry.byResource(group, 'v1', resource)!;
    const follower = {
      replace: graph.replace.bind(graph, kind.kind),
      put: graph.put.bind(graph),
      remove: graph.remove.bind(graph),
    };
    await followStored(storages, kind, follower, 'graph of nodes', logger);
  }
}
