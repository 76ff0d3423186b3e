// Who has which device, and how much of those that are shared: kept up to date claim by claim.
import type { AllocationResult, DeviceRequestAllocationResult } from '../../../openapi/types/resource.v1.js';
import { parseQuantity } from '../../apimachinery/quantity/quantity.js';
import { deviceId, type Pool, type PoolDevice } from './device-pools.js';

interface Holding {
  /** How many claims have it as a whole. */
  whole: number;
  /** How many shares of it are given out. */
  shares: number;
  /** What the shares take of each capacity, in thousandths of a millionth. */
  readonly taken: Map<string, bigint>;
}

/** The devices that claims hold; those of administrators' access are free for others. */
export class DeviceUsage {
  readonly #claims = new Map<string, AllocationResult>();
  readonly #devices = new Map<string, Holding>();

  /** What a claim has now; undefined: nothing. */
  set(claim: string, allocation: AllocationResult | undefined): void {
    const before = this.#claims.get(claim);
    if (before === allocation) return;
    for (const one of before?.devices.results ?? []) this.#count(one, -1);
    for (const one of allocation?.devices.results ?? []) this.#count(one, 1);
    if (allocation === undefined) this.#claims.delete(claim);
    else this.#claims.set(claim, allocation);
  }

  isHeld(id: string): boolean {
    return (this.#devices.get(id)?.whole ?? 0) > 0;
  }

  /** Held as a whole or in part. */
  isInUse(id: string): boolean {
    return this.#devices.has(id);
  }

  taken(id: string, capacity: string): bigint {
    return this.#devices.get(id)?.taken.get(capacity) ?? 0n;
  }

  /** What is left of the pool's counters, by `set/counter`. A shared device draws on them once. */
  countersLeft({ counters, devices }: Pool): Map<string, bigint> {
    const left = new Map(counters);
    for (const { id, consumes } of devices) if (consumes.size > 0 && this.isInUse(id)) draw(left, consumes, 1n);
    return left;
  }

  #count(result: DeviceRequestAllocationResult, factor: 1 | -1): void {
    if (result.adminAccess === true) return;
    const id = deviceId(result.driver, result.pool, result.device);
    const held = this.#devices.get(id) ?? { whole: 0, shares: 0, taken: new Map<string, bigint>() };
    this.#devices.set(id, held);
    if (result.shareID === undefined) held.whole += factor;
    else held.shares += factor;
    for (const [name, amount] of Object.entries(result.consumedCapacity ?? {}))
      held.taken.set(name, (held.taken.get(name) ?? 0n) + BigInt(factor) * parseQuantity(amount).nano);
    if (held.whole <= 0 && held.shares <= 0) this.#devices.delete(id);
  }
}

/** Takes what the device draws from what is left; a factor of -1 gives it back. */
export function draw(left: Map<string, bigint>, consumes: PoolDevice['consumes'], factor: 1n | -1n): void {
  for (const [counter, amount] of consumes) left.set(counter, (left.get(counter) ?? 0n) - factor * amount);
}
