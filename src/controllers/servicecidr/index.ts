// Says that ServiceCIDRs are ready, and keeps them while services still have addresses of theirs.
// https://kubernetes.io/docs/tasks/network/extend-service-ip-ranges/
import ipaddr from 'ipaddr.js';
import type { ServiceCIDR } from '../../../openapi/types/networking.v1.js';
import { isReason } from '../../apimachinery/errors/api-error.js';
import { createController } from '../../client/controller/controller.js';
import { IP_ADDRESSES, SERVICE_CIDRS } from '../../client/resources.js';
import { formatTime } from '../../clock/clock.js';
import type { ControllerContext, ControllerDefinition, RunningController } from '../definition.js';

export const serviceCidrController: ControllerDefinition = {
  name: 'service-cidr-controller',
  account: 'service-cidrs-controller',
  create: createServiceCidrController,
};

const finalizer = 'networking.k8s.io/service-cidr-finalizer';
/** Addresses that are just being given out have this time to show, in milliseconds. */
const settling = 10_000;

const ready = { status: 'True', reason: '', message: 'Kubernetes Service CIDR is ready' };
const terminating = {
  status: 'False',
  reason: 'Terminating',
  message: 'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR',
};

export function createServiceCidrController({ client, clock, logger, informers }: ControllerContext): RunningController {
  const cidrs = informers.informer(SERVICE_CIDRS);
  const addresses = informers.informer(IP_ADDRESSES);

  const setReady = async ({ metadata: { name }, status }: ServiceCIDR, condition: typeof ready): Promise<void> => {
    const before = status?.conditions?.find(({ type }) => type === 'Ready');
    if (before?.status === condition.status && before.message === condition.message) return;
    const lastTransitionTime = formatTime(clock.now());
    await client.patch(
      SERVICE_CIDRS,
      { name },
      'apply',
      {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'ServiceCIDR',
        metadata: { name },
        status: { conditions: [{ type: 'Ready', ...condition, lastTransitionTime }] },
      },
      { subresource: 'status', fieldManager: 'service-cidr-controller', force: true },
    );
  };
  const setFinalizers = (name: string, finalizers: readonly string[] | null): Promise<ServiceCIDR> =>
    client.patch(SERVICE_CIDRS, { name }, 'merge', { metadata: { finalizers } });

  /** Whether an address of this range is in use that no other range has as well. */
  const isNeeded = (cidr: ServiceCIDR): boolean => {
    const others = cidrs.store.list().filter((other) => other !== cidr && other.metadata.deletionTimestamp === undefined);
    return addresses.store.list().some(({ metadata: { name } }) => holds(cidr, name) && !others.some((other) => holds(other, name)));
  };

  const controller = createController({
    name: 'service-cidr-controller',
    clock,
    logger,
    informers: [cidrs, addresses],
    async reconcile(name) {
      const cidr = cidrs.store.get(name);
      if (cidr === undefined) return;
      const { deletionTimestamp, finalizers = [] } = cidr.metadata;
      try {
        if (deletionTimestamp === undefined) {
          if (!finalizers.includes(finalizer)) await setFinalizers(name, [...finalizers, finalizer]);
          return await setReady(cidr, ready);
        }
        if (!finalizers.includes(finalizer)) return;
        if (isNeeded(cidr)) return await setReady(cidr, terminating);
        const left = Date.parse(deletionTimestamp) + settling - clock.now();
        if (left > 0) return { requeueAfter: left };
        const rest = finalizers.filter((one) => one !== finalizer);
        await setFinalizers(name, rest.length === 0 ? null : rest);
      } catch (error) {
        if (!isReason(error, 'NotFound')) throw error;
      }
    },
  });
  cidrs.addHandler({
    add: (cidr) => controller.enqueueObject(cidr),
    update: (_previous, current) => controller.enqueueObject(current),
    delete: () => {},
  });
  const freed = (address: string): void => {
    for (const cidr of cidrs.store.list()) {
      if (cidr.metadata.deletionTimestamp !== undefined && holds(cidr, address)) controller.enqueueObject(cidr);
    }
  };
  addresses.addHandler({ add: () => {}, update: () => {}, delete: ({ metadata }) => freed(metadata.name) });
  return controller;
}

/** Whether the address is in one of the object's ranges. */
function holds({ spec }: ServiceCIDR, address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.parse(address);
  return (spec?.cidrs ?? []).some((cidr) => {
    if (!ipaddr.isValidCIDR(cidr)) return false;
    const [base, bits] = ipaddr.parseCIDR(cidr);
    return base.kind() === parsed.kind() && parsed.match(base, bits);
  });
}
