// How many seats each priority level has: its share of the server, and what levels lend each other.
// https://kubernetes.io/docs/concepts/cluster-administration/flow-control/#prioritylevelconfiguration and KEP-1040
import type { PriorityLevelConfiguration } from '../../../openapi/types/flowcontrol.v1.js';

/** Bounds of one level, in seats. */
export interface SeatBounds {
  /** Its share. */
  readonly nominal: number;
  /** What is left when all that it may lend is lent. */
  readonly lower: number;
  /** With all that it may borrow. */
  readonly upper: number;
}

/** Shares and percents when a configuration does not say. */
const usualShares = 30;

function sharesOf({ spec }: PriorityLevelConfiguration): number {
  return spec?.type === 'Exempt' ? (spec.exempt?.nominalConcurrencyShares ?? 0) : (spec?.limited?.nominalConcurrencyShares ?? usualShares);
}

/** The bounds of all levels by name, when `total` seats are divided by their shares. */
export function seatBounds(levels: readonly PriorityLevelConfiguration[], total: number): ReadonlyMap<string, SeatBounds> {
  let sum = 0;
  for (const level of levels) sum += sharesOf(level);
  return new Map(
    levels.map((level) => {
      const { spec } = level;
      const nominal = sum === 0 ? 0 : Math.ceil((total * sharesOf(level)) / sum);
      const lendable = (spec?.type === 'Exempt' ? spec.exempt?.lendablePercent : spec?.limited?.lendablePercent) ?? 0;
      const borrowing = spec?.limited?.borrowingLimitPercent;
      return [
        level.metadata.name,
        {
          nominal,
          lower: nominal - Math.round((nominal * lendable) / 100),
          upper: nominal + (borrowing === undefined ? total : Math.round((nominal * borrowing) / 100)),
        },
      ] as const;
    }),
  );
}

export interface LevelDemand {
  readonly bounds: SeatBounds;
  /** The most seats that were wanted at once in the last period. */
  readonly most: number;
  /** What was wanted lately, over some minutes. */
  readonly smooth: number;
}

export interface Allocation {
  /** One for each demand: what the level should have, and what it gets. */
  readonly targets: readonly number[];
  readonly limits: readonly number[];
  /** How much of its target each gets that is not at a bound. */
  readonly fairFraction: number;
}

/**
 * Divides `seats` among the levels: each gets at least what it wanted (of its own share), at most its upper bound, and in between the same
 * fraction of its target.
 */
export function allocate(levels: readonly LevelDemand[], seats: number): Allocation {
  const least = levels.map(({ bounds, most }) => Math.max(bounds.lower, Math.min(bounds.nominal, most)));
  const targets = levels.map(({ smooth }, index) => Math.max(least[index]!, smooth));
  const at = (fraction: number, index: number): number =>
    Math.min(Math.max(fraction * targets[index]!, least[index]!), Math.max(levels[index]!.bounds.upper, least[index]!));
  const sum = (fraction: number): number => {
    let total = 0;
    for (let index = 0; index < levels.length; index++) total += at(fraction, index);
    return total;
  };
  let low = 0;
  let high = 1;
  // Beyond this all levels are at their upper bounds.
  while (sum(high) < seats && high < 2 ** 40) high *= 2;
  for (let round = 0; round < 80; round++) {
    const middle = (low + high) / 2;
    if (sum(middle) < seats) low = middle;
    else high = middle;
  }
  return { targets, limits: levels.map((_, index) => Math.round(at(high, index))), fairFraction: high };
}

/** How fast what was wanted is forgotten: half of it in five minutes of adjustments every ten seconds. */
const keep = 0.977;

/** The new smoothed demand: goes up at once, down slowly. */
export function smoothed(before: number, { average, deviation }: { readonly average: number; readonly deviation: number }): number {
  const envelope = average + deviation;
  return Math.max(envelope, keep * before + (1 - keep) * envelope);
}
