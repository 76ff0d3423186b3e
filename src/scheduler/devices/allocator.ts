// Finds devices on a node for all claims of a pod at once.
import type { AllocationResult } from '../../../openapi/types/resource.v1.js';
import type { Random } from '../../clock/random.js';
import type { DeviceSelectorEvaluator, NodeInfo } from '../framework.js';
import { allocationOf, type Choice } from './allocation-result.js';
import { consumptionOf, hasCapacity } from './capacity.js';
import type { NodeDevices, PoolDevice } from './device-pools.js';
import { isWanted, meets, type Alternative, type WantingClaim } from './device-requests.js';
import type { DeviceUsage } from './device-usage.js';
import { createTally } from './device-tally.js';

/** So many steps at most: constraints can make a search grow beyond all bounds. */
const mostSteps = 100_000;
/** So many devices a claim can have. */
const mostDevices = 32;

export interface AllocatorOptions {
  readonly seen: NodeDevices;
  readonly usage: DeviceUsage;
  readonly evaluate: DeviceSelectorEvaluator;
  readonly random: Random;
  /** In milliseconds since the epoch. */
  readonly now: number;
}

export interface Allocated {
  /** The devices for each claim by its key. */
  readonly results: ReadonlyMap<string, AllocationResult>;
  /** How much the alternatives are liked that could be had. */
  readonly preference: number;
}

/** Undefined: they cannot all be had. Throws when a selector cannot be evaluated, and when a claim asks for what nobody can have. */
export function allocate(
  claims: readonly WantingClaim[],
  node: NodeInfo,
  { seen, usage, evaluate, random, now }: AllocatorOptions,
): Allocated | undefined {
  const { devices, troubled } = seen;
  const tally = createTally(usage);
  const chosen: Choice[] = [];
  const ofClaim = new Map(claims.map((claim): [WantingClaim, Choice[]] => [claim, []]));
  const requests = claims.flatMap((claim) => claim.requests.map((request) => ({ claim, request })));
  const candidatesOf = new Map<Alternative, readonly PoolDevice[]>();
  const asked = new Map<Alternative, Map<PoolDevice, boolean>>();
  let steps = 0;

  /** Asked once about each device, and only about those that are looked at: a selector may fail for others. */
  const isCandidate = (alternative: Alternative, device: PoolDevice): boolean => {
    const answers = asked.get(alternative) ?? new Map<PoolDevice, boolean>();
    asked.set(alternative, answers);
    let answer = answers.get(device);
    if (answer === undefined) answers.set(device, (answer = isWanted(alternative, device, evaluate) && suits(alternative, device)));
    return answer;
  };
  /** What somebody wants who wants all: every one of them, or none. */
  const candidates = (alternative: Alternative): readonly PoolDevice[] => {
    let found = candidatesOf.get(alternative);
    if (found === undefined) candidatesOf.set(alternative, (found = devices.filter((device) => isCandidate(alternative, device))));
    return found;
  };
  /** Shares that are not there to be had do not count as devices, not even for those who want all. */
  const suits = ({ capacity }: Alternative, { device, id, capacities }: PoolDevice): boolean => {
    if (device.allowMultipleAllocations !== true) return hasCapacity(capacities, capacity);
    const taken = consumptionOf(capacities, capacity);
    return taken !== undefined && [...taken].every(([name, { nano }]) => usage.taken(id, name) + nano <= capacities.get(name)!.value.nano);
  };
  const whose = ({ key }: WantingClaim, { name }: Alternative): string => `claim ${key}, request ${name.split('/').at(-1)}`;
  const wantedBy = (alternative: Alternative, claim: WantingClaim): number => {
    if (!alternative.all) return alternative.count;
    const [pool] = troubled;
    if (pool !== undefined)
      throw new Error(`${whose(claim, alternative)}: asks for all devices, but resource pool ${pool.key} is currently ${pool.trouble}`);
    return candidates(alternative).length;
  };
  const constrained = (claim: WantingClaim): boolean =>
    (claim.spec.devices?.constraints ?? []).every((constraint) => meets(constraint, ofClaim.get(claim)!));

  /** Chooses `left` more devices from `from` on, then what comes after. */
  const choose = (at: number, alternative: Alternative, left: number, from: number): boolean => {
    if (left === 0) return next(at + 1);
    const { claim } = requests[at]!;
    const own = ofClaim.get(claim)!;
    const all = alternative.all ? candidates(alternative) : devices;
    for (let place = from; place + left <= all.length; place++) {
      if (++steps > mostSteps) return false;
      const device = all[place]!;
      if (!alternative.all && !isCandidate(alternative, device)) continue;
      const given = tally.take(device, alternative, claim.key);
      if (given === undefined) continue;
      const choice: Choice = { claim, alternative, device, request: alternative.name, consumed: given.consumed };
      chosen.push(choice);
      own.push(choice);
      const allowed = constrained(claim);
      if (!allowed && alternative.all)
        throw new Error(`${whose(claim, alternative)}: cannot add device ${device.id} because a claim constraint would not be satisfied`);
      if (allowed && choose(at, alternative, left - 1, place + 1)) return true;
      own.pop();
      chosen.pop();
      given.giveBack();
    }
    return false;
  };
  const next = (at: number): boolean => {
    const one = requests[at];
    if (one === undefined) return true;
    const { claim, request } = one;
    for (const alternative of request.alternatives) {
      const wanted = wantedBy(alternative, claim);
      if (wanted === 0 || ofClaim.get(claim)!.length + wanted > mostDevices) continue;
      if (choose(at, alternative, wanted, 0)) return true;
    }
    return false;
  };

  for (const claim of claims) {
    const least = claim.requests.reduce(
      (sum, { alternatives: [first, ...others] }) => sum + (first === undefined || others.length > 0 ? 0 : wantedBy(first, claim)),
      0,
    );
    if (least > mostDevices)
      throw new Error(`claim ${claim.key}: number of requested devices ${least} exceeds the claim limit of ${mostDevices}`);
  }
  if (!next(0)) return undefined;
  const liked = new Set(chosen.map(({ alternative }) => alternative));
  return {
    results: new Map([...ofClaim].map(([claim, choices]) => [claim.key, allocationOf(claim, choices, node.name, now, random)])),
    preference: [...liked].reduce((sum, { preference }) => sum + preference, 0),
  };
}
