// Keeps the service account `default` in every namespace.
// https://kubernetes.io/docs/concepts/security/service-accounts/#default-service-accounts
import { isReason } from '../../apimachinery/errors/api-error.js';
import { createController } from '../../client/controller/controller.js';
import { NAMESPACES, SERVICE_ACCOUNTS } from '../../client/resources.js';
import { isTerminatingNamespace } from '../replicaset/replicas.js';
import type { ControllerContext, ControllerDefinition, RunningController } from '../definition.js';

export const serviceAccountController: ControllerDefinition = {
  name: 'serviceaccount-controller',
  account: 'service-account-controller',
  create: createServiceAccountController,
};

const name = 'default';

export function createServiceAccountController({ client, clock, logger, informers }: ControllerContext): RunningController {
  const namespaces = informers.informer(NAMESPACES);
  const accounts = informers.informer(SERVICE_ACCOUNTS);
  const controller = createController({
    name: 'serviceaccount-controller',
    clock,
    logger,
    informers: [namespaces, accounts],
    async reconcile(namespace) {
      const found = namespaces.store.get(namespace);
      if (found === undefined || found.status.phase === 'Terminating' || accounts.store.get(`${namespace}/${name}`) !== undefined) return;
      try {
        await client.create(SERVICE_ACCOUNTS, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } });
      } catch (error) {
        if (!isReason(error, 'AlreadyExists') && !isTerminatingNamespace(error)) throw error;
      }
    },
  });
  namespaces.addHandler({
    add: (object) => controller.enqueueObject(object),
    update: (_previous, current) => controller.enqueueObject(current),
  });
  accounts.addHandler({
    delete: ({ metadata }) => {
      if (metadata.name === name && metadata.namespace !== undefined) controller.enqueue(metadata.namespace);
    },
  });
  return controller;
}
