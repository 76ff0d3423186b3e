// Errors of single fields, and the 422 that gathers them.
// https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md#error-reporting
import type { GroupVersionKind } from '../object.js';
import { ApiError } from './api-error.js';

/** One broken rule. `reason` is the cause's reason in the Status; `message` its text without the field. */
export interface FieldError {
  readonly field: string;
  readonly reason:
    | 'FieldValueRequired'
    | 'FieldValueInvalid'
    | 'FieldValueNotSupported'
    | 'FieldValueDuplicate'
    | 'FieldValueForbidden'
    | 'FieldValueTooLong'
    | 'FieldValueTooMany'
    | 'FieldValueNotFound'
    | 'FieldValueTypeInvalid'
    | 'InternalError';
  readonly message: string;
}

/** A value as the messages show it: strings quoted, objects and arrays as JSON. */
function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : value === undefined ? 'null' : JSON.stringify(value);
}

export function required(field: string, why = ''): FieldError {
  return { field, reason: 'FieldValueRequired', message: why === '' ? 'Required value' : `Required value: ${why}` };
}

export function invalid(field: string, value: unknown, why: string): FieldError {
  return { field, reason: 'FieldValueInvalid', message: `Invalid value: ${shown(value)}: ${why}` };
}

export function notSupported(field: string, value: unknown, supported: readonly string[]): FieldError {
  const list = supported.map((one) => JSON.stringify(one)).join(', ');
  return { field, reason: 'FieldValueNotSupported', message: `Unsupported value: ${shown(value)}: supported values: ${list}` };
}

export function duplicate(field: string, value: unknown): FieldError {
  return { field, reason: 'FieldValueDuplicate', message: `Duplicate value: ${shown(value)}` };
}

export function fieldForbidden(field: string, why: string): FieldError {
  return { field, reason: 'FieldValueForbidden', message: `Forbidden: ${why}` };
}

export function tooLong(field: string, limit: number): FieldError {
  return { field, reason: 'FieldValueTooLong', message: `Too long: may not be more than ${limit} bytes` };
}

export function tooMany(field: string, actual: number, limit: number): FieldError {
  return { field, reason: 'FieldValueTooMany', message: `Too many: ${actual}: must have at most ${limit} items` };
}

/** The 422 of a kind's object: `Pod "x" is invalid: spec.containers: Required value`. */
export function invalidObject(
  { group, kind }: Pick<GroupVersionKind, 'group' | 'kind'>,
  name: string,
  errors: readonly FieldError[],
): ApiError {
  const texts = [...new Set(errors.map((error) => `${error.field}: ${error.message}`))];
  const all = texts.length === 1 ? texts[0]! : `[${texts.join(', ')}]`;
  const subject = group === '' ? kind : `${kind}.${group}`;
  return new ApiError(422, 'Invalid', `${subject} "${name}" is invalid: ${all}`, {
    ...(name === '' ? {} : { name }),
    ...(group === '' ? {} : { group }),
    kind,
    causes: errors.map(({ field, reason, message }) => ({ reason, message, field })),
  });
}
