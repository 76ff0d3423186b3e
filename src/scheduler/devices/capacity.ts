// How much of a device's capacity a request takes.
// https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#consumable-capacity
import type { CapacityRequestPolicy, Device, DeviceCapacity } from '../../../openapi/types/resource.v1.js';
import { formatQuantity, parseQuantity, type Quantity } from '../../apimachinery/quantity/quantity.js';

/** Amounts by the name of a capacity. */
export type Consumption = ReadonlyMap<string, Quantity>;

export type CapacityRequests = Readonly<Record<string, string | number>>;

interface KnownCapacity {
  readonly value: Quantity;
  readonly policy: CapacityRequestPolicy | undefined;
}

/** A device's capacities, parsed once. */
export type Capacities = ReadonlyMap<string, KnownCapacity>;

export function capacitiesOf({ capacity }: Device): Capacities {
  const one = ({ value, requestPolicy }: DeviceCapacity): KnownCapacity => ({ value: parseQuantity(value), policy: requestPolicy });
  return new Map(
    Object.entries(capacity ?? {})
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, each]) => [name, one(each)]),
  );
}

/** Whether a device that goes to one claim as a whole has at least what is requested of it. */
export function hasCapacity(capacities: Capacities, requests: CapacityRequests): boolean {
  return Object.entries(requests).every(([name, wanted]) => {
    const known = capacities.get(name);
    return known !== undefined && known.value.nano >= parseQuantity(wanted).nano;
  });
}

/** What a request takes of every capacity of a shared device; undefined: its policies do not allow that. */
export function consumptionOf(capacities: Capacities, requests: CapacityRequests): Consumption | undefined {
  if (Object.keys(requests).some((name) => !capacities.has(name))) return undefined;
  const taken = new Map<string, Quantity>();
  for (const [name, known] of capacities) {
    const amount = amountOf(known, Object.hasOwn(requests, name) ? requests[name] : undefined);
    if (amount === undefined || amount.nano > known.value.nano) return undefined;
    taken.set(name, amount);
  }
  return taken;
}

/** Without a request the default, or all of it; otherwise the next amount that the policy allows. */
function amountOf({ value, policy }: KnownCapacity, wanted: string | number | undefined): Quantity | undefined {
  if (wanted === undefined) return policy?.default === undefined ? value : parseQuantity(policy.default);
  const asked = parseQuantity(wanted);
  const { validValues = [], validRange } = policy ?? {};
  if (validValues.length > 0) {
    return validValues
      .map((one) => parseQuantity(one))
      .filter(({ nano }) => nano >= asked.nano)
      .reduce<Quantity | undefined>((least, one) => (least === undefined || one.nano < least.nano ? one : least), undefined);
  }
  if (validRange?.min === undefined) return asked;
  const min = parseQuantity(validRange.min);
  const step = validRange.step === undefined ? 0n : parseQuantity(validRange.step).nano;
  const over = asked.nano - min.nano;
  let amount = asked;
  if (over <= 0n) amount = min;
  else if (step > 0n) amount = { nano: min.nano + ((over + step - 1n) / step) * step, format: min.format };
  const most = validRange.max === undefined ? undefined : parseQuantity(validRange.max).nano;
  return most !== undefined && amount.nano > most ? undefined : amount;
}

/** For `consumedCapacity`; undefined: the device has no capacities. */
export function writtenConsumption(taken: Consumption): Readonly<Record<string, string>> | undefined {
  return taken.size === 0 ? undefined : Object.fromEntries([...taken].map(([name, amount]) => [name, formatQuantity(amount)]));
}
