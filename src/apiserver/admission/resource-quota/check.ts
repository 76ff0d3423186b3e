// Whether a write fits into the quotas of its namespace, and what it adds to them. Pure.
import type { ResourceQuota } from '../../../../openapi/types/core.v1.js';
import { compareQuantities, type Quantity } from '../../../apimachinery/quantity/quantity.js';
import { addInto, amountsText, growth, isInScopes, only, parseAmounts, type ResourceAmounts } from '../../../registry/core/usage/index.js';
import { QuotaRefusal, type CountedWrite } from './counted-write.js';
import { checkLimited } from './limited.js';

/** The amounts of one quota's status as a batch of writes has them in hand. */
export interface QuotaState {
  readonly quota: ResourceQuota;
  readonly hard: ResourceAmounts;
  readonly used: ResourceAmounts;
}

/** What a write adds to one quota. */
export interface Charge {
  readonly state: QuotaState;
  readonly amounts: ResourceAmounts;
}

export function stateOf(quota: ResourceQuota): QuotaState {
  return { quota, hard: parseAmounts(quota.status?.hard), used: parseAmounts(quota.status?.used) };
}

/**
 * What the write adds to each quota that it is counted by. Throws {@link QuotaRefusal} when a quota limits something that the object does
 * not name, when it is not known yet how much is used, when there is not enough left, or when nothing covers what must be covered.
 */
export function chargesOf(states: readonly QuotaState[], write: CountedWrite): Charge[] {
  const { evaluator, object, old, now } = write;
  const concerned = states.flatMap((state) => {
    const names = [...state.hard.keys()].filter((name) => evaluator.counts(name)).sort();
    if (names.length === 0 || !isInScopes(evaluator, state.quota, object)) return [];
    return [{ state, names }];
  });
  for (const { state, names } of concerned) {
    const missing = evaluator.missing(object, new Set(names));
    if (missing !== '') throw new QuotaRefusal(`failed quota: ${state.quota.metadata.name}: must specify ${missing}`);
    if (names.some((name) => !state.used.has(name)))
      throw new QuotaRefusal(`status unknown for quota: ${state.quota.metadata.name}, resources: ${names.join(',')}`);
  }
  if (write.limited !== undefined)
    checkLimited(
      write.limited,
      write,
      concerned.map(({ state, names }) => ({ quota: state.quota, names })),
    );
  if (concerned.length === 0) return [];
  const usage = evaluator.usage(object, now);
  return concerned.flatMap(({ state, names }): Charge[] => {
    const before = old !== undefined && isInScopes(evaluator, state.quota, old) ? evaluator.usage(old, now) : new Map<string, Quantity>();
    const amounts = only(growth(usage, before), names);
    if (amounts.size === 0) return [];
    checkFits(state, amounts);
    return [{ state, amounts }];
  });
}

/** The state after a charge. */
export function charged({ quota, hard, used }: QuotaState, amounts: ResourceAmounts): QuotaState {
  const sum = new Map(used);
  addInto(sum, amounts);
  return { quota, hard, used: sum };
}

/** Throws {@link QuotaRefusal} when the amounts are more than is left. */
export function checkFits({ quota, hard, used }: QuotaState, amounts: ResourceAmounts): void {
  const sum = new Map(used);
  addInto(sum, amounts);
  const over = [...amounts.keys()].filter((name) => {
    const limit = hard.get(name);
    return limit !== undefined && compareQuantities(sum.get(name)!, limit) > 0;
  });
  if (over.length === 0) return;
  const [requested, has, limited] = [amounts, used, hard].map((of) => amountsText(only(of, over)));
  throw new QuotaRefusal(`exceeded quota: ${quota.metadata.name}, requested: ${requested}, used: ${has}, limited: ${limited}`);
}
