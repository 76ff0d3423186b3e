// Turns changes of services and pods into keys of services, for the controllers of endpoints and of endpoint slices.
import type { Pod, Service } from '../../../openapi/types/core.v1.js';
import type { Controller } from '../../client/controller/controller.js';
import { byNamespace } from '../../client/controller/owner-references.js';
import type { InformerFactory } from '../../client/informer/factory.js';
import type { Informer } from '../../client/informer/types.js';
import { keyOf } from '../../client/keys.js';
import { PODS, SERVICES } from '../../client/resources.js';
import { coalescingDelay } from './coalesce.js';
import { differsForServices, hasSelector, selects } from './service-pods.js';

export interface ServiceWatch {
  readonly services: Informer<Service>;
  readonly pods: Informer<Pod>;
  /** All pods that the service selects. */
  podsOf(service: Service): Pod[];
  /** Queues the services that a change of services or pods is about. */
  feed(controller: Pick<Controller, 'enqueueAfter' | 'enqueueObject'>): void;
}

export function createServiceWatch(informers: InformerFactory): ServiceWatch {
  const services = informers.informer(SERVICES, { indexers: { namespace: byNamespace } });
  const pods = informers.informer(PODS, { indexers: { namespace: byNamespace } });
  const podsIn = (namespace: string | undefined): Pod[] => pods.store.byIndex('namespace', namespace ?? '');
  return {
    services,
    pods,
    podsOf: (service) => podsIn(service.metadata.namespace).filter((pod) => selects(service, pod.metadata.labels)),
    feed(controller) {
      /** The number of all pods bounds what a look at a service costs. */
      const enqueue = (...versions: readonly Pod[]): void => {
        const { namespace } = versions[0]!.metadata;
        for (const service of services.store.byIndex('namespace', namespace ?? '')) {
          if (!hasSelector(service) || !versions.some((pod) => selects(service, pod.metadata.labels))) continue;
          controller.enqueueAfter(keyOf(service), coalescingDelay(pods.store.size));
        }
      };
      services.addHandler({
        add: (object) => controller.enqueueObject(object),
        update: (_previous, current) => controller.enqueueObject(current),
        delete: (object) => controller.enqueueObject(object),
      });
      pods.addHandler({
        add: (pod) => enqueue(pod),
        update: (previous, current) => {
          if (differsForServices(previous, current)) enqueue(previous, current);
        },
        delete: (pod) => enqueue(pod),
      });
    },
  };
}
