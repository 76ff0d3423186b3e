// Keeps the config map `kube-root-ca.crt` in every namespace, so that pods can verify the API server.
// https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#bound-service-account-tokens
import type { ConfigMap } from '../../../openapi/types/core.v1.js';
import { deepEqual } from '../../apimachinery/equality.js';
import { isReason } from '../../apimachinery/errors/api-error.js';
import { createController } from '../../client/controller/controller.js';
import { CONFIG_MAPS, NAMESPACES } from '../../client/resources.js';
import { isTerminatingNamespace } from '../replicaset/replicas.js';
import type { ControllerContext, ControllerDefinition, RunningController } from '../definition.js';

export const rootCaController: ControllerDefinition = {
  name: 'root-ca-certificate-publisher-controller',
  account: 'root-ca-cert-publisher',
  create: createRootCaController,
};

const name = 'kube-root-ca.crt';
const annotation = 'kubernetes.io/description';
const description =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.';

export function createRootCaController({ client, clock, logger, informers, ca }: ControllerContext): RunningController {
  const namespaces = informers.informer(NAMESPACES);
  const maps = informers.informer(CONFIG_MAPS, { fieldSelector: `metadata.name=${name}` });
  const data = { 'ca.crt': ca };

  const create = async (namespace: string): Promise<void> => {
    try {
      await client.create(CONFIG_MAPS, {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name, namespace, annotations: { [annotation]: description } },
        data,
      });
    } catch (error) {
      if (!isReason(error, 'AlreadyExists') && !isTerminatingNamespace(error)) throw error;
    }
  };
  const isRight = (map: ConfigMap): boolean => deepEqual(map.data, data) && map.metadata.annotations?.[annotation] === description;

  const controller = createController({
    name: 'root-ca-certificate-publisher-controller',
    clock,
    logger,
    informers: [namespaces, maps],
    async reconcile(namespace) {
      const found = namespaces.store.get(namespace);
      if (found === undefined || found.status.phase === 'Terminating') return;
      const map = maps.store.get(`${namespace}/${name}`);
      if (map === undefined) return create(namespace);
      if (isRight(map)) return;
      const annotations = { ...map.metadata.annotations, [annotation]: description };
      await client.update(CONFIG_MAPS, { ...map, metadata: { ...map.metadata, annotations }, data });
    },
  });
  const enqueueNamespace = ({ metadata }: ConfigMap): void => {
    if (metadata.name === name && metadata.namespace !== undefined) controller.enqueue(metadata.namespace);
  };
  namespaces.addHandler({
    add: (object) => controller.enqueueObject(object),
    update: (_previous, current) => controller.enqueueObject(current),
  });
  maps.addHandler({ update: (_previous, current) => enqueueNamespace(current), delete: enqueueNamespace });
  return controller;
}
