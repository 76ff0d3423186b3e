// Evaluates a compiled validating policy for one request and one set of parameters.
import type { Activation, CostBudget } from '../../../apimachinery/cel/evaluate/run.js';
import { Turn } from '../../../clock/slices.js';
import type { CompiledValidation, PolicyPrograms } from '../../../registry/admissionregistration/policy-programs.js';
import { answered } from './authorizer-variables.js';
import { conditionsMet, failureText, freshBudget, outcomeOf, policyActivation, type EvaluationInput } from './run.js';

/** What a policy has against a request. */
export interface Finding {
  readonly message: string;
  /** As in a Status. */
  readonly reason: string;
  /** An expression could not be evaluated: the failure policy says what that means. */
  readonly failed: boolean;
  /** Which of the policy's validations it is; 0 for what is none. */
  readonly index: number;
}

/** What came of it for one set of parameters. */
export interface Evaluation {
  readonly findings: readonly Finding[];
  /** For the audit event: keys and what their expressions made. */
  readonly annotations: readonly { readonly key: string; readonly value: string }[];
}

const nothing: Evaluation = { findings: [], annotations: [] };

/** The longest message that an expression may make, in bytes. */
const longestMessage = 5 * 1024;
/** What an audit annotation has at most, in characters. */
const longestAnnotation = 10 * 1024;

/** All that the policy has against the request; nothing when a match condition is false. */
export function evaluatePolicy(programs: PolicyPrograms, policy: string, input: EvaluationInput): Promise<Evaluation> {
  return answered(() => evaluateOnce(programs, policy, input));
}

async function evaluateOnce(programs: PolicyPrograms, policy: string, input: EvaluationInput): Promise<Evaluation> {
  const budget = freshBudget();
  const activation = await policyActivation(programs, input, budget);
  const met = await conditionsMet(programs, policy, input, activation, budget);
  if (met === false) return nothing;
  if (typeof met === 'string') return { findings: [failed(met, 0)], annotations: [] };
  const findings: Finding[] = [];
  // One evaluation may take some tens of milliseconds, when it spends all that it may.
  const turn = new Turn();
  for (const [index, validation] of programs.validations.entries()) {
    await turn.over();
    const outcome = outcomeOf(validation, activation, budget);
    const result = outcome instanceof Promise ? await outcome : outcome;
    if ('error' in result) findings.push(failed(failureText(validation, result.error), index));
    else if (result.value !== true)
      findings.push({ message: await messageOf(validation, activation, budget), reason: validation.reason, failed: false, index });
  }
  const annotations: { readonly key: string; readonly value: string }[] = [];
  for (const [index, annotation] of programs.auditAnnotations.entries()) {
    await turn.over();
    const outcome = outcomeOf(annotation, activation, budget);
    const result = outcome instanceof Promise ? await outcome : outcome;
    if ('error' in result) findings.push(failed(failureText(annotation, result.error), index));
    else if (typeof result.value === 'string' && result.value.trim() !== '')
      annotations.push({ key: annotation.key, value: result.value.trim().slice(0, longestAnnotation) });
  }
  return { findings, annotations };
}

function failed(message: string, index: number): Finding {
  return { message, reason: 'Invalid', failed: true, index };
}

/** The message that an expression makes, when it makes a good one; else the policy's own, else the expression. */
async function messageOf(
  { expression, message, messageProgram }: CompiledValidation,
  activation: Activation,
  budget: CostBudget,
): Promise<string> {
  if (messageProgram !== undefined) {
    const result = await outcomeOf(messageProgram, activation, budget);
    const text = 'value' in result && typeof result.value === 'string' ? result.value.trim() : '';
    if (text !== '' && !text.includes('\n') && Buffer.byteLength(text) <= longestMessage) return text;
  }
  return message === '' ? `failed expression: ${expression}` : message;
}
