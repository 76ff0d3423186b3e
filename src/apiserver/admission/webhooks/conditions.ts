// Match conditions: CEL expressions that say whether a webhook is asked at all.
// https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#matching-requests-matchconditions
import type { MatchCondition } from '../../../../openapi/types/admissionregistration.v1.js';
import { runtimeCostLimits, type Activation } from '../../../apimachinery/cel/evaluate/run.js';
import { boolType } from '../../../apimachinery/cel/types.js';
import { environmentFor, programOf } from '../../../registry/admissionregistration/expressions.js';

/** Whether all hold: `error` when one cannot be told and none is false. Undefined: there are none. */
export type MatchConditions = ((activation: Activation) => boolean | { readonly error: string }) | undefined;

/** Compiled with the configuration; an expression that cannot be compiled is an error each time. */
export function compileConditions(conditions: readonly MatchCondition[]): MatchConditions {
  if (conditions.length === 0) return undefined;
  const all = conditions.map(({ expression }) => ({ expression, program: programOf(expression, environmentFor(false), [boolType]) }));
  return (activation) => {
    const budget = { remaining: runtimeCostLimits.total / 4, perEvaluation: runtimeCostLimits.perCall };
    let error: string | undefined;
    for (const { expression, program } of all) {
      const result = typeof program === 'string' ? { ok: false as const, error: program } : program.evaluate(activation, budget);
      if (!result.ok) error ??= `expression '${expression}' resulted in error: ${result.error}`;
      else if (result.value !== true) return false;
    }
    return error === undefined ? true : { error };
  };
}
