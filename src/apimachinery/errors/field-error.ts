// Errors of single fields, and the 422 that gathers them.
// https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md#error-reporting
import type { GroupVersionKind } from '../object.js';
import { jsonText } from '../codec/json.js';
import { quote } from '../schema/problems.js';
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
  return typeof value === 'string' ? quote(value) : value === undefined ? 'null' : jsonText(value);
}

export function required(field: string, why = ''): FieldError {
  return { field, reason: 'FieldValueRequired', message: why === '' ? 'Required value' : `Required value: ${why}` };
}

/** A value that breaks a rule; an empty `why` leaves the text with the value. */
export function invalid(field: string, value: unknown, why: string): FieldError {
  return { field, reason: 'FieldValueInvalid', message: `Invalid value: ${shown(value)}${why === '' ? '' : `: ${why}`}` };
}

/** A value that is none of an enum's. What cannot be printed is escaped as in JSON, other than in the values of {@link invalid}. */
export function notSupported(field: string, value: unknown, supported: readonly string[]): FieldError {
  return unsupported(field, typeof value === 'string' ? jsonText(value) : shown(value), supported);
}

/** As {@link notSupported} for a field whose type is a plain string and no enum: such values are quoted like any other text. */
export function notSupportedText(field: string, value: string, supported: readonly string[]): FieldError {
  return unsupported(field, quote(value), supported);
}

function unsupported(field: string, value: string, supported: readonly string[]): FieldError {
  const list = supported.map((one) => JSON.stringify(one)).join(', ');
  return { field, reason: 'FieldValueNotSupported', message: `Unsupported value: ${value}: supported values: ${list}` };
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

/** What the 422 needs of a kind. A kind that is a view of another is named as the one that is stored. */
export interface NamedKind extends Pick<GroupVersionKind, 'group' | 'kind'> {
  readonly conversion?: { readonly storedAs: { readonly group: string } } | undefined;
}

/** The 422 of a kind's object: `Pod "x" is invalid: spec.containers: Required value`. */
export function invalidObject(named: NamedKind, name: string, errors: readonly FieldError[]): ApiError {
  const { kind } = named;
  const group = named.conversion?.storedAs.group ?? named.group;
  const told = bounded(errors);
  const texts = [...new Set(told.map((error) => `${error.field}: ${error.message}`))];
  const all = texts.length === 1 ? texts[0]! : `[${texts.join(', ')}]`;
  const subject = group === '' ? kind : `${kind}.${group}`;
  return new ApiError(422, 'Invalid', `${subject} ${quote(name)} is invalid: ${all}`, {
    ...(name === '' ? {} : { name }),
    ...(group === '' ? {} : { group }),
    kind,
    causes: told.map(({ field, reason, message }) => ({ reason, message, field })),
  });
}

/** The most characters that all errors of one object have together: a list that is wrong in a thousand places may be shown with each of them. */
const mostText = 1024 * 1024;

function bounded(errors: readonly FieldError[]): readonly FieldError[] {
  let length = 0;
  const last = errors.findIndex(({ field, message }) => (length += field.length + message.length) > mostText);
  return last < 0 ? errors : errors.slice(0, Math.max(last, 1));
}
