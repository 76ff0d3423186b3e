// Amounts of named resources, and the arithmetic that quotas do with them.
import { addQuantities, formatQuantity, parseQuantity, type Quantity } from '../../../apimachinery/quantity/quantity.js';

/** Amounts by the name of their resource: `requests.cpu`, `count/secrets`. */
export type ResourceAmounts = ReadonlyMap<string, Quantity>;

/** Amounts as objects have them. */
export type WrittenAmounts = Readonly<Record<string, string | number>>;

export const one: Quantity = countOf(1);

/** A whole number of things. */
export function countOf(count: number): Quantity {
  return { nano: BigInt(count) * 1_000_000_000n, format: 'DecimalSI' };
}

export function parseAmounts(amounts: WrittenAmounts | undefined): Map<string, Quantity> {
  const parsed = new Map<string, Quantity>();
  for (const name in amounts) parsed.set(name, parseQuantity(amounts[name]!));
  return parsed;
}

/** As objects have them, in the order of names. */
export function writeAmounts(amounts: ResourceAmounts): Record<string, string> {
  return Object.fromEntries([...amounts.keys()].sort().map((name) => [name, formatQuantity(amounts.get(name)!)]));
}

/** Adds to `sum`, which is changed. */
export function addInto(sum: Map<string, Quantity>, amounts: ResourceAmounts): void {
  for (const [name, amount] of amounts) {
    const before = sum.get(name);
    sum.set(name, before === undefined ? amount : addQuantities(before, amount));
  }
}

/** What `now` has more than `before`, by name; what has not grown is left out. */
export function growth(now: ResourceAmounts, before: ResourceAmounts): Map<string, Quantity> {
  const more = new Map<string, Quantity>();
  for (const [name, amount] of now) {
    const nano = amount.nano - (before.get(name)?.nano ?? 0n);
    if (nano > 0n) more.set(name, { nano, format: amount.format });
  }
  return more;
}

/** Only the amounts with these names. */
export function only(amounts: ResourceAmounts, names: Iterable<string>): Map<string, Quantity> {
  const some = new Map<string, Quantity>();
  for (const name of names) {
    const amount = amounts.get(name);
    if (amount !== undefined) some.set(name, amount);
  }
  return some;
}

/** `cpu=1,pods=2`, as messages name amounts. */
export function amountsText(amounts: ResourceAmounts): string {
  return [...amounts.keys()]
    .sort()
    .map((name) => `${name}=${formatQuantity(amounts.get(name)!)}`)
    .join(',');
}
