// How libraries say what their functions cost.
import type { CelType } from '../types.js';
import type { CelValue } from '../values/value.js';

/** Of sizes and of costs; `Infinity` is a maximum that nothing bounds. */
export interface CostEstimate {
  readonly min: number;
  readonly max: number;
}

/** What a call costs, given its arguments and result; the arguments' own costs are not in it. Absent: 1. */
export type RuntimeCost = (args: readonly CelValue[], result: CelValue) => number;

/** Sizes of the arguments as the estimate knows them, the receiver first. */
export interface SizedArgument {
  readonly size: CostEstimate;
  readonly type: CelType;
  /** Sizes of a list's elements, where they are known. */
  readonly element?: SizedArgument;
  /** The argument, when it is written out. */
  readonly literal?: unknown;
}

/** What a call costs at least and at most, and how big its result is where that is known. */
export type EstimatedCost = (args: readonly SizedArgument[]) => { readonly cost: CostEstimate; readonly size?: CostEstimate };

/** Both of a function. */
export interface Costs {
  readonly cost?: RuntimeCost;
  readonly estimate?: EstimatedCost;
}
