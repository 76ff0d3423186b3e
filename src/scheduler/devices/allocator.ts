// Finds devices on a node for all claims of a pod at once.
import type { AllocationResult, DeviceAllocationConfiguration, ResourceClaim } from '../../../openapi/types/resource.v1.js';
import { formatTime } from '../../clock/clock.js';
import { keyOf } from '../../client/keys.js';
import type { DeviceSelectorEvaluator, NodeInfo } from '../framework.js';
import { hasCounters, type PoolDevice } from './device-pools.js';
import { isWanted, meets, type Alternative, type ClaimRequest } from './device-requests.js';

/** So many steps at most: constraints can make a search grow beyond all bounds. */
const mostSteps = 100_000;

interface Choice {
  readonly claim: ResourceClaim;
  readonly request: string;
  readonly alternative: Alternative;
  readonly device: PoolDevice;
}

export interface AllocatorOptions {
  readonly devices: readonly PoolDevice[];
  /** Whether somebody has the device. */
  readonly isHeld: (id: string) => boolean;
  readonly evaluate: DeviceSelectorEvaluator;
}

/** The devices for each claim by its key; undefined: they cannot all be had. Throws when a selector cannot be evaluated. */
export function allocate(
  requests: readonly ClaimRequest[],
  node: NodeInfo,
  { devices, isHeld, evaluate }: AllocatorOptions,
  now: number,
): ReadonlyMap<string, AllocationResult> | undefined {
  const chosen: Choice[] = [];
  const taken = new Set<string>();
  const inUse = (id: string): boolean => taken.has(id) || isHeld(id);
  let steps = 0;

  const isFree = (device: PoolDevice, { adminAccess }: Alternative): boolean =>
    adminAccess || (!inUse(device.id) && hasCounters(device, inUse));
  const constrained = ({ spec }: ResourceClaim): boolean =>
    (spec.devices?.constraints ?? []).every((constraint) =>
      meets(
        constraint,
        chosen.filter(({ claim }) => claim.spec === spec),
      ),
    );

  /** Chooses `left` more devices from `from` on, then what comes after. */
  const choose = (at: number, alternative: Alternative, left: number, from: number): boolean => {
    if (left === 0) return next(at + 1);
    const { claim } = requests[at]!;
    for (let place = from; place < devices.length; place++) {
      if (++steps > mostSteps) return false;
      const device = devices[place]!;
      if (!isFree(device, alternative) || !isWanted(alternative, device, evaluate)) continue;
      chosen.push({ claim, request: alternative.name, alternative, device });
      const counted = !alternative.adminAccess && !taken.has(device.id);
      if (counted) taken.add(device.id);
      if (constrained(claim) && choose(at, alternative, left - 1, place + 1)) return true;
      chosen.pop();
      if (counted) taken.delete(device.id);
    }
    return false;
  };
  const next = (at: number): boolean => {
    const request = requests[at];
    if (request === undefined) return true;
    for (const alternative of request.alternatives) {
      // All that are wanted must be free.
      const wanted = alternative.all ? devices.filter((device) => isWanted(alternative, device, evaluate)).length : alternative.count;
      if (wanted > 0 && choose(at, alternative, wanted, 0)) return true;
    }
    return false;
  };
  return next(0) ? resultsOf(chosen, node, now) : undefined;
}

function resultsOf(chosen: readonly Choice[], node: NodeInfo, now: number): ReadonlyMap<string, AllocationResult> {
  const byClaim = new Map<string, Choice[]>();
  for (const one of chosen) {
    const key = keyOf(one.claim);
    const known = byClaim.get(key);
    if (known) known.push(one);
    else byClaim.set(key, [one]);
  }
  return new Map([...byClaim].map(([key, choices]) => [key, resultOf(choices, node, now)]));
}

function resultOf(choices: readonly Choice[], node: NodeInfo, now: number): AllocationResult {
  const config = configurationOf(choices);
  const local = choices.some(({ device }) => device.local);
  return {
    allocationTimestamp: formatTime(now),
    devices: {
      results: choices.map(({ request, alternative: { adminAccess, tolerations }, device: { driver, pool, device } }) => ({
        request,
        driver,
        pool,
        device: device.name,
        ...(adminAccess ? { adminAccess } : {}),
        ...(tolerations.length > 0 ? { tolerations } : {}),
      })),
      ...(config.length > 0 ? { config } : {}),
    },
    ...(local
      ? { nodeSelector: { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In' as const, values: [node.name] }] }] } }
      : {}),
  };
}

/** The classes' configuration first, then the claim's, which wins. */
function configurationOf(choices: readonly Choice[]): readonly DeviceAllocationConfiguration[] {
  const requests = new Map(choices.map(({ request, alternative }) => [request, alternative.deviceClass]));
  const ofClasses = [...requests].flatMap(([request, { spec }]) =>
    (spec.config ?? []).map(({ opaque }): DeviceAllocationConfiguration => ({
      source: 'FromClass',
      requests: [request],
      ...(opaque ? { opaque } : {}),
    })),
  );
  const ofClaim = (choices[0]?.claim.spec.devices?.config ?? []).map((one): DeviceAllocationConfiguration => ({
    ...one,
    source: 'FromClaim',
  }));
  return [...ofClasses, ...ofClaim];
}
