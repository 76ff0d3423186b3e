// Runs the programs of a policy: its conditions, its variables, its expressions.
import { failure } from '../../../apimachinery/cel/evaluate/errors.js';
import { runtimeCostLimits, type Activation, type CostBudget } from '../../../apimachinery/cel/evaluate/run.js';
import type { CelValue } from '../../../apimachinery/cel/values/value.js';
import type { KubeObject } from '../../../apimachinery/object.js';
import { Turn } from '../../../clock/slices.js';
import type { Compiled, SharedPrograms } from '../../../registry/admissionregistration/policy-programs.js';
import type { Kind } from '../../../registry/kind.js';
import type { AdmissionRequest } from '../chain.js';
import { activationOf, type ActivationContext } from './activation.js';

export interface EvaluationInput extends ActivationContext {
  readonly request: AdmissionRequest;
  /** The version in which the object is looked at. */
  readonly kind: Kind;
  readonly params: KubeObject | null;
}

/** Of what a program gave: its value, or the text of its failure. */
export type Outcome = { readonly value: CelValue } | { readonly error: string };

/** What one policy may spend on one request and one set of parameters. */
export function freshBudget(): CostBudget {
  return { remaining: runtimeCostLimits.total, perEvaluation: runtimeCostLimits.perCall };
}

export function outcomeOf({ program }: Compiled, activation: Activation, budget: CostBudget): Outcome {
  if (typeof program === 'string') return { error: program };
  const result = program.evaluate(activation, budget);
  return result.ok ? { value: result.value } : { error: result.error };
}

export function failureText({ expression }: Compiled, error: string): string {
  return `expression '${expression}' resulted in error: ${error}`;
}

/** True when all hold; one that is false decides, whatever the others say. A text when one cannot be told. */
export async function conditionsMet(
  conditions: readonly Compiled[],
  activation: Activation,
  budget: CostBudget,
): Promise<boolean | string> {
  let problem: string | undefined;
  const turn = new Turn();
  for (const condition of conditions) {
    await turn.over();
    const result = outcomeOf(condition, activation, budget);
    if ('error' in result) problem ??= failureText(condition, result.error);
    else if (result.value !== true) return false;
  }
  return problem ?? true;
}

/** What the expressions of a policy see: the request as it is now, the parameters, and the policy's own variables. */
export async function policyActivation({ variables }: SharedPrograms, input: EvaluationInput, budget: CostBudget): Promise<Activation> {
  const activation: Record<string, unknown> = { ...(await activationOf(input.request, input.kind, input)), params: input.params };
  if (variables.length === 0) return activation;
  // Each is evaluated when it is first read, and only then may it fail.
  const values: Record<string, unknown> = {};
  for (const variable of variables) {
    let value: Outcome | undefined;
    Object.defineProperty(values, variable.name, {
      enumerable: true,
      get: () => {
        value ??= outcomeOf(variable, activation, budget);
        if ('error' in value) throw failure(`composited variable "${variable.name}" fails to evaluate: ${value.error}`);
        return value.value;
      },
    });
  }
  activation['variables'] = values;
  return activation;
}
