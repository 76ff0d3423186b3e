// The devices that a node can use, from the ResourceSlices of drivers.
// https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#resourceslice
import type { NodeSelector } from '../../../openapi/types/core.v1.js';
import type { Device, ResourceSlice } from '../../../openapi/types/resource.v1.js';
import { parseQuantity } from '../../apimachinery/quantity/quantity.js';
import type { NodeInfo } from '../framework.js';
import { poolIndex, poolKey, sliceIndex, type Listers } from '../listers.js';
import { selectsNode } from '../volumes/volume-match.js';
import { capacitiesOf, type Capacities } from './capacity.js';

export interface PoolDevice {
  readonly driver: string;
  readonly pool: string;
  readonly device: Device;
  /** `driver/pool/device`. */
  readonly id: string;
  /** Whether the device is for one node alone once it is given. */
  readonly local: boolean;
  /** The nodes that can use it, when a selector says so. */
  readonly selector: NodeSelector | undefined;
  readonly capacities: Capacities;
  /** What it draws from the pool's counters, by `set/counter`. */
  readonly consumes: ReadonlyMap<string, bigint>;
  readonly inPool: Pool;
}

export interface Pool {
  /** `driver/name`. */
  readonly key: string;
  /** What each counter of each counter set has, by `set/counter`. */
  readonly counters: ReadonlyMap<string, bigint>;
  /** Why no device can be taken from it. */
  readonly trouble: Trouble | undefined;
  /** Whether two slices have devices of one name: a node must not see both. */
  readonly ambiguous: boolean;
  /** In the order of slices. All devices, those of other nodes too: they draw on the same counters. */
  readonly devices: readonly PoolDevice[];
  /** The newest slices with the devices of each. */
  readonly slices: readonly { readonly spec: ResourceSlice['spec']; readonly devices: readonly PoolDevice[] }[];
  /** Some of its devices have to be prepared before a pod is bound. */
  readonly prepared: boolean;
}

export type Trouble = 'being updated' | 'invalid';

/** What one node sees of the pools. */
export interface NodeDevices {
  readonly devices: readonly PoolDevice[];
  /** Pools that the node sees but cannot use now. */
  readonly troubled: readonly { readonly key: string; readonly trouble: Trouble }[];
}

export function deviceId(driver: string, pool: string, device: string): string {
  return `${driver}/${pool}/${device}`;
}

export interface DevicePools {
  /** In the order of drivers, pools and slices; devices of pools that have to prepare some come last. */
  of(node: NodeInfo): NodeDevices;
}

/** Keeps what it has read of a pool until one of its slices changes. */
export function createDevicePools({ resourceSlices }: Pick<Listers, 'resourceSlices'>): DevicePools {
  const { store } = resourceSlices;
  const known = new Map<string, Pool>();
  const changed = new Set<string>();
  /** Pools with counters are seen from everywhere, also when they cannot be used. */
  const troubledCounters = new Map<string, Pool>();
  const forget = (slice: ResourceSlice): void => {
    const key = poolKey(slice);
    known.delete(key);
    changed.add(key);
  };
  resourceSlices.addHandler({
    add: forget,
    update: (previous, current) => {
      forget(previous);
      forget(current);
    },
    delete: forget,
  });
  const pool = (key: string): Pool => {
    let one = known.get(key);
    if (one === undefined) known.set(key, (one = readPool(key, store.byIndex(poolIndex, key))));
    return one;
  };
  const lookAgain = (): void => {
    for (const key of changed) {
      const one = pool(key);
      if (one.trouble !== undefined && one.counters.size > 0) troubledCounters.set(key, one);
      else troubledCounters.delete(key);
      if (one.slices.length === 0) known.delete(key);
    }
    changed.clear();
  };
  return {
    of(node) {
      if (changed.size > 0) lookAgain();
      const keys = new Set(troubledCounters.keys());
      for (const name of [node.name, '']) for (const slice of store.byIndex(sliceIndex, name)) keys.add(poolKey(slice));
      const devices: PoolDevice[] = [];
      const prepared: PoolDevice[] = [];
      const troubled: { readonly key: string; readonly trouble: Trouble }[] = [];
      for (const key of [...keys].sort()) {
        const one = pool(key);
        const seen = one.slices.filter(({ spec }) => spec.perDeviceNodeSelection === true || isFor(spec, node));
        if (one.trouble !== undefined) {
          if (seen.length > 0 || one.counters.size > 0) troubled.push({ key, trouble: one.trouble });
          continue;
        }
        const own = seen.flatMap(({ spec, devices: all }) =>
          spec.perDeviceNodeSelection === true ? all.filter(({ device }) => isFor(device, node)) : all,
        );
        if (one.ambiguous && !isUnambiguous(own)) troubled.push({ key, trouble: 'invalid' });
        else for (const device of own) (one.prepared ? prepared : devices).push(device);
      }
      devices.push(...prepared);
      return { devices, troubled };
    },
  };
}

function isFor({ nodeName, allNodes, nodeSelector }: Pick<Device, 'nodeName' | 'allNodes' | 'nodeSelector'>, node: NodeInfo): boolean {
  if (nodeName !== undefined && nodeName !== '') return nodeName === node.name;
  return allNodes === true || (nodeSelector !== undefined && selectsNode(nodeSelector, node));
}

function readPool(key: string, all: readonly ResourceSlice[]): Pool {
  const newest = all.reduce((most, { spec }) => Math.max(most, spec.pool.generation), 0);
  const slices = all
    .filter(({ spec }) => spec.pool.generation === newest)
    .sort((one, other) => (one.metadata.name < other.metadata.name ? -1 : 1));
  const counters = new Map<string, bigint>();
  for (const { spec } of slices)
    for (const { name, counters: values } of spec.sharedCounters ?? [])
      for (const [counter, { value }] of Object.entries(values)) counters.set(`${name}/${counter}`, parseQuantity(value).nano);
  const devices: PoolDevice[] = [];
  const read: { spec: ResourceSlice['spec']; devices: PoolDevice[] }[] = [];
  const complete = slices.length > 0 && slices.length === slices[0]!.spec.pool.resourceSliceCount;
  const inPool = { key, counters, devices, slices: read, trouble: undefined as Pool['trouble'], ambiguous: false, prepared: false };
  for (const { spec } of slices) {
    const own = (spec.devices ?? []).map((device) => readDevice(spec, device, inPool));
    read.push({ spec, devices: own });
    devices.push(...own);
  }
  inPool.prepared = devices.some(({ device }) => (device.bindingConditions ?? []).length > 0);
  inPool.ambiguous = !isUnambiguous(devices);
  if (!complete) inPool.trouble = 'being updated';
  // Only counters that there are can be drawn on.
  else if (devices.some(({ consumes }) => [...consumes.keys()].some((counter) => !counters.has(counter)))) inPool.trouble = 'invalid';
  return inPool;
}

function isUnambiguous(devices: readonly PoolDevice[]): boolean {
  return new Set(devices.map(({ id }) => id)).size === devices.length;
}

function readDevice(spec: ResourceSlice['spec'], device: Device, inPool: Pool): PoolDevice {
  const { driver, pool } = spec;
  const consumes = new Map<string, bigint>();
  for (const { counterSet, counters } of device.consumesCounters ?? [])
    for (const [counter, { value }] of Object.entries(counters)) {
      const key = `${counterSet}/${counter}`;
      consumes.set(key, (consumes.get(key) ?? 0n) + parseQuantity(value).nano);
    }
  const { nodeName, nodeSelector } = spec.perDeviceNodeSelection === true ? device : spec;
  return {
    driver,
    pool: pool.name,
    device,
    id: deviceId(driver, pool.name, device.name),
    local: Boolean(nodeName) || device.bindsToNode === true,
    selector: nodeSelector,
    capacities: capacitiesOf(device),
    consumes,
    inPool,
  };
}
