// `&&`, `||` and `?:`: what decides hides the errors of what does not. https://github.com/google/cel-spec/blob/master/doc/langdef.md#logical-operators

import { isEvaluationError, noSuchOverload } from './errors.js';
import type { Step } from './run.js';

/** `&&` is decided by false, `||` by true. Errors of other operands count only when no operand decides. */
export function logicStep(operands: readonly Step[], deciding: boolean): Step {
  return (frame) => {
    let error: unknown;
    for (const operand of operands) {
      try {
        const value = operand(frame);
        if (value === deciding) return deciding;
        if (value !== !deciding) error ??= noSuchOverload();
      } catch (thrown) {
        if (!isEvaluationError(thrown) || thrown.final) throw thrown;
        error ??= thrown;
      }
    }
    if (error !== undefined) throw error as Error;
    return !deciding;
  };
}

export function conditionalStep(condition: Step, then: Step, otherwise: Step): Step {
  return (frame) => {
    const value = condition(frame);
    if (value === true) return then(frame);
    if (value === false) return otherwise(frame);
    throw noSuchOverload();
  };
}
