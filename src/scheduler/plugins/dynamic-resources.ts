// DynamicResources: gives devices to the resource claims of a pod.
// https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/
import type { AllocationResult, ResourceClaim } from '../../../openapi/types/resource.v1.js';
import type { Pod } from '../../../openapi/types/core.v1.js';
import { keyOf } from '../../client/keys.js';
import { RESOURCE_CLAIMS } from '../../client/resources.js';
import { createDeviceSelectors } from '../devices/cel-selectors.js';
import { allocate } from '../devices/allocator.js';
import { allocatedDevices, deviceId, devicesFor } from '../devices/device-pools.js';
import { requestsOf, type ClaimRequest } from '../devices/device-requests.js';
import { isReservedFor, resourceClaimsOf } from '../devices/pod-resource-claims.js';
import { writeAllocation } from '../devices/write-allocation.js';
import type { FailedAttempt, NodeInfo, Plugin, PluginHandle, PodCheck, PostFilterResult, Rejection, Reservation } from '../framework.js';
import { sliceIndex } from '../listers.js';
import { selectsNode } from '../volumes/volume-match.js';

const elsewhere: Rejection = { reasons: ['resourceclaim not available on the node'], resolvable: false };
const notAll: Rejection = { reasons: ['cannot allocate all claims'], resolvable: false };

export function dynamicResources(handle: PluginHandle): Plugin {
  const { listers, client, clock, deviceSelectors = createDeviceSelectors() } = handle;
  /** Allocations on their way to the API, by claim. */
  const pending = new Map<string, AllocationResult>();

  const allocationOf = (claim: ResourceClaim): AllocationResult | undefined => claim.status?.allocation ?? pending.get(keyOf(claim));
  const heldDevices = (): ReadonlySet<string> => {
    const held = allocatedDevices(listers.resourceClaims.store.list());
    for (const { devices } of pending.values()) {
      for (const { driver, pool, device, adminAccess } of devices.results ?? [])
        if (adminAccess !== true) held.add(deviceId(driver, pool, device));
    }
    return held;
  };

  class DeviceCheck implements PodCheck {
    /** Allocated claims that some node cannot use. */
    readonly unavailable = new Set<ResourceClaim>();
    readonly #results = new Map<string, ReadonlyMap<string, AllocationResult>>();
    #held: ReadonlySet<string> | undefined;

    constructor(
      private readonly pod: Pod,
      readonly claims: readonly ResourceClaim[],
      private readonly requests: readonly ClaimRequest[],
    ) {}

    filter(node: NodeInfo): Rejection | undefined {
      for (const claim of this.claims) {
        if (selectsNode(allocationOf(claim)?.nodeSelector, node)) continue;
        this.unavailable.add(claim);
        return elsewhere;
      }
      if (this.requests.length === 0) return undefined;
      const held = (this.#held ??= heldDevices());
      const slices = listers.resourceSlices.store;
      const devices = devicesFor(node, [...slices.byIndex(sliceIndex, node.name), ...slices.byIndex(sliceIndex, '')]);
      const found = allocate(this.requests, node, { devices, isHeld: (id) => held.has(id), evaluate: deviceSelectors }, clock.now());
      if (found === undefined) return notAll;
      this.#results.set(node.name, found);
      return undefined;
    }

    reserve(node: NodeInfo): Reservation {
      const found = this.#results.get(node.name) ?? new Map<string, AllocationResult>();
      for (const [key, allocation] of found) pending.set(key, allocation);
      const release = (): void => {
        for (const key of found.keys()) pending.delete(key);
      };
      const missing = this.claims.filter((claim) => claim.status?.allocation === undefined || !isReservedFor(claim, this.pod));
      if (missing.length === 0) return { release };
      return {
        release,
        preBind: async () => {
          for (const claim of missing) await writeAllocation(client, listers, claim, allocationOf(claim), this.pod);
        },
      };
    }
  }

  // What is written is known by the claim itself.
  listers.resourceClaims.addHandler({
    update: (_previous, claim) => {
      if (claim.status?.allocation !== undefined) pending.delete(keyOf(claim));
    },
    delete: (claim) => void pending.delete(keyOf(claim)),
  });

  const postFilter = ({ checks, reached }: FailedAttempt): PostFilterResult => {
    if (!reached('DynamicResources')) return { message: 'not found', final: true };
    const check = checks.map((one) => one.check).find((one) => one instanceof DeviceCheck);
    if (check === undefined) return { message: 'no new claims to deallocate' };
    // A claim that nobody uses may get devices elsewhere.
    const idle = [...check.unavailable].find(({ status }) => (status?.reservedFor ?? []).length === 0);
    if (idle === undefined) return { message: 'still not schedulable' };
    const act = async (): Promise<void> => {
      await client.patch(RESOURCE_CLAIMS, idle.metadata, 'merge', { status: { allocation: null } }, { subresource: 'status' });
    };
    return { message: 'deallocation of ResourceClaim completed', final: true, act };
  };

  return {
    name: 'DynamicResources',
    preEnqueue(pod) {
      if ((pod.spec.resourceClaims ?? []).length === 0) return undefined;
      const found = resourceClaimsOf(pod, listers);
      return 'trouble' in found ? found.trouble : undefined;
    },
    preFilter({ pod }) {
      if ((pod.spec.resourceClaims ?? []).length === 0) return undefined;
      const found = resourceClaimsOf(pod, listers);
      if ('trouble' in found) return { rejected: found.trouble, resolvable: false };
      const requests: ClaimRequest[] = [];
      for (const claim of found.claims) {
        if (allocationOf(claim) !== undefined) continue;
        const wanted = requestsOf(claim, (name) => listers.deviceClasses.store.get(name));
        if (typeof wanted === 'string') return { rejected: wanted, resolvable: false };
        requests.push(...wanted);
      }
      return found.claims.length === 0 ? undefined : new DeviceCheck(pod, found.claims, requests);
    },
    postFilter,
    listens: ['node', 'resourceClaim', 'resourceSlice', 'deviceClass'],
    helps: ({ change, resource }) => change !== 'delete' || resource === 'resourceClaim',
  };
}
