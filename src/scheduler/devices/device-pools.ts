// The devices that a node can use, from the ResourceSlices of drivers.
// https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#resourceslice
import type { Device, ResourceClaim, ResourceSlice } from '../../../openapi/types/resource.v1.js';
import { quantityValue } from '../../apimachinery/quantity/quantity.js';
import type { NodeInfo } from '../framework.js';
import { selectsNode } from '../volumes/volume-match.js';

export interface PoolDevice {
  readonly driver: string;
  readonly pool: string;
  readonly device: Device;
  /** `driver/pool/device`. */
  readonly id: string;
  /** Whether the device is for this node alone. */
  readonly local: boolean;
  readonly inPool: Pool;
}

export interface Pool {
  /** What each counter of each counter set has, by `set/counter`. */
  readonly counters: ReadonlyMap<string, number>;
  /** All devices of the pool, those of other nodes too: they draw on the same counters. */
  readonly devices: ReadonlyMap<string, Device>;
}

export function deviceId(driver: string, pool: string, device: string): string {
  return `${driver}/${pool}/${device}`;
}

/** In the order of drivers, pools and slices; pools that are not complete in their newest generation are left out. */
export function devicesFor(node: NodeInfo, slices: readonly ResourceSlice[]): readonly PoolDevice[] {
  const pools = new Map<string, ResourceSlice[]>();
  for (const slice of slices) {
    const key = `${slice.spec.driver}/${slice.spec.pool.name}`;
    const known = pools.get(key);
    if (known === undefined || known[0]!.spec.pool.generation < slice.spec.pool.generation) pools.set(key, [slice]);
    else if (known[0]!.spec.pool.generation === slice.spec.pool.generation) known.push(slice);
  }
  const found: PoolDevice[] = [];
  for (const key of [...pools.keys()].sort()) {
    const all = pools.get(key)!.sort((one, other) => (one.metadata.name < other.metadata.name ? -1 : 1));
    if (all.length !== all[0]!.spec.pool.resourceSliceCount) continue;
    const inPool = poolOf(all);
    for (const { spec } of all) {
      const whole = spec.perDeviceNodeSelection !== true && isFor(spec, node);
      for (const device of spec.devices ?? []) {
        if (!whole && !(spec.perDeviceNodeSelection === true && isFor(device, node))) continue;
        const local = (spec.perDeviceNodeSelection === true ? device.nodeName : spec.nodeName) !== undefined;
        const pool = spec.pool.name;
        found.push({ driver: spec.driver, pool, device, id: deviceId(spec.driver, pool, device.name), local, inPool });
      }
    }
  }
  return found;
}

function poolOf(slices: readonly ResourceSlice[]): Pool {
  const counters = new Map<string, number>();
  const devices = new Map<string, Device>();
  for (const { spec } of slices) {
    for (const { name, counters: all } of spec.sharedCounters ?? []) {
      for (const [counter, { value }] of Object.entries(all)) counters.set(`${name}/${counter}`, quantityValue(value));
    }
    for (const device of spec.devices ?? []) devices.set(deviceId(spec.driver, spec.pool.name, device.name), device);
  }
  return { counters, devices };
}

function isFor({ nodeName, allNodes, nodeSelector }: Pick<Device, 'nodeName' | 'allNodes' | 'nodeSelector'>, node: NodeInfo): boolean {
  if (nodeName !== undefined && nodeName !== '') return nodeName === node.name;
  return allNodes === true || (nodeSelector !== undefined && selectsNode(nodeSelector, node));
}

/** The devices that claims hold; those of administrators' access are free for others. */
export function allocatedDevices(claims: readonly ResourceClaim[]): Set<string> {
  const held = new Set<string>();
  for (const { status } of claims) {
    for (const { driver, pool, device, adminAccess } of status?.allocation?.devices.results ?? [])
      if (adminAccess !== true) held.add(deviceId(driver, pool, device));
  }
  return held;
}

/** Whether the pool's counters have what the device draws from them, beside the devices in use. */
export function hasCounters({ device, inPool }: PoolDevice, inUse: (id: string) => boolean): boolean {
  for (const { counterSet, counters } of device.consumesCounters ?? []) {
    for (const [counter, { value }] of Object.entries(counters)) {
      const key = `${counterSet}/${counter}`;
      let left = (inPool.counters.get(key) ?? 0) - quantityValue(value);
      for (const [id, other] of inPool.devices) if (inUse(id)) left -= drawn(other, counterSet, counter);
      if (left < 0) return false;
    }
  }
  return true;
}

function drawn(device: Device, counterSet: string, counter: string): number {
  let sum = 0;
  for (const one of device.consumesCounters ?? []) {
    const value = one.counterSet === counterSet && Object.hasOwn(one.counters, counter) ? one.counters[counter]?.value : undefined;
    if (value !== undefined) sum += quantityValue(value);
  }
  return sum;
}
