// Keeps as many pods of each replica set as it asks for.
// https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/
import type { ReplicaSet } from '../../../openapi/types/apps.v1.js';
import { compileLabelSelector } from '../../apimachinery/selectors/labels.js';
import { REPLICA_SETS } from '../../client/resources.js';
import type { ControllerContext, ControllerDefinition, RunningController } from '../definition.js';
import { createPodKeeperController } from './controller.js';
import type { PodKeeperKind } from './keeper.js';

const replicaSets: PodKeeperKind<ReplicaSet> = {
  type: REPLICA_SETS,
  name: 'replicaset-controller',
  component: 'replicaset-controller',
  countsTerminating: true,
  selects(set) {
    const selector = compileLabelSelector(set.spec.selector);
    return (labels) => selector.matches(labels);
  },
};

export const replicaSetController: ControllerDefinition = {
  name: replicaSets.name,
  account: 'replicaset-controller',
  create: createReplicaSetController,
};

export function createReplicaSetController(context: ControllerContext): RunningController {
  return createPodKeeperController(context, replicaSets);
}
