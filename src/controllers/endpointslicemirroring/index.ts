// Mirrors Endpoints of services without a selector, which people and old programs write, to endpoint slices.
// https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/#mirroring
import type { Endpoints } from '../../../openapi/types/core.v1.js';
import type { EndpointSlice } from '../../../openapi/types/discovery.v1.js';
import { deepEqual } from '../../apimachinery/equality.js';
import { createController } from '../../client/controller/controller.js';
import { createExpectations } from '../../client/controller/expectations.js';
import { controllerReference } from '../../client/controller/owner-references.js';
import { makeKey } from '../../client/keys.js';
import { ENDPOINT_SLICES, ENDPOINTS, SERVICES } from '../../client/resources.js';
import type { ControllerContext, ControllerDefinition, RunningController } from '../definition.js';
import { isTerminatingNamespace } from '../replicaset/replicas.js';
import { unlessGone } from '../shared/gone.js';
import { feedSlices } from '../shared/slice-events.js';
import { triggerTimeAnnotation } from '../shared/trigger-time.js';
import { most, planMirror, type MirrorGroup } from './plan.js';

const name = 'endpointslice-mirroring-controller';

export const endpointSliceMirroringController: ControllerDefinition = {
  name,
  account: 'endpointslicemirroring-controller',
  create: createEndpointSliceMirroringController,
};

const managedBy = 'endpointslice.kubernetes.io/managed-by';
const manager = 'endpointslicemirroring-controller.k8s.io';
const serviceName = 'kubernetes.io/service-name';
const skipMirror = 'endpointslice.kubernetes.io/skip-mirror';
const leader = 'control-plane.alpha.kubernetes.io/leader';
const notMirrored: ReadonlySet<string> = new Set([triggerTimeAnnotation, 'kubectl.kubernetes.io/last-applied-configuration']);

function serviceKey({ metadata }: EndpointSlice): string | undefined {
  const service = metadata.labels?.[serviceName];
  return service === undefined || metadata.labels?.[managedBy] !== manager ? undefined : makeKey(metadata.namespace, service);
}

export function createEndpointSliceMirroringController(context: ControllerContext): RunningController {
  const { client, clock, logger, informers } = context;
  const recorder = context.recorder('endpoint-slice-mirroring-controller');
  const endpoints = informers.informer(ENDPOINTS);
  const services = informers.informer(SERVICES);
  const slices = informers.informer(ENDPOINT_SLICES, { indexers: { mirrored: (slice) => [serviceKey(slice) ?? ''] } });
  const expectations = createExpectations(clock);
  /** The version of the Endpoints about which was told that they are too many. */
  const told = new Map<string, string | undefined>();

  const shouldMirror = (key: string, object: Endpoints): boolean => {
    const { labels, annotations, deletionTimestamp } = object.metadata;
    const service = services.store.get(key);
    return (
      deletionTimestamp === undefined &&
      labels?.[skipMirror] !== 'true' &&
      annotations?.[leader] === undefined &&
      service !== undefined &&
      service.spec.selector === undefined
    );
  };
  const remove = ({ metadata }: EndpointSlice): Promise<void> =>
    unlessGone(client.delete(ENDPOINT_SLICES, metadata, { preconditions: { uid: metadata.uid } }));

  const create = async (
    key: string,
    object: Endpoints,
    marks: Marks,
    { addressType, ports, endpoints: list }: MirrorGroup,
  ): Promise<void> => {
    const { name: service, namespace } = object.metadata;
    expectations.expectCreations(key, 1);
    try {
      await client.create(ENDPOINT_SLICES, {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: { generateName: `${service}-`, namespace, ...marks, ownerReferences: [controllerReference(object)] },
        addressType,
        endpoints: list,
        ports,
      });
    } catch (error) {
      expectations.creationObserved(key);
      if (!isTerminatingNamespace(error)) throw error;
    }
  };
  const update = async (slice: EndpointSlice, marks: Marks, list: EndpointSlice['endpoints']): Promise<void> => {
    const { labels: _labels, annotations: _annotations, ...metadata } = slice.metadata;
    const written = client.update(ENDPOINT_SLICES, { ...slice, metadata: { ...metadata, ...marks }, endpoints: list });
    await unlessGone(written);
  };

  const controller = createController({
    name,
    clock,
    logger,
    workers: 5,
    informers: [endpoints, services, slices],
    async reconcile(key) {
      const own = slices.store.byIndex('mirrored', key).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
      const object = endpoints.store.get(key);
      if (object === undefined || !shouldMirror(key, object)) {
        if (object === undefined) expectations.delete(key);
        told.delete(key);
        for (const slice of own) await remove(slice);
        return;
      }
      // A slice made a moment ago that the informer does not show yet would be made twice: its event brings the key back.
      if (!expectations.satisfied(key)) return;
      const plan = planMirror(object, own);
      const { resourceVersion } = object.metadata;
      if (plan.skipped > 0 && told.get(key) !== resourceVersion) {
        told.set(key, resourceVersion);
        recorder.event(object, 'Warning', 'TooManyAddressesToMirror', tooMany(plan.skipped));
      }
      const marks = marksOf(object);
      for (const group of plan.create) await create(key, object, marks, group);
      for (const { slice, endpoints: list } of plan.update) await update(slice, marks, list);
      const touched = new Set([...plan.update.map(({ slice }) => slice), ...plan.remove]);
      for (const slice of own) {
        const { labels, annotations } = slice.metadata;
        if (touched.has(slice) || (deepEqual(labels, marks.labels) && deepEqual(annotations, marks.annotations))) continue;
        await update(slice, marks, slice.endpoints);
      }
      for (const slice of plan.remove) await remove(slice);
    },
  });
  endpoints.addHandler(controller.handler);
  // What a service selects decides, and whether there is one.
  services.addHandler({
    add: (service) => controller.enqueueObject(service),
    update: (previous, current) => {
      if ((previous.spec.selector === undefined) !== (current.spec.selector === undefined)) controller.enqueueObject(current);
    },
    delete: (service) => controller.enqueueObject(service),
  });
  feedSlices(slices, serviceKey, expectations, controller);
  return controller;
}

interface Marks {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** The labels and annotations of the Endpoints, and whose slices they are. */
function marksOf({ metadata }: Endpoints): Marks {
  const annotations = Object.entries(metadata.annotations ?? {}).filter(([key]) => !notMirrored.has(key));
  return {
    labels: { ...metadata.labels, [serviceName]: metadata.name, [managedBy]: manager },
    ...(annotations.length === 0 ? {} : { annotations: Object.fromEntries(annotations) }),
  };
}

function tooMany(skipped: number): string {
  return `A max of ${most} addresses can be mirrored to EndpointSlices per Endpoints subset. ${skipped} addresses were skipped`;
}
