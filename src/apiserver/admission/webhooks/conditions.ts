// Match conditions: CEL expressions that say whether a webhook is asked at all.
// https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#matching-requests-matchconditions
import type { MatchCondition } from '../../../../openapi/types/admissionregistration.v1.js';
import { runtimeCostLimits, type Activation } from '../../../apimachinery/cel/evaluate/run.js';
import { Patience, patiently } from '../../../apimachinery/cel/regex/patience.js';
import { boolType } from '../../../apimachinery/cel/types.js';
import { inSlices, type Work } from '../../../clock/slices.js';
import { environmentFor, programOf } from '../../../registry/admissionregistration/expressions.js';

/** Whether all hold: `error` when one cannot be told and none is false. */
export type Met = boolean | { readonly error: string };

/** A promise when it takes long. Undefined: there are none. */
export type MatchConditions = ((activation: Activation) => Met | Promise<Met>) | undefined;

/** Compiled with the configuration; an expression that cannot be compiled is an error each time. */
export function compileConditions(conditions: readonly MatchCondition[]): MatchConditions {
  if (conditions.length === 0) return undefined;
  const all = conditions.map(({ expression }) => ({ expression, program: programOf(expression, environmentFor(false), [boolType]) }));
  function* look(activation: Activation): Work<Met> {
    const budget = { remaining: runtimeCostLimits.total / 4, perEvaluation: runtimeCostLimits.perCall };
    const patience = new Patience();
    let error: string | undefined;
    for (const { expression, program } of all) {
      yield;
      const result =
        typeof program === 'string'
          ? { ok: false as const, error: program }
          : yield* patiently(patience, () => program.evaluate(activation, budget, patience));
      if (!result.ok) error ??= `expression '${expression}' resulted in error: ${result.error}`;
      else if (result.value !== true) return false;
    }
    return error === undefined ? true : { error };
  }
  return (activation) => inSlices(look(activation));
}
