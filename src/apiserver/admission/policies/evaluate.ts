// Evaluates a compiled policy for one request and one set of parameters.
import { failure } from '../../../apimachinery/cel/evaluate/errors.js';
import { runtimeCostLimits, type Activation, type CostBudget } from '../../../apimachinery/cel/evaluate/run.js';
import type { KubeObject } from '../../../apimachinery/object.js';
import type { Compiled, CompiledValidation, PolicyPrograms } from '../../../registry/admissionregistration/policy-programs.js';
import type { Kind } from '../../../registry/kind.js';
import type { AdmissionRequest } from '../chain.js';
import { activationOf, type ActivationContext } from './activation.js';

export interface EvaluationInput extends ActivationContext {
  readonly request: AdmissionRequest;
  /** The version in which the object is looked at. */
  readonly kind: Kind;
  readonly params: KubeObject | null;
}

/** What a policy has against a request. */
export interface Finding {
  readonly message: string;
  /** As in a Status. */
  readonly reason: string;
  /** An expression could not be evaluated: the failure policy says what that means. */
  readonly failed: boolean;
}

/** The longest message that an expression may make, in bytes. */
const longestMessage = 5 * 1024;

/** All that the policy has against the request; nothing when a match condition is false. */
export async function evaluatePolicy(programs: PolicyPrograms, input: EvaluationInput): Promise<readonly Finding[]> {
  const budget: CostBudget = { remaining: runtimeCostLimits.total, perEvaluation: runtimeCostLimits.perCall };
  const activation = await activationFor(programs, input, budget);
  const met = conditionsMet(programs.conditions, activation, budget);
  if (met === false) return [];
  if (typeof met === 'object') return [met];
  return programs.validations.flatMap((validation) => {
    const result = valueOf(validation, activation, budget);
    if ('error' in result) return [failed(validation, result.error)];
    if (result.value === true) return [];
    return [{ message: messageOf(validation, activation, budget), reason: validation.reason, failed: false }];
  });
}

function failed({ expression }: Compiled, error: string): Finding {
  return { message: `expression '${expression}' resulted in error: ${error}`, reason: 'Invalid', failed: true };
}

/** True when all hold; one that is false decides, whatever the others say. */
function conditionsMet(conditions: readonly Compiled[], activation: Activation, budget: CostBudget): boolean | Finding {
  let problem: Finding | undefined;
  for (const condition of conditions) {
    const result = valueOf(condition, activation, budget);
    if ('error' in result) problem ??= failed(condition, result.error);
    else if (result.value !== true) return false;
  }
  return problem ?? true;
}

function valueOf(
  { program }: Compiled,
  activation: Activation,
  budget: CostBudget,
): { readonly value: unknown } | { readonly error: string } {
  if (typeof program === 'string') return { error: program };
  const result = program.evaluate(activation, budget);
  return result.ok ? { value: result.value } : { error: result.error };
}

/** The message that an expression makes, when it makes a good one; else the policy's own, else the expression. */
function messageOf({ expression, message, messageProgram }: CompiledValidation, activation: Activation, budget: CostBudget): string {
  if (messageProgram !== undefined) {
    const result = valueOf(messageProgram, activation, budget);
    const text = 'value' in result && typeof result.value === 'string' ? result.value.trim() : '';
    if (text !== '' && !text.includes('\n') && Buffer.byteLength(text) <= longestMessage) return text;
  }
  return message === '' ? `failed expression: ${expression}` : message;
}

async function activationFor({ variables }: PolicyPrograms, input: EvaluationInput, budget: CostBudget): Promise<Activation> {
  const activation: Record<string, unknown> = { ...(await activationOf(input.request, input.kind, input)), params: input.params };
  if (variables.length === 0) return activation;
  // Each is evaluated when it is first read, and only then may it fail.
  const values: Record<string, unknown> = {};
  for (const variable of variables) {
    let value: { readonly value: unknown } | { readonly error: string } | undefined;
    Object.defineProperty(values, variable.name, {
      enumerable: true,
      get: () => {
        value ??= valueOf(variable, activation, budget);
        if ('error' in value) throw failure(`composited variable "${variable.name}" fails to evaluate: ${value.error}`);
        return value.value;
      },
    });
  }
  activation['variables'] = values;
  return activation;
}
