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

const percentForm = /^[0-9]+%$/;

/** A number of pods or a share of them. */
export function numberOrPercentErrors(field: string, value: string | number | undefined): FieldError[] {
  if (typeof value === 'number') return [...notNegative(field, value)];
  if (value === undefined || percentForm.test(value)) return [];
  const why =
    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";
  return [invalid(field, value, why)];
}

/** A share may not be more than all. */
export function atMostAllErrors(field: string, value: string | number | undefined): FieldError[] {
  if (typeof value !== 'string' || !percentForm.test(value) || Number(value.slice(0, -1)) <= 100) return [];
  return [invalid(field, value, 'must not be greater than 100%')];
}

/** Whether a number or a share is zero. */
export function isZero(value: string | number | undefined): boolean {
  return value === 0 || (typeof value === 'string' && percentForm.test(value) && Number(value.slice(0, -1)) === 0);
}
