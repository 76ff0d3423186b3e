// One pod's look at the devices of nodes, and what it holds of them on the node that was chosen.
import type { AllocationResult, DeviceClass, ResourceClaim } from '../../../openapi/types/resource.v1.js';
import { keyOf } from '../../client/keys.js';
import { errorText } from '../../client/logger.js';
import type { DeviceSelectorEvaluator, NodeInfo, PluginHandle, PodCheck, PodInfo, Rejection, Reservation } from '../framework.js';
import { selectsNode } from '../volumes/volume-match.js';
import { allocate, type Allocated } from './allocator.js';
import { canBePrepared, preparationOf, untilPrepared } from './binding-conditions.js';
import type { DevicePools } from './device-pools.js';
import { wantsOf, type WantingClaim } from './device-requests.js';
import type { DeviceUsage } from './device-usage.js';
import { extendedClaimOf, isOffered, type ExtendedClaim } from './extended-resources.js';
import { isReservedFor } from './pod-resource-claims.js';
import { removeExtendedClaim, removeReservation, writeAllocation, writeExtendedClaim } from './write-allocation.js';

const elsewhere: Rejection = { reasons: ['resourceclaim not available on the node'], resolvable: false };
const notAll: Rejection = { reasons: ['cannot allocate all claims'], resolvable: false };
const invalidPools: Rejection = { reasons: ['invalid resource pools were encountered'], resolvable: false };

/** What the checks of one profile have in common. */
export interface DeviceState {
  readonly handle: PluginHandle;
  readonly pools: DevicePools;
  readonly usage: DeviceUsage;
  readonly evaluate: DeviceSelectorEvaluator;
  /** Allocations on their way to the API, by claim. */
  readonly pending: Map<string, AllocationResult>;
  /** How long the preparation of devices may take, in milliseconds. */
  readonly bindingTimeout: number;
}

export function allocationIn({ pending }: DeviceState, claim: ResourceClaim): AllocationResult | undefined {
  return claim.status?.allocation ?? pending.get(keyOf(claim));
}

interface Extended extends ExtendedClaim {
  readonly wants: WantingClaim;
}

export class DeviceCheck implements PodCheck {
  /** Allocated claims that some node cannot use. */
  readonly unavailable = new Set<ResourceClaim>();
  readonly #results = new Map<string, Allocated>();
  /** The claim for extended resources, by those that are meant. */
  readonly #extended = new Map<string, Extended>();

  /**
   * @param claims those that the pod names
   * @param wants of them, those without devices
   * @param classes of the pod's extended resources
   */
  constructor(
    private readonly state: DeviceState,
    private readonly info: PodInfo,
    readonly claims: readonly ResourceClaim[],
    private readonly wants: readonly WantingClaim[],
    private readonly classes: ReadonlyMap<string, DeviceClass> | undefined,
  ) {}

  filter(node: NodeInfo): Rejection | undefined {
    const { state } = this;
    const { clock, random } = state.handle;
    const unavailable = this.claims.filter(
      (claim) => !selectsNode(allocationIn(state, claim)?.nodeSelector, node) || !canBePrepared(claim, clock, state.bindingTimeout),
    );
    const extended = this.#extendedFor(node);
    if (this.wants.length > 0 || extended !== undefined) {
      const wants = extended === undefined ? this.wants : [...this.wants, extended.wants];
      const seen = state.pools.of(node);
      const found = allocate(wants, node, { seen, usage: state.usage, evaluate: state.evaluate, random, now: clock.now() });
      if (found === undefined) return seen.troubled.some(({ trouble }) => trouble === 'invalid') ? invalidPools : notAll;
      this.#results.set(node.name, found);
    }
    // Devices elsewhere are worth giving back only for a node that has the others.
    for (const claim of unavailable) this.unavailable.add(claim);
    return unavailable.length > 0 ? elsewhere : undefined;
  }

  /** How much the alternatives are liked that the node offers. */
  preference(node: NodeInfo): number {
    return this.#results.get(node.name)?.preference ?? 0;
  }

  reserve(node: NodeInfo): Reservation {
    const { state, claims } = this;
    const { pod } = this.info;
    const { client, listers, logger } = state.handle;
    const found = this.#results.get(node.name)?.results ?? new Map<string, AllocationResult>();
    const held = new Set(found.keys());
    for (const [key, allocation] of found) hold(state, key, allocation);
    const release = (): void => held.forEach((key) => hold(state, key, undefined));
    const extended = this.#extendedFor(node);
    const ofExtended = extended && found.get(extended.wants.key);
    const missing = claims.filter((claim) => claim.status?.allocation === undefined || !isReservedFor(claim, pod));
    const unprepared = claims.filter((claim) => (allocationIn(state, claim)?.devices.results ?? []).some(needsPreparation));
    if (missing.length === 0 && unprepared.length === 0 && ofExtended === undefined) return { release };
    const undo: (() => Promise<void>)[] = [];
    return {
      release,
      preBind: async (signal) => {
        for (const claim of missing) {
          await writeAllocation(client, listers, claim, allocationIn(state, claim), pod);
          undo.push(() => removeReservation(client, claim, pod));
        }
        const waitFor = unprepared.map(keyOf);
        if (extended !== undefined && ofExtended !== undefined) {
          await writeExtendedClaim(client, pod, extended.spec, ofExtended, extended.mappings, (claim) => {
            undo.push(() => removeExtendedClaim(client, claim));
            // It has a name now.
            const key = keyOf(claim);
            held.add(key);
            hold(state, key, ofExtended);
            hold(state, extended.wants.key, undefined);
            if ((ofExtended.devices.results ?? []).some(needsPreparation)) waitFor.push(key);
          });
        }
        await this.#prepared(waitFor, node, signal);
      },
      undo: async () => {
        for (const run of undo.splice(0).reverse()) {
          try {
            await run();
          } catch (error) {
            logger.debug(`what was written for pod ${this.info.key} could not be taken back`, { error: errorText(error) });
          }
        }
      },
    };
  }

  async #prepared(keys: readonly string[], node: NodeInfo, signal: AbortSignal): Promise<void> {
    const { handle, bindingTimeout } = this.state;
    const { resourceClaims } = handle.listers;
    const isReady = (key: string): boolean => {
      const claim = resourceClaims.store.get(key);
      return claim?.status?.allocation !== undefined && preparationOf(claim) === 'ready';
    };
    const waitFor = keys.filter((key) => !isReady(key));
    if (waitFor.length === 0) return;
    const message = `waiting for binding conditions for device on node ${node.name}`;
    handle.recorder.event(this.info.pod, 'Normal', 'BindingConditionsPending', message, 'Scheduling');
    await untilPrepared({ claims: resourceClaims, clock: handle.clock, timeout: bindingTimeout }, waitFor, signal);
  }

  /** The claim for what the node does not offer by itself. */
  #extendedFor(node: NodeInfo): Extended | undefined {
    if (this.classes === undefined) return undefined;
    const meant = [...this.classes.keys()].filter((resource) => !isOffered(resource, node));
    if (meant.length === 0) return undefined;
    const name = meant.join(' ');
    let extended = this.#extended.get(name);
    if (extended === undefined) {
      const made = extendedClaimOf(this.info.pod, new Map(meant.map((resource) => [resource, this.classes!.get(resource)!])));
      const classOf = (deviceClass: string): DeviceClass | undefined => this.state.handle.listers.deviceClasses.store.get(deviceClass);
      // No claim can have this name.
      const wants = wantsOf(`${this.info.key}-extended-resources-`, made.spec, classOf);
      if (typeof wants === 'string') throw new Error(wants);
      this.#extended.set(name, (extended = { ...made, wants }));
    }
    return extended;
  }
}

/** Keeps devices for a claim until the API says that it has them. */
function hold({ pending, usage, handle }: DeviceState, key: string, allocation: AllocationResult | undefined): void {
  if (allocation === undefined) pending.delete(key);
  else pending.set(key, allocation);
  usage.set(key, handle.listers.resourceClaims.store.get(key)?.status?.allocation ?? allocation);
}

function needsPreparation({ bindingConditions = [] }: { readonly bindingConditions?: readonly string[] }): boolean {
  return bindingConditions.length > 0;
}
