// What the check of an expression found out.

import type { Overload } from '../library/overload.js';
import type { CallExpression, Expression, StructExpression } from '../syntax/expression.js';
import type { Problem } from '../syntax/problems.js';
import type { CelType } from '../types.js';
import type { Reference } from './scope.js';

/** What the check of an expression found. */
export interface Checked {
  readonly problems: readonly Problem[];
  typeOf(expression: Expression): CelType;
  /** Of names, and of selections that are a name with dots. */
  readonly references: ReadonlyMap<Expression, Reference>;
  /** What a call may mean, by the types of its arguments. */
  readonly calls: ReadonlyMap<CallExpression, ResolvedCall>;
  /** The places of macros' variables, in their order. */
  readonly slots: ReadonlyMap<Expression, readonly number[]>;
  readonly slotCount: number;
  readonly structs: ReadonlyMap<StructExpression, CelType>;
  /** Variables of the environment that are referred to. */
  readonly variables: ReadonlySet<string>;
}

export interface ResolvedCall {
  readonly name: string;
  readonly overloads: readonly Overload[];
  /** All that the name and the number of arguments allow. */
  readonly candidates: readonly Overload[];
  /** The target is part of the function's name: `math.least(…)`. */
  readonly namespaced: boolean;
}
