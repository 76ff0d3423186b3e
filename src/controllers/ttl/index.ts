// Tells kubelets how long they may cache secrets and config maps: longer in larger clusters.
// https://kubernetes.io/docs/reference/labels-annotations-taints/#node-alpha-kubernetes-io-ttl
import { createController } from '../../client/controller/controller.js';
import { NODES } from '../../client/resources.js';
import type { ControllerContext, ControllerDefinition, RunningController } from '../definition.js';
import { unlessGone } from '../shared/gone.js';

export const ttlController: ControllerDefinition = { name: 'ttl-controller', account: 'ttl-controller', create: createTtlController };

const annotation = 'node.alpha.kubernetes.io/ttl';

/** Up to so many nodes, so many seconds. */
const steps: readonly (readonly [nodes: number, seconds: number])[] = [
  [100, 0],
  [500, 15],
  [1000, 30],
  [2000, 60],
];
const longest = 300;

/** The seconds for a cluster of this many nodes. */
export function ttlSeconds(nodes: number): number {
  return steps.find(([most]) => nodes <= most)?.[1] ?? longest;
}

export function createTtlController({ client, clock, logger, informers }: ControllerContext): RunningController {
  const nodes = informers.informer(NODES);
  const controller = createController({
    name: 'ttl-controller',
    clock,
    logger,
    informers: [nodes],
    async reconcile(name) {
      const node = nodes.store.get(name);
      const ttl = String(ttlSeconds(nodes.store.size));
      if (node === undefined || node.metadata.annotations?.[annotation] === ttl) return;
      await unlessGone(client.patch(NODES, { name }, 'strategic', { metadata: { annotations: { [annotation]: ttl } } }));
    },
  });
  let before = 0;
  /** All nodes are looked at again only when the cluster's size passes a step. */
  const counted = (): void => {
    const seconds = ttlSeconds(nodes.store.size);
    if (seconds === before) return;
    before = seconds;
    for (const node of nodes.store.list()) controller.enqueueObject(node);
  };
  nodes.addHandler({
    add: (node) => {
      controller.enqueueObject(node);
      counted();
    },
    update: (_previous, current) => controller.enqueueObject(current),
    delete: counted,
  });
  return controller;
}
