// What calls cost: at run time by the sizes of their arguments, and in the estimate by the bounds of those sizes.

import type { CelValue } from '../values/value.js';
import { ListValue, MapValue } from '../values/value.js';
import { codePointLength } from '../values/text.js';
import type { CostEstimate, Costs, SizedArgument } from './call-cost.js';

/** Reading a character of a text, against 1 for a call. */
export const perCharacter = 0.1;
/** A character of a regular expression for every ten characters of the text. */
export const perPatternCharacter = 0.25;

/** Costs of expressions that are no calls. */
export const selectCost = 1;
export const listCost = 10;
export const mapCost = 30;
export const structCost = 40;

export const one: CostEstimate = { min: 1, max: 1 };
export const zero: CostEstimate = { min: 0, max: 0 };

/** Characters, bytes, items or entries; 1 for anything else. */
export function sizeOf(value: CelValue | undefined): number {
  if (typeof value === 'string') return codePointLength(value);
  if (value instanceof ListValue || value instanceof MapValue) return value.size;
  return value instanceof Uint8Array ? value.length : 1;
}

export function addCosts(...costs: readonly CostEstimate[]): CostEstimate {
  return { min: costs.reduce((sum, cost) => sum + cost.min, 0), max: costs.reduce((sum, cost) => sum + cost.max, 0) };
}

function product(left: number, right: number): number {
  return left === 0 || right === 0 ? 0 : left * right;
}

export function multiplyCosts(left: CostEstimate, right: CostEstimate): CostEstimate {
  return { min: product(left.min, right.min), max: product(left.max, right.max) };
}

/** Times a factor, rounded up. */
export function scaleCost(cost: CostEstimate, factor: number): CostEstimate {
  return { min: Math.ceil(product(cost.min, factor)), max: Math.ceil(product(cost.max, factor)) };
}

export function unionCosts(left: CostEstimate, right: CostEstimate): CostEstimate {
  return { min: Math.min(left.min, right.min), max: Math.max(left.max, right.max) };
}

export const unknownSize: CostEstimate = { min: 0, max: Infinity };

export function sizeAt(args: readonly SizedArgument[], index: number): CostEstimate {
  return args[index]?.size ?? unknownSize;
}

/** Reads the texts at these places once. `result`: how big what comes out may be. */
export function traversal(places: readonly number[], result?: (args: readonly SizedArgument[]) => CostEstimate): Costs {
  return {
    cost: (args) => Math.ceil(places.reduce((sum, place) => sum + sizeOf(args[place]), 0) * perCharacter),
    estimate: (args) => {
      const cost = scaleCost(addCosts(...places.map((place) => sizeAt(args, place))), perCharacter);
      return result === undefined ? { cost } : { cost, size: result(args) };
    },
  };
}

/** As big as the argument at `place`, at most. */
export function sizeLike(place: number): (args: readonly SizedArgument[]) => CostEstimate {
  return (args) => sizeAt(args, place);
}

export function sumOfSizes(args: readonly SizedArgument[]): CostEstimate {
  return addCosts(sizeAt(args, 0), sizeAt(args, 1));
}

/** Two values compared, as far as the smaller goes. */
export const comparison: Costs = {
  cost: (args) => Math.ceil(Math.min(sizeOf(args[0]), sizeOf(args[1])) * perCharacter),
  estimate: (args) => {
    const max = Math.min(sizeAt(args, 0).max, sizeAt(args, 1).max);
    return { cost: scaleCost({ min: max > 0 ? 1 : 0, max }, perCharacter) };
  },
};

/** A text searched for a regular expression. */
export const matching: Costs = {
  cost: (args) => Math.ceil((1 + sizeOf(args[0])) * perCharacter) * Math.ceil(sizeOf(args[1]) * perPatternCharacter),
  estimate: (args) => ({
    cost: multiplyCosts(scaleCost(addCosts(sizeAt(args, 0), one), perCharacter), scaleCost(sizeAt(args, 1), perPatternCharacter)),
  }),
};

/** A text searched for another. */
export const containing: Costs = {
  cost: (args) => Math.ceil(sizeOf(args[0]) * perCharacter) * Math.ceil(sizeOf(args[1]) * perCharacter),
  estimate: (args) => ({ cost: multiplyCosts(scaleCost(sizeAt(args, 0), perCharacter), scaleCost(sizeAt(args, 1), perCharacter)) }),
};

/** A list searched for an item. */
export const listSearch: Costs = {
  cost: (args) => sizeOf(args[1]),
  estimate: (args) => ({ cost: sizeAt(args, 1) }),
};

/** Lists put together: each call costs 1, whatever is in them. */
export const joining: Costs = {
  estimate: (args) => ({ cost: one, size: sumOfSizes(args) }),
};
