// DynamicResources: gives devices to the resource claims of a pod, and to its extended resources that device classes stand for.
// https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/
import type { AllocationResult, ResourceClaim } from '../../../openapi/types/resource.v1.js';
import { keyOf } from '../../client/keys.js';
import { RESOURCE_CLAIMS } from '../../client/resources.js';
import { createDeviceSelectors } from '../devices/cel-selectors.js';
import { allocationIn, DeviceCheck, type DeviceState } from '../devices/device-check.js';
import { createDevicePools } from '../devices/device-pools.js';
import { wantsOf, type WantingClaim } from '../devices/device-requests.js';
import { DeviceUsage } from '../devices/device-usage.js';
import { classesOf } from '../devices/extended-resources.js';
import { claimNamesOf, madeClaimOf, resourceClaimsOf } from '../devices/pod-resource-claims.js';
import type { ClusterEvent, FailedAttempt, PodInfo, Plugin, PluginArgs, PluginHandle, PodScorer, PostFilterResult } from '../framework.js';
import { duration, known } from '../profile/fields.js';
import { normalize } from './normalize.js';

const tenMinutes = 600_000;

export function dynamicResources(handle: PluginHandle, args: PluginArgs): Plugin {
  const { listers, client, deviceSelectors = createDeviceSelectors() } = handle;
  known(args, ['bindingTimeout', 'filterTimeout'], 'DynamicResources');
  duration(args['filterTimeout'], 'DynamicResources: filterTimeout', tenMinutes);
  const state: DeviceState = {
    handle,
    pools: createDevicePools(listers),
    usage: new DeviceUsage(),
    evaluate: deviceSelectors,
    pending: new Map<string, AllocationResult>(),
    bindingTimeout: duration(args['bindingTimeout'], 'DynamicResources: bindingTimeout', tenMinutes),
  };
  const { pending, usage } = state;
  const changed = (claim: ResourceClaim): void => {
    const key = keyOf(claim);
    // What is written is known by the claim itself.
    if (claim.status?.allocation !== undefined) pending.delete(key);
    usage.set(key, claim.status?.allocation ?? pending.get(key));
  };
  listers.resourceClaims.addHandler({
    add: changed,
    update: (_previous, claim) => changed(claim),
    delete(claim) {
      pending.delete(keyOf(claim));
      usage.set(keyOf(claim), undefined);
    },
  });
  /** The check of the last pod: its scores follow its filters in the same cycle. */
  let last: { readonly pod: PodInfo; readonly check: DeviceCheck } | undefined;

  const postFilter = ({ checks, reached }: FailedAttempt): PostFilterResult => {
    if (!reached('DynamicResources')) return { message: 'not found', final: true };
    const check = checks.map((one) => one.check).find((one) => one instanceof DeviceCheck);
    if (check === undefined) return { message: 'no new claims to deallocate' };
    // A claim that nobody uses may get devices elsewhere.
    const idle = [...check.unavailable].find(({ status }) => (status?.reservedFor ?? []).length === 0);
    if (idle === undefined) return { message: 'still not schedulable' };
    const act = async (): Promise<void> => {
      const status = { allocation: null, devices: null };
      await client.patch(RESOURCE_CLAIMS, idle.metadata, 'merge', { status }, { subresource: 'status' });
    };
    return { message: 'deallocation of ResourceClaim completed', act };
  };

  return {
    name: 'DynamicResources',
    preEnqueue(pod) {
      if ((pod.spec.resourceClaims ?? []).length === 0) return undefined;
      const found = resourceClaimsOf(pod, listers);
      return 'trouble' in found ? found.trouble : undefined;
    },
    preFilter(info) {
      last = undefined;
      const { pod } = info;
      const classes = classesOf(info, listers);
      if ((pod.spec.resourceClaims ?? []).length === 0 && classes === undefined) return undefined;
      const found = resourceClaimsOf(pod, listers);
      if ('trouble' in found) return { rejected: found.trouble, resolvable: false };
      const wants: WantingClaim[] = [];
      for (const claim of found.claims) {
        if (allocationIn(state, claim) !== undefined) continue;
        const wanted = wantsOf(keyOf(claim), claim.spec, (name) => listers.deviceClasses.store.get(name));
        if (typeof wanted === 'string') return { rejected: wanted, resolvable: false };
        wants.push(wanted);
      }
      // The scheduler was interrupted after it had made the claim for extended resources.
      const made = classes && madeClaimOf(pod, listers);
      const claims = made === undefined ? found.claims : [...found.claims, made];
      if (claims.length === 0 && classes === undefined) return undefined;
      const check = new DeviceCheck(state, info, claims, wants, made === undefined ? classes : undefined);
      last = { pod: info, check };
      return check;
    },
    postFilter,
    preScore(pod): PodScorer | undefined {
      if (last?.pod !== pod) return undefined;
      const { check } = last;
      return { score: (node) => check.preference(node), normalize: (scores) => normalize(scores) };
    },
    listens: ['node', 'resourceClaim', 'resourceSlice', 'deviceClass'],
    helps: mayHelp,
  };
}

function mayHelp({ resource, change, object, previous }: ClusterEvent, { pod }: PodInfo): boolean {
  if (resource !== 'resourceClaim') return change !== 'delete';
  const claim = object as ResourceClaim;
  const isFreed = (previous as ResourceClaim | undefined)?.status?.allocation !== undefined && claim.status?.allocation === undefined;
  if (change === 'delete' ? claim.status?.allocation !== undefined : isFreed) return true;
  return claim.metadata.namespace === pod.metadata.namespace && claimNamesOf(pod).includes(claim.metadata.name);
}
