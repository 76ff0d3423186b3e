// From the text of an expression to a program, or to the text of what is wrong with it.

import { checkExpression } from './check/checker.js';
import { patternProblem, validateLiterals } from './check/literals.js';
import { estimateExpression } from './cost/estimate.js';
import type { CostEstimate } from './cost/call-cost.js';
import type { SizeHints } from './cost/estimate.js';
import type { Environment } from './environment.js';
import { planExpression } from './evaluate/plan.js';
import type { Activation, CostBudget, Evaluation } from './evaluate/run.js';
import { runPlan } from './evaluate/run.js';
import type { Patience } from './regex/patience.js';
import { formatProblems } from './syntax/problems.js';
import { parseExpression } from './syntax/parser.js';
import type { CelType } from './types.js';
import { sameType } from './types.js';

/** A compiled expression: immutable, may be evaluated any number of times. */
export interface Program {
  readonly expression: string;
  readonly outputType: CelType;
  /** The variables of the environment that the expression refers to: a rule that has `oldSelf` here is a transition rule. */
  readonly variables: ReadonlySet<string>;
  /**
   * Evaluates. `activation` has the values of the variables: plain JSON values, which are viewed through the declared types and never copied, or CEL
   * values. Absent variables are errors when they are read. `budget` counts what it costs and ends the evaluation when it is spent. Never throws
   * because of the expression or its input; but with `patience`, throws Unfinished when a search for a regular expression takes long.
   */
  evaluate(activation: Activation, budget?: CostBudget, patience?: Patience): Evaluation;
  /** What an evaluation may cost at least and at most, from the limits of the declared types, or from `sizes` where they say more. */
  estimateCost(sizes?: SizeHints): CostEstimate;
}

export interface CompileOptions {
  /** What the expression must evaluate to, exactly one of these; absent: anything. dyn is let through only when it is one of them, as in the real server. */
  readonly output?: readonly CelType[];
  /** Adds to the check of the output: what the caller says when the type is wrong; absent: `must evaluate to …`. */
  readonly outputError?: string;
}

/**
 * `errors` is the text that the real API server shows, such as `ERROR: <input>:1:5: undefined field 'foo'\n | self.foo\n | ....^`; several problems are
 * joined by newlines. `reason` says what is wrong: the real server puts `compilation failed: ` before problems of syntax and type. What is said of the
 * output (its type, or a regular expression in it that is none) stands for itself.
 */
export type Compilation =
  | { readonly ok: true; readonly program: Program }
  | { readonly ok: false; readonly reason: 'syntax' | 'type' | 'output'; readonly errors: string };

/** Compiles `text`. Throws nothing because of the text, however hostile: its length and depth are bounded. */
export function compileExpression(text: string, environment: Environment, options: CompileOptions = {}): Compilation {
  const parsed = parseExpression(text, environment.macros, environment.dialect === 'cel');
  if (parsed.problems.length > 0 || parsed.expression === undefined) {
    return { ok: false, reason: 'syntax', errors: formatProblems(parsed.problems, text) };
  }
  const checked = checkExpression(parsed.expression, environment);
  if (checked.problems.length > 0 && !environment.unchecked)
    return { ok: false, reason: 'type', errors: formatProblems(checked.problems, text) };
  const literals = environment.dialect === 'cel' ? [] : validateLiterals(parsed.expression, checked);
  if (literals.length > 0) return { ok: false, reason: 'type', errors: formatProblems(literals, text) };
  const { expression } = parsed;
  const outputType = checked.typeOf(expression);
  if (options.output !== undefined && !options.output.some((type) => sameType(type, outputType))) {
    return {
      ok: false,
      reason: 'output',
      errors: options.outputError ?? `must evaluate to ${options.output.map((type) => type.name).join(' or ')}`,
    };
  }
  const pattern = environment.dialect === 'cel' ? undefined : patternProblem(expression);
  if (pattern !== undefined) return { ok: false, reason: 'output', errors: `program instantiation failed: ${pattern}` };
  const plan = planExpression(expression, checked, environment);
  const program: Program = {
    expression: text,
    outputType,
    variables: checked.variables,
    evaluate: (activation, budget, patience) => runPlan(plan, activation, budget, patience),
    estimateCost: (sizes) => estimateExpression(expression, checked, sizes),
  };
  return { ok: true, program };
}
