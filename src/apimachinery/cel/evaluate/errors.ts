// Errors of an evaluation, made without a stack trace: `a || b` meets them on its usual way.

/** Thrown by steps of a plan; `runPlan` turns it into a result. */
export class EvaluationError extends Error {
  /** The real server's text. */
  readonly text!: string;
  /** `||`, `&&` and comprehensions do not absorb it. */
  readonly final!: boolean;

  /** Ten times cheaper than a constructor, which would record the stack. */
  static of(text: string, final = false): EvaluationError {
    const error = Object.create(EvaluationError.prototype) as { text: string; final: boolean; message: string };
    error.text = text;
    error.message = text;
    error.final = final;
    return error as unknown as EvaluationError;
  }
}

export function isEvaluationError(error: unknown): error is EvaluationError {
  return error instanceof EvaluationError;
}

/** A shorthand for functions of libraries: `throw failure('division by zero')`. */
export function failure(text: string): EvaluationError {
  return EvaluationError.of(text);
}

export function noSuchOverload(): EvaluationError {
  return EvaluationError.of('no such overload');
}

export function noSuchKey(key: string): EvaluationError {
  return EvaluationError.of(`no such key: ${key}`);
}
