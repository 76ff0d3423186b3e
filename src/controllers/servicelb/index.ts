// Gives services of type LoadBalancer addresses from a pool, as the load balancer of a cloud would.
// https://kubernetes.io/docs/concepts/services-networking/service/#loadbalancer
import type { Service } from '../../../openapi/types/core.v1.js';
import { deepEqual } from '../../apimachinery/equality.js';
import { createController } from '../../client/controller/controller.js';
import { keyOf } from '../../client/keys.js';
import { errorText } from '../../client/logger.js';
import { SERVICES } from '../../client/resources.js';
import type { ControllerContext, ControllerDefinition, RunningController } from '../definition.js';
import { unlessGone } from '../shared/gone.js';
import { createAddressPool, type Family } from './address-pool.js';

const name = 'service-lb-controller';

export const serviceLbController: ControllerDefinition = { name, account: 'service-controller', create: createServiceLbController };

const finalizer = 'service.kubernetes.io/load-balancer-cleanup';

export function createServiceLbController(context: ControllerContext): RunningController {
  const { client, clock, logger, informers } = context;
  const recorder = context.recorder('service-controller');
  const services = informers.informer(SERVICES);
  const pool = createAddressPool(context.loadBalancerPool);
  let adopted = false;

  /** Takes note of the addresses that services have from before this controller ran. */
  const adopt = (): void => {
    if (adopted) return;
    adopted = true;
    for (const service of services.store.list())
      if (isOurs(service))
        for (const { ip } of service.status.loadBalancer?.ingress ?? []) if (ip !== undefined) pool.adopt(keyOf(service), ip);
  };
  /** The real controller may write the status of services only, its finalizers included. */
  const patch = async ({ metadata }: Service, change: unknown): Promise<void> => {
    await unlessGone(client.patch(SERVICES, metadata, 'merge', change, { subresource: 'status' }));
  };
  const finalizersOf = ({ metadata }: Service, wanted: boolean): { readonly finalizers?: readonly string[] | null } => {
    const known = metadata.finalizers ?? [];
    if (known.includes(finalizer) === wanted) return {};
    const changed = wanted ? [...known, finalizer] : known.filter((one) => one !== finalizer);
    return { finalizers: changed.length === 0 ? null : changed };
  };

  const ensure = async (key: string, service: Service): Promise<void> => {
    const before = service.status.loadBalancer?.ingress ?? [];
    const { loadBalancerIP, ipFamilies = ['IPv4'] } = service.spec;
    const asked = loadBalancerIP === '' ? undefined : loadBalancerIP;
    let ingress;
    try {
      // Another address than before: the old one is free again.
      if (asked !== undefined && before.length > 0 && !before.some(({ ip }) => ip === asked)) pool.release(key);
      ingress = ipFamilies.map((family, index) => ({
        ip: pool.take(key, family as Family, index === 0 ? asked : undefined),
        ipMode: 'VIP',
      }));
    } catch (error) {
      recorder.event(service, 'Normal', 'EnsuringLoadBalancer', 'Ensuring load balancer');
      const why = `Error syncing load balancer: failed to ensure load balancer: ${errorText(error)}`;
      recorder.event(service, 'Warning', 'SyncLoadBalancerFailed', why);
      throw error;
    }
    const { finalizers } = finalizersOf(service, true);
    const same = before.length === ingress.length && ingress.every(({ ip }, index) => before[index]?.ip === ip);
    if (same && finalizers === undefined) return;
    recorder.event(service, 'Normal', 'EnsuringLoadBalancer', 'Ensuring load balancer');
    const { resourceVersion } = service.metadata;
    // The finalizer first: an address that nobody gives back must not be given out.
    if (finalizers !== undefined) await patch(service, { metadata: { finalizers, resourceVersion } });
    if (!same) await patch(service, { status: { loadBalancer: { ingress } } });
    recorder.event(service, 'Normal', 'EnsuredLoadBalancer', 'Ensured load balancer');
  };
  const cleanUp = async (key: string, service: Service): Promise<void> => {
    const { finalizers } = finalizersOf(service, false);
    if (finalizers === undefined) return pool.release(key);
    recorder.event(service, 'Normal', 'DeletingLoadBalancer', 'Deleting load balancer');
    const { resourceVersion } = service.metadata;
    await patch(service, { metadata: { finalizers, resourceVersion }, status: { loadBalancer: { ingress: null } } });
    pool.release(key);
    recorder.event(service, 'Normal', 'DeletedLoadBalancer', 'Deleted load balancer');
  };

  const controller = createController({
    name,
    clock,
    logger,
    informers: [services],
    async reconcile(key) {
      adopt();
      const service = services.store.get(key);
      if (service === undefined) return pool.release(key);
      if (service.metadata.deletionTimestamp !== undefined || !isOurs(service)) return cleanUp(key, service);
      await ensure(key, service);
    },
  });
  services.addHandler({
    add: (service) => {
      if (concerns(service)) controller.enqueueObject(service);
    },
    update: (previous, current) => {
      if (previous.spec.type !== current.spec.type && (isOurs(previous) || isOurs(current)))
        recorder.event(current, 'Normal', 'Type', `${previous.spec.type} -> ${current.spec.type}`);
      if (concerns(current) && !deepEqual(previous, current)) controller.enqueueObject(current);
    },
    delete: (service) => {
      if (concerns(service)) controller.enqueueObject(service);
    },
  });
  return controller;
}

/** Whether it is ours to balance: another class is another's. */
function isOurs({ spec }: Service): boolean {
  return spec.type === 'LoadBalancer' && spec.loadBalancerClass === undefined;
}

function concerns(service: Service): boolean {
  return isOurs(service) || (service.metadata.finalizers?.includes(finalizer) ?? false);
}
