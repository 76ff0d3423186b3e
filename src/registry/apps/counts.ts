// Rules of the counts in the statuses of workloads: none below zero, parts no more than the whole.
import { invalid, type FieldError } from '../../apimachinery/errors/field-error.js';
import { notNegative } from '../rules/fields.js';

/** A status; which counts it has is said by the names given. */
export type Counts = object;

export function countOf(counts: Counts | undefined, field: string): number {
  const value = (counts as Readonly<Record<string, unknown>> | undefined)?.[field];
  return typeof value === 'number' ? value : 0;
}

/** One error for each count of `status` that is below zero. */
export function countErrors(status: Counts | undefined, fields: readonly string[]): FieldError[] {
  return fields.flatMap((field) => [...notNegative(`status.${field}`, countOf(status, field))]);
}

/** One error for each part that is more than the whole; `text` is how the message calls the whole. */
export function partErrors(status: Counts | undefined, parts: readonly string[], whole: string, text = `status.${whole}`): FieldError[] {
  const most = countOf(status, whole);
  return parts.flatMap((part) => {
    const count = countOf(status, part);
    return count > most ? [invalid(`status.${part}`, count, `cannot be greater than ${text}`)] : [];
  });
}

/** A collision count only grows. */
export function collisionErrors(status: Counts | undefined, old: Counts | undefined): FieldError[] {
  const now = countOf(status, 'collisionCount');
  const before = countOf(old, 'collisionCount');
  return before > 0 && now < before ? [invalid('status.collisionCount', now, 'cannot be decremented')] : [];
}
