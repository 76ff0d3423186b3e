// One evaluation: the variables, the budget, and what came of it.

import { EvaluationError, isEvaluationError } from './errors.js';
import type { Patience } from '../regex/patience.js';
import { Unfinished } from '../regex/patience.js';
import type { CelValue } from '../values/value.js';

/** The values of variables by name. A function is called when the variable is first read, and only then. */
export type Activation = Readonly<Record<string, unknown>>;

/**
 * Counts costs against limits. One budget may serve many evaluations (all rules of one object): `remaining` falls with each.
 * Costs have no unit; the real server takes a million to be about a tenth of a second.
 */
export interface CostBudget {
  /** What is left for this and later evaluations; changed in place. */
  remaining: number;
  /** What one evaluation may cost at most; absent: what remains. */
  readonly perEvaluation?: number;
}

/** The limits of the real server: of one evaluation, and of all evaluations of one object or policy. */
export const runtimeCostLimits = { perCall: 1_000_000, total: 10_000_000 } as const;

/**
 * `error` is the real server's text (`no such key: foo`). `reason` says whether the expression failed or its cost went over the limit of the evaluation
 * (`perEvaluation`) or of the whole budget (`budget`).
 */
export type Evaluation =
  | { readonly ok: true; readonly value: CelValue; readonly cost: number }
  | { readonly ok: false; readonly error: string; readonly reason: 'error' | 'perEvaluation' | 'budget'; readonly cost: number };

/** What closures of a plan share during one evaluation. */
export interface Frame {
  readonly activation: Activation;
  /** Variables of comprehensions, by their place. */
  readonly slots: CelValue[];
  /** Top-level variables that were read already, by their place. */
  readonly variables: (CelValue | undefined)[];
  cost: number;
  readonly limit: number;
  /** For searches that take long; undefined: they are made at once. */
  readonly patience: Patience | undefined;
}

export type Step = (frame: Frame) => CelValue;

/** A compiled expression before it is bound to values. */
export interface Plan {
  readonly step: Step;
  readonly slots: number;
  readonly variables: number;
}

/** The text for an evaluation that went over a limit. */
export const costExceeded = 'operation cancelled: actual cost limit exceeded';

export function runPlan(plan: Plan, activation: Activation, budget?: CostBudget, patience?: Patience): Evaluation {
  const limit = budget === undefined ? Infinity : Math.min(budget.remaining, budget.perEvaluation ?? Infinity);
  const frame: Frame = {
    activation,
    slots: new Array<CelValue>(plan.slots),
    variables: new Array<CelValue | undefined>(plan.variables),
    cost: 0,
    limit,
    patience,
  };
  try {
    const value = plan.step(frame);
    if (frame.cost > limit) throw overLimit();
    if (budget !== undefined) budget.remaining -= frame.cost;
    return { ok: true, value, cost: frame.cost };
  } catch (error) {
    // It is evaluated again, and pays then.
    if (error instanceof Unfinished) throw error;
    if (budget !== undefined) budget.remaining -= frame.cost;
    if (error instanceof RangeError && /call stack|array length|string length|BigInt/.test(error.message)) {
      return { ok: false, error: costExceeded, reason: 'perEvaluation', cost: frame.cost };
    }
    if (!isEvaluationError(error)) throw error;
    const over = error.text === costExceeded;
    const reason = !over ? 'error' : budget !== undefined && budget.remaining < 0 ? 'budget' : 'perEvaluation';
    return { ok: false, error: error.text, reason, cost: frame.cost };
  }
}

/** The error that ends an evaluation; `||` and `&&` do not absorb it. */
export function overLimit(): EvaluationError {
  return EvaluationError.of(costExceeded, true);
}

/** Adds to the cost, and ends the evaluation when its limit is passed. */
export function charge(frame: Frame, cost: number): void {
  frame.cost += cost;
  if (frame.cost > frame.limit) throw overLimit();
}
