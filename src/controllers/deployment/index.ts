// Rolls deployments out: one replica set a template, sized by the strategy.
// https://kubernetes.io/docs/concepts/workloads/controllers/deployment/
import type { ReplicaSet } from '../../../openapi/types/apps.v1.js';
import type { KubeObject } from '../../apimachinery/object.js';
import { compileLabelSelector } from '../../apimachinery/selectors/labels.js';
import { claim } from '../../client/controller/claim.js';
import { createController } from '../../client/controller/controller.js';
import { byController, byNamespace, controllerOf } from '../../client/controller/owner-references.js';
import { makeKey } from '../../client/keys.js';
import { DEPLOYMENTS, PODS, REPLICA_SETS } from '../../client/resources.js';
import type { ControllerContext, ControllerDefinition, RunningController } from '../definition.js';
import { syncDeployment } from './sync.js';

export const deploymentController: ControllerDefinition = {
  name: 'deployment-controller',
  account: 'deployment-controller',
  create: createDeploymentController,
};

export function createDeploymentController(context: ControllerContext): RunningController {
  const { client, clock, logger, informers } = context;
  const deployments = informers.informer(DEPLOYMENTS, { indexers: { namespace: byNamespace } });
  const sets = informers.informer(REPLICA_SETS, { indexers: { controller: byController, namespace: byNamespace } });
  const pods = informers.informer(PODS, { indexers: { controller: byController } });
  const tools = { client, recorder: context.recorder('deployment-controller'), now: () => clock.now() };

  const reconcile = async (key: string): Promise<{ requeueAfter: number } | undefined> => {
    const deployment = deployments.store.get(key);
    if (deployment === undefined) return undefined;
    const selector = compileLabelSelector(deployment.spec.selector);
    const owned = await claim({
      client,
      type: REPLICA_SETS,
      owner: deployment,
      ownerType: DEPLOYMENTS,
      matches: (set) => selector.matches(set.metadata.labels),
      candidates: sets.store.byIndex('namespace', deployment.metadata.namespace ?? ''),
    });
    const wait = await syncDeployment(tools, deployment, owned, (set) => pods.store.byIndex('controller', set.metadata.uid));
    return wait === undefined ? undefined : { requeueAfter: wait };
  };

  const controller = createController({
    name: 'deployment-controller',
    clock,
    logger,
    workers: 5,
    informers: [deployments, sets, pods],
    reconcile,
  });
  /** The deployment that controls an object, by reference. */
  const enqueueOwner = (object: KubeObject): boolean => {
    const owner = controllerOf(object);
    if (owner === undefined) return false;
    if (owner.kind === 'Deployment') controller.enqueue(makeKey(object.metadata.namespace, owner.name));
    return true;
  };
  const enqueueMatching = (set: ReplicaSet): void => {
    for (const deployment of deployments.store.byIndex('namespace', set.metadata.namespace ?? '')) {
      if (compileLabelSelector(deployment.spec.selector).matches(set.metadata.labels)) controller.enqueueObject(deployment);
    }
  };
  deployments.addHandler(controller.handler);
  sets.addHandler({
    add: (set) => {
      if (!enqueueOwner(set)) enqueueMatching(set);
    },
    update: (previous, current) => {
      if (controllerOf(previous)?.uid !== controllerOf(current)?.uid) enqueueOwner(previous);
      if (!enqueueOwner(current)) enqueueMatching(current);
    },
    delete: (last) => void enqueueOwner(last),
  });
  // `Recreate` waits for the last old pod to go.
  pods.addHandler({
    delete: (pod) => {
      const owner = controllerOf(pod);
      if (owner?.kind !== 'ReplicaSet') return;
      const set = sets.store.get(makeKey(pod.metadata.namespace, owner.name));
      if (set !== undefined) enqueueOwner(set);
    },
  });
  return controller;
}
