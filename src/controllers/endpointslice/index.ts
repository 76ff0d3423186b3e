// Keeps the endpoint slices of services with a selector.
// https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/
import type { EndpointSlice } from '../../../openapi/types/discovery.v1.js';
import type { Service } from '../../../openapi/types/core.v1.js';
import { deepEqual } from '../../apimachinery/equality.js';
import type { Draft } from '../../apimachinery/object.js';
import { createController } from '../../client/controller/controller.js';
import { createExpectations } from '../../client/controller/expectations.js';
import { controllerReference } from '../../client/controller/owner-references.js';
import { makeKey } from '../../client/keys.js';
import { ENDPOINT_SLICES } from '../../client/resources.js';
import type { ControllerContext, ControllerDefinition, RunningController } from '../definition.js';
import { isTerminatingNamespace } from '../replicaset/replicas.js';
import { hasSelector, isHeadless, isReachable } from '../shared/service-pods.js';
import { createServiceWatch } from '../shared/service-watch.js';
import { createTriggerTimes, triggerTimeAnnotation } from '../shared/trigger-time.js';
import { addressTypesOf, desiredGroups, type AddressType } from './desired.js';
import { planSlices, type SliceContent } from './plan.js';
import { unlessGone } from '../shared/gone.js';
import { feedSlices } from '../shared/slice-events.js';

export const endpointSliceController: ControllerDefinition = {
  name: 'endpointslice-controller',
  account: 'endpointslice-controller',
  create: createEndpointSliceController,
};

const managedBy = 'endpointslice.kubernetes.io/managed-by';
const manager = 'endpointslice-controller.k8s.io';
const serviceName = 'kubernetes.io/service-name';
const headless = 'service.kubernetes.io/headless';

function serviceKey({ metadata }: EndpointSlice): string | undefined {
  const name = metadata.labels?.[serviceName];
  return name === undefined || metadata.labels?.[managedBy] !== manager ? undefined : makeKey(metadata.namespace, name);
}

export function createEndpointSliceController({ client, clock, logger, informers }: ControllerContext): RunningController {
  const watch = createServiceWatch(informers);
  const slices = informers.informer(ENDPOINT_SLICES, { indexers: { service: (slice) => [serviceKey(slice) ?? ''] } });
  const triggers = createTriggerTimes();
  const expectations = createExpectations(clock);

  const labelsFor = (service: Service): Record<string, string> => ({
    ...service.metadata.labels,
    ...(isHeadless(service) ? { [headless]: '' } : {}),
    [serviceName]: service.metadata.name,
    [managedBy]: manager,
  });
  const contentOf = ({ ports, endpoints }: SliceContent): Pick<Draft<EndpointSlice>, 'ports' | 'endpoints'> => ({
    ...(endpoints.length > 0 ? { endpoints } : {}),
    ...(ports.length > 0 ? { ports } : {}),
  });
  const annotated = (known: Readonly<Record<string, string>> | undefined, trigger: string | undefined): Record<string, string> => {
    const { [triggerTimeAnnotation]: _, ...others } = known ?? {};
    return { ...others, ...(trigger === undefined ? {} : { [triggerTimeAnnotation]: trigger }) };
  };

  const create = async (
    key: string,
    service: Service,
    addressType: AddressType,
    content: SliceContent,
    trigger: string | undefined,
  ): Promise<void> => {
    const { name, namespace } = service.metadata;
    expectations.expectCreations(key, 1);
    try {
      await client.create(ENDPOINT_SLICES, {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: {
          generateName: `${name}-`,
          namespace,
          labels: labelsFor(service),
          annotations: annotated(undefined, trigger),
          ownerReferences: [controllerReference(service)],
        },
        addressType,
        ...contentOf(content),
      });
    } catch (error) {
      expectations.creationObserved(key);
      if (!isTerminatingNamespace(error)) throw error;
    }
  };
  const update = async (service: Service, slice: EndpointSlice, content: SliceContent, trigger: string | undefined): Promise<void> => {
    const { endpoints: _endpoints, ports: _ports, ...rest } = slice;
    const metadata = {
      ...slice.metadata,
      labels: labelsFor(service),
      annotations: annotated(slice.metadata.annotations, trigger),
      ownerReferences: [controllerReference(service)],
    };
    await client.update(ENDPOINT_SLICES, { ...rest, metadata, ...contentOf(content) });
  };
  const remove = async (slice: EndpointSlice): Promise<void> => {
    await unlessGone(client.delete(ENDPOINT_SLICES, slice.metadata, { preconditions: { uid: slice.metadata.uid } }));
  };

  const syncFamily = async (
    key: string,
    service: Service,
    addressType: AddressType,
    own: readonly EndpointSlice[],
    trigger: string | undefined,
  ): Promise<void> => {
    const plan = planSlices(desiredGroups(service, watch.podsOf(service), addressType), own);
    const labels = labelsFor(service);
    const updated = new Set(plan.update.map(({ slice }) => slice));
    const removed = new Set(plan.remove);
    const mislabelled = own.filter((slice) => !updated.has(slice) && !removed.has(slice) && !deepEqual(slice.metadata.labels, labels));
    await Promise.all([
      ...plan.create.map((content) => create(key, service, addressType, content, trigger)),
      ...plan.update.map(({ slice, content }) => update(service, slice, content, trigger)),
      ...mislabelled.map((slice) => update(service, slice, { ports: slice.ports ?? [], endpoints: slice.endpoints ?? [] }, trigger)),
      ...plan.remove.map(remove),
    ]);
  };

  const controller = createController({
    name: 'endpointslice-controller',
    clock,
    logger,
    workers: 5,
    informers: [watch.services, watch.pods, slices],
    async reconcile(key) {
      const service = watch.services.store.get(key);
      if (service === undefined) {
        // The slices go with their owner.
        triggers.forget(key);
        expectations.delete(key);
        return;
      }
      // A slice made a moment ago that the informer does not show yet would be made twice: its event brings the key back.
      if (!hasSelector(service) || !expectations.satisfied(key)) return;
      const own = slices.store.byIndex('service', key).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
      const types = addressTypesOf(service);
      const trigger = triggers.next(key, service, watch.podsOf(service).filter(isReachable));
      for (const type of types) await syncFamily(key, service, type, own.filter(({ addressType }) => addressType === type), trigger); // prettier-ignore
      for (const slice of own) if (!types.some((type) => type === slice.addressType)) await remove(slice);
    },
  });
  watch.feed(controller);
  feedSlices(slices, serviceKey, expectations, controller);
  return controller;
}
