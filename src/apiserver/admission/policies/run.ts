// Runs the programs of a policy: its conditions, its variables, its expressions.
import { failure } from '../../../apimachinery/cel/evaluate/errors.js';
import { runtimeCostLimits, type Activation, type CostBudget } from '../../../apimachinery/cel/evaluate/run.js';
import { Patience, stepsAtOnce, withPatience } from '../../../apimachinery/cel/regex/patience.js';
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

/** A promise when a search for a regular expression takes long. */
export function outcomeOf(compiled: Compiled, activation: Activation, budget: CostBudget): Outcome | Promise<Outcome> {
  return withPatience((patience) => outcomeNow(compiled, activation, budget, patience));
}

function outcomeNow({ program }: Compiled, activation: Activation, budget: CostBudget, patience: Patience): Outcome {
  if (typeof program === 'string') return { error: program };
  const result = program.evaluate(activation, budget, patience);
  return result.ok ? { value: result.value } : { error: result.error };
}

export function failureText({ expression }: Compiled, error: string): string {
  return `expression '${expression}' resulted in error: ${error}`;
}

/** True when all conditions of the policy hold; one that is false decides, whatever the others say. A text when one cannot be told. */
export async function conditionsMet(
  { conditions }: SharedPrograms,
  policy: string,
  { request: { operation }, metrics }: EvaluationInput,
  activation: Activation,
  budget: CostBudget,
): Promise<boolean | string> {
  if (conditions.length === 0) return true;
  const took = metrics.begin();
  const met = await allHold(conditions, activation, budget);
  const told = typeof met === 'string' ? 'error' : met;
  metrics.conditions.add({
    kind: 'policy',
    name: policy,
    operation,
    type: 'validating',
    met: told,
    excluded: told === false,
    seconds: took(),
  });
  return met;
}

async function allHold(conditions: readonly Compiled[], activation: Activation, budget: CostBudget): Promise<boolean | string> {
  let problem: string | undefined;
  const turn = new Turn();
  for (const condition of conditions) {
    await turn.over();
    const outcome = outcomeOf(condition, activation, budget);
    const result = outcome instanceof Promise ? await outcome : outcome;
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
  const steps = { left: stepsAtOnce };
  for (const variable of variables) {
    let value: Outcome | undefined;
    // What reads the variable is evaluated again when a search in it takes long, and so it is.
    const patience = new Patience(steps);
    Object.defineProperty(values, variable.name, {
      enumerable: true,
      get: () => {
        if (value === undefined) {
          patience.repeat();
          value = outcomeNow(variable, activation, budget, patience);
        }
        if ('error' in value) throw failure(`composited variable "${variable.name}" fails to evaluate: ${value.error}`);
        return value.value;
      },
    });
  }
  activation['variables'] = values;
  return activation;
}
