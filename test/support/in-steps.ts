// Work that yields, driven step by step.
import type { Work } from '../../src/clock/slices.js';

/** Does the work at once; what it returns, and how often it yielded. Throws what the work throws. */
export function inSteps<T>(work: Work<T>): { readonly value: T; readonly steps: number } {
  for (let steps = 0; ; steps++) {
    const step = work.next();
    if (step.done === true) return { value: step.value, steps };
  }
}
