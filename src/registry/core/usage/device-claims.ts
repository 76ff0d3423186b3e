// What a claim for devices uses of a quota. https://kubernetes.io/docs/concepts/policy/resource-quotas/#quota-on-extended-resources
import type { DeviceSubRequest, ExactDeviceRequest, ResourceClaim } from '../../../../openapi/types/resource.v1.js';
import { compareQuantities, type Quantity } from '../../../apimachinery/quantity/quantity.js';
import { addInto, countOf, one } from './amounts.js';

const suffix = '.deviceclass.resource.k8s.io/devices';
/** The most devices that one claim can be given: what `All` may come to. */
const mostDevices = 32;

/** Whether a quota for this resource is about claims for devices. */
export function isDeviceClaimResource(name: string): boolean {
  return name === 'count/resourceclaims.resource.k8s.io' || name.endsWith(suffix);
}

function devicesOf({ deviceClassName, allocationMode, count = 1 }: DeviceSubRequest | ExactDeviceRequest): [string, Quantity] {
  return [deviceClassName + suffix, countOf(allocationMode === 'All' ? mostDevices : count)];
}

export function deviceClaimUsage({ spec }: ResourceClaim): Map<string, Quantity> {
  const usage = new Map<string, Quantity>([['count/resourceclaims.resource.k8s.io', one]]);
  for (const { exactly, firstAvailable = [] } of spec.devices.requests ?? []) {
    if (exactly !== undefined) addInto(usage, new Map([devicesOf(exactly)]));
    // One of the alternatives is taken: of each class, the most that one of them wants.
    const most = new Map<string, Quantity>();
    for (const [name, amount] of firstAvailable.map(devicesOf)) {
      const before = most.get(name);
      if (before === undefined || compareQuantities(before, amount) < 0) most.set(name, amount);
    }
    addInto(usage, most);
  }
  return usage;
}
