// Keeps as many pods of each replication controller as it asks for: as the controller of replica sets does, with plainer selectors.
// https://kubernetes.io/docs/concepts/workloads/controllers/replicationcontroller/
import type { ReplicationController } from '../../../openapi/types/core.v1.js';
import { REPLICATION_CONTROLLERS } from '../../client/resources.js';
import type { ControllerContext, ControllerDefinition, RunningController } from '../definition.js';
import { createPodKeeperController } from '../replicaset/controller.js';
import type { PodKeeperKind } from '../replicaset/keeper.js';

const replicationControllers: PodKeeperKind<ReplicationController> = {
  type: REPLICATION_CONTROLLERS,
  name: 'replicationcontroller-controller',
  component: 'replication-controller',
  countsTerminating: false,
  selects({ spec }) {
    const wanted = Object.entries(spec.selector ?? {});
    // An empty selector would take every pod of the namespace: the API fills it in from the template.
    return (labels = {}) => wanted.length > 0 && wanted.every(([key, value]) => labels[key] === value);
  },
};

export const replicationControllerController: ControllerDefinition = {
  name: replicationControllers.name,
  account: 'replication-controller',
  create: createReplicationControllerController,
};

export function createReplicationControllerController(context: ControllerContext): RunningController {
  return createPodKeeperController(context, replicationControllers);
}
