// What one search has taken so far, on top of what claims have.
import { consumptionOf, type Consumption } from './capacity.js';
import type { Pool, PoolDevice } from './device-pools.js';
import { tolerates, type Alternative } from './device-requests.js';
import { draw, type DeviceUsage } from './device-usage.js';

/** A device, or a share of it, that the search has taken. */
export interface Taken {
  /** What the share takes of the device's capacities; undefined: the whole device was taken. */
  readonly consumed: Consumption | undefined;
  giveBack(): void;
}

export interface Tally {
  /**
   * Undefined: it is not to be had. Administrators may have what other claims have, but only what the counters of its pool and its capacity allow.
   * @param claim the key of the claim
   */
  take(device: PoolDevice, alternative: Alternative, claim: string): Taken | undefined;
}

export function createTally(usage: DeviceUsage): Tally {
  /** How often each device was taken, and how often by each claim (`device claim`). */
  const taken = new Map<string, number>();
  const consumedOf = new Map<string, Map<string, bigint>>();
  const countersOf = new Map<Pool, Map<string, bigint>>();

  const counters = (pool: Pool): Map<string, bigint> => {
    let left = countersOf.get(pool);
    if (left === undefined) countersOf.set(pool, (left = usage.countersLeft(pool)));
    return left;
  };
  const share = ({ id, capacities }: PoolDevice, { capacity }: Alternative): Consumption | undefined => {
    const consumption = consumptionOf(capacities, capacity);
    const mine = consumedOf.get(id);
    const fits =
      consumption !== undefined &&
      [...consumption].every(
        ([name, { nano }]) => usage.taken(id, name) + (mine?.get(name) ?? 0n) + nano <= capacities.get(name)!.value.nano,
      );
    return fits ? consumption : undefined;
  };
  const count = (id: string, claim: string, consumption: Consumption | undefined, factor: 1 | -1): void => {
    for (const key of [id, `${id} ${claim}`]) taken.set(key, (taken.get(key) ?? 0) + factor);
    if (consumption === undefined) return;
    const mine = consumedOf.get(id) ?? new Map<string, bigint>();
    consumedOf.set(id, mine);
    for (const [name, { nano }] of consumption) mine.set(name, (mine.get(name) ?? 0n) + BigInt(factor) * nano);
  };

  return {
    take(device, alternative, claim) {
      const { id, consumes, inPool } = device;
      if (!tolerates(alternative, device)) return undefined;
      const before = taken.get(id) ?? 0;
      const shared = device.device.allowMultipleAllocations === true;
      let consumed: Consumption | undefined;
      if (shared) {
        consumed = share(device, alternative);
        if (consumed === undefined) return undefined;
      } else if (alternative.adminAccess ? (taken.get(`${id} ${claim}`) ?? 0) > 0 : before > 0 || usage.isHeld(id)) return undefined;
      // A shared device draws on the counters once.
      const draws = consumes.size > 0 && !(shared && (before > 0 || usage.isInUse(id)));
      if (draws) {
        const left = counters(inPool);
        for (const [counter, amount] of consumes) if ((left.get(counter) ?? 0n) < amount) return undefined;
        draw(left, consumes, 1n);
      }
      count(id, claim, consumed, 1);
      return {
        consumed,
        giveBack() {
          count(id, claim, consumed, -1);
          if (draws) draw(counters(inPool), consumes, -1n);
        },
      };
    },
  };
}
