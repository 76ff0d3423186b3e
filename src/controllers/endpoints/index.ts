// Keeps the Endpoints of services with a selector.
// https://kubernetes.io/docs/concepts/services-networking/service/#endpoints
import type { Endpoints, Service } from '../../../openapi/types/core.v1.js';
import { deepEqual } from '../../apimachinery/equality.js';
import { createController } from '../../client/controller/controller.js';
import { splitKey } from '../../client/keys.js';
import { ENDPOINTS } from '../../client/resources.js';
import type { ControllerContext, ControllerDefinition, RunningController } from '../definition.js';
import { isTerminatingNamespace } from '../replicaset/replicas.js';
import { hasSelector, isHeadless, isReachable } from '../shared/service-pods.js';
import { createServiceWatch } from '../shared/service-watch.js';
import { createTriggerTimes, triggerTimeAnnotation } from '../shared/trigger-time.js';
import { subsetsOf } from './subsets.js';
import { unlessGone } from '../shared/gone.js';

export const endpointsController: ControllerDefinition = {
  name: 'endpoints-controller',
  account: 'endpoint-controller',
  create: createEndpointsController,
};

const managedBy = 'endpoints.kubernetes.io/managed-by';
const manager = 'endpoint-controller';
const headless = 'service.kubernetes.io/headless';
const overCapacity = 'endpoints.kubernetes.io/over-capacity';

export function createEndpointsController({ client, clock, logger, informers }: ControllerContext): RunningController {
  const watch = createServiceWatch(informers);
  const endpoints = informers.informer(ENDPOINTS);
  const triggers = createTriggerTimes();

  const write = async (
    service: Service,
    known: Endpoints | undefined,
    wanted: ReturnType<typeof subsetsOf>,
    trigger: string | undefined,
  ): Promise<void> => {
    const { name, namespace } = service.metadata;
    const labels = { ...service.metadata.labels, [managedBy]: manager, ...(isHeadless(service) ? { [headless]: '' } : {}) };
    const { [triggerTimeAnnotation]: _trigger, [overCapacity]: capacity, ...others } = known?.metadata.annotations ?? {};
    const same =
      known !== undefined &&
      deepEqual(known.subsets ?? [], wanted.subsets) &&
      deepEqual(known.metadata.labels ?? {}, labels) &&
      (capacity !== undefined) === wanted.truncated;
    if (same) return;
    const annotations = {
      ...others,
      ...(trigger === undefined ? {} : { [triggerTimeAnnotation]: trigger }),
      ...(wanted.truncated ? { [overCapacity]: 'truncated' } : {}),
    };
    const subsets = wanted.subsets.length > 0 ? { subsets: wanted.subsets } : {};
    if (known !== undefined) {
      const { subsets: _old, ...rest } = known;
      await client.update(ENDPOINTS, { ...rest, metadata: { ...known.metadata, labels, annotations }, ...subsets });
      return;
    }
    try {
      await client.create(ENDPOINTS, {
        apiVersion: 'v1',
        kind: 'Endpoints',
        metadata: { name, namespace, labels, annotations },
        ...subsets,
      });
    } catch (error) {
      if (!isTerminatingNamespace(error)) throw error;
    }
  };

  const controller = createController({
    name: 'endpoints-controller',
    clock,
    logger,
    workers: 5,
    informers: [watch.services, watch.pods, endpoints],
    async reconcile(key) {
      const service = watch.services.store.get(key);
      const known = endpoints.store.get(key);
      if (service === undefined) {
        triggers.forget(key);
        if (known === undefined || known.metadata.labels?.[managedBy] !== manager) return;
        await unlessGone(client.delete(ENDPOINTS, splitKey(key), { preconditions: { uid: known.metadata.uid } }));
        return;
      }
      if (!hasSelector(service)) return;
      const pods = watch.podsOf(service);
      await write(service, known, subsetsOf(service, pods), triggers.next(key, service, pods.filter(isReachable)));
    },
  });
  watch.feed(controller);
  // What is left of services deleted while nobody looked, and what others change or delete.
  endpoints.addHandler({
    add: (object) => controller.enqueueObject(object),
    update: (_previous, current) => controller.enqueueObject(current),
    delete: (object) => controller.enqueueObject(object),
  });
  return controller;
}
