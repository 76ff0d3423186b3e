// Gives each node a range of the cluster's pod addresses.
// https://kubernetes.io/docs/concepts/cluster-administration/networking/
import type { Node } from '../../../openapi/types/core.v1.js';
import { createController } from '../../client/controller/controller.js';
import { NODES } from '../../client/resources.js';
import type { ControllerContext, ControllerDefinition, RunningController } from '../definition.js';
import { createCidrSet } from './cidr-set.js';

export const nodeIpamController: ControllerDefinition = {
  name: 'node-ipam-controller',
  account: 'node-controller',
  create: createNodeIpamController,
};

const clusterCidr = '10.244.0.0/16';
/** For the nodes beyond the 256 for which the usual range has room: enough for the most that a cluster may have. */
const moreCidr = '10.128.0.0/10';
const nodeMask = 24;

export function createNodeIpamController(context: ControllerContext): RunningController {
  const { client, clock, logger, informers } = context;
  const nodes = informers.informer(NODES);
  const recorder = context.recorder('cidrAllocator');
  const sets = [clusterCidr, moreCidr].map((cidr) => createCidrSet(cidr, nodeMask));
  const take = (): string | undefined => {
    for (const set of sets) {
      const cidr = set.take();
      if (cidr !== undefined) return cidr;
    }
    return undefined;
  };
  /** Ranges given out that the informer may not show yet, by node. */
  const given = new Map<string, string>();

  const controller = createController({
    name: 'node-ipam-controller',
    clock,
    logger,
    informers: [nodes],
    async reconcile(name) {
      const node = nodes.store.get(name);
      if (node === undefined || (node.spec.podCIDR ?? '') !== '') return;
      const cidr = given.get(name) ?? take();
      if (cidr === undefined) {
        recorder.event(
          { apiVersion: 'v1', kind: 'Node', name, uid: node.metadata.uid },
          'Normal',
          'CIDRNotAvailable',
          `Node ${name} status is now: CIDRNotAvailable`,
        );
        throw new Error(`no range of pod addresses is left for node ${name}`);
      }
      given.set(name, cidr);
      await client.patch(NODES, { name }, 'strategic', { spec: { podCIDR: cidr, podCIDRs: [cidr] } });
    },
  });
  const see = (node: Node): void => {
    if (node.spec.podCIDR !== undefined && node.spec.podCIDR !== '') {
      for (const set of sets) set.mark(node.spec.podCIDR);
      given.set(node.metadata.name, node.spec.podCIDR);
    } else controller.enqueueObject(node);
  };
  nodes.addHandler({
    add: see,
    update: (_previous, current) => see(current),
    delete: ({ metadata }) => {
      const cidr = given.get(metadata.name);
      given.delete(metadata.name);
      if (cidr !== undefined) for (const set of sets) set.release(cidr);
    },
  });
  return controller;
}
