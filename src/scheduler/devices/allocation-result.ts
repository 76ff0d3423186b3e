// What is written into a claim that gets devices.
import type { NodeSelector, NodeSelectorRequirement } from '../../../openapi/types/core.v1.js';
import type { AllocationResult, DeviceAllocationConfiguration, DeviceRequestAllocationResult } from '../../../openapi/types/resource.v1.js';
import { formatTime } from '../../clock/clock.js';
import type { Random } from '../../clock/random.js';
import { writtenConsumption, type Consumption } from './capacity.js';
import type { PoolDevice } from './device-pools.js';
import type { Alternative, WantingClaim } from './device-requests.js';

/** A device for a request of a claim. */
export interface Choice {
  readonly claim: WantingClaim;
  /** As results name it. */
  readonly request: string;
  readonly alternative: Alternative;
  readonly device: PoolDevice;
  /** What the share takes; undefined: the claim has the whole device. */
  readonly consumed: Consumption | undefined;
}

/** @param now in milliseconds since the epoch */
export function allocationOf(claim: WantingClaim, choices: readonly Choice[], node: string, now: number, random: Random): AllocationResult {
  const config = configurationOf(claim, choices);
  const nodeSelector = nodeSelectorOf(choices, node);
  return {
    allocationTimestamp: formatTime(now),
    devices: {
      ...(choices.length > 0 ? { results: choices.map((choice) => resultOf(choice, random)) } : {}),
      ...(config.length > 0 ? { config } : {}),
    },
    ...(nodeSelector === undefined ? {} : { nodeSelector }),
  };
}

function resultOf({ request, alternative, device: found, consumed }: Choice, random: Random): DeviceRequestAllocationResult {
  const { adminAccess, tolerations } = alternative;
  const { bindingConditions = [], bindingFailureConditions = [], name } = found.device;
  const consumedCapacity = consumed && writtenConsumption(consumed);
  return {
    request,
    driver: found.driver,
    pool: found.pool,
    device: name,
    ...(adminAccess ? { adminAccess } : {}),
    ...(tolerations.length > 0 ? { tolerations } : {}),
    ...(bindingConditions.length > 0 ? { bindingConditions, bindingFailureConditions } : {}),
    ...(consumed ? { shareID: random.uid() } : {}),
    ...(consumedCapacity ? { consumedCapacity } : {}),
  };
}

/** The node itself, or all that the slices of the devices ask of it; undefined: every node can use them. */
function nodeSelectorOf(choices: readonly Choice[], node: string): NodeSelector | undefined {
  if (choices.some(({ device }) => device.local))
    return { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }] };
  const matchExpressions: NodeSelectorRequirement[] = [];
  const matchFields: NodeSelectorRequirement[] = [];
  const add = (all: NodeSelectorRequirement[], more: readonly NodeSelectorRequirement[] = []): void => {
    for (const one of more) if (!all.some((known) => JSON.stringify(known) === JSON.stringify(one))) all.push(one);
  };
  for (const { device } of choices) {
    const term = device.selector?.nodeSelectorTerms[0];
    add(matchExpressions, term?.matchExpressions);
    add(matchFields, term?.matchFields);
  }
  if (matchExpressions.length + matchFields.length === 0) return undefined;
  return {
    nodeSelectorTerms: [
      { ...(matchExpressions.length > 0 ? { matchExpressions } : {}), ...(matchFields.length > 0 ? { matchFields } : {}) },
    ],
  };
}

/** The classes' configuration first, then the claim's, which wins; not what is for alternatives that were not taken. */
function configurationOf({ spec }: WantingClaim, choices: readonly Choice[]): readonly DeviceAllocationConfiguration[] {
  const requests = new Map(choices.map(({ request, alternative }) => [request, alternative.deviceClass]));
  const taken = new Set([...requests.keys()].flatMap((name) => [name, name.split('/', 1)[0]!]));
  const ofClasses = [...requests].flatMap(([request, deviceClass]) =>
    (deviceClass.spec.config ?? []).map(({ opaque }): DeviceAllocationConfiguration => ({
      source: 'FromClass',
      requests: [request],
      ...(opaque ? { opaque } : {}),
    })),
  );
  const ofClaim = (spec.devices?.config ?? [])
    .filter(({ requests: named = [] }) => named.length === 0 || named.some((name) => taken.has(name)))
    .map((one): DeviceAllocationConfiguration => ({ ...one, source: 'FromClaim' }));
  return [...ofClasses, ...ofClaim];
}
