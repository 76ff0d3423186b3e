// Small checks of single fields that many kinds share.
import { isDeepStrictEqual } from 'node:util';
import type { FieldError } from '../../apimachinery/errors/field-error.js';
import { invalid, notSupported, required } from '../../apimachinery/errors/field-error.js';
import { eachApart } from '../../clock/apart.js';
import {
  label1035Problems,
  labelNameProblems,
  pathSegmentProblems,
  qualifiedNameProblems,
  subdomainProblems,
} from '../../apimachinery/names/names.js';

export type Errors = readonly FieldError[];

/** One error for each text that `problems` returns. */
export function check(field: string, value: string, problems: (value: string) => readonly string[]): Errors {
  return problems(value).map((why) => invalid(field, value, why));
}

export const checkSubdomain = (field: string, value: string): Errors => check(field, value, subdomainProblems);
export const checkLabelName = (field: string, value: string): Errors => check(field, value, labelNameProblems);
export const checkLabel1035 = (field: string, value: string): Errors => check(field, value, label1035Problems);
export const checkPathSegment = (field: string, value: string): Errors => check(field, value, pathSegmentProblems);
export const checkQualifiedName = (field: string, value: string): Errors => check(field, value, qualifiedNameProblems);

/** `Required value` when the text is absent or empty, else what `then` says. */
export function needed(field: string, value: string | undefined, then?: (field: string, value: string) => Errors): Errors {
  if (value === undefined || value === '') return [required(field)];
  return then?.(field, value) ?? [];
}

/** The value names something that is not there. */
export function missing(field: string, value: string, why = ''): FieldError {
  return { field, reason: 'FieldValueNotFound', message: `Not found: ${JSON.stringify(value)}${why === '' ? '' : `: ${why}`}` };
}

/** The value must be one of these; the message lists them in the order given. */
export function oneOf(field: string, value: string | undefined, supported: readonly string[]): Errors {
  return supported.includes(value ?? '') ? [] : [notSupported(field, value ?? '', supported)];
}

/** As {@link oneOf} when the value is there. */
export function optionalOneOf(field: string, value: string | undefined, supported: readonly string[]): Errors {
  return value === undefined ? [] : oneOf(field, value, supported);
}

/** An absent number passes. */
export function notNegative(field: string, value: number | undefined): Errors {
  return (value ?? 0) < 0 ? [invalid(field, value, 'must be greater than or equal to 0')] : [];
}

export const immutableText = 'field is immutable';

/** The field may not change; `shown` is the value of the message when it is not the new value itself. */
export function immutable(field: string, now: unknown, before: unknown, shown: unknown = now): Errors {
  return isDeepStrictEqual(now, before) ? [] : [invalid(field, shown, immutableText)];
}

/**
 * {@link each}, for lists that may be long: others may have their turn in the midst of them. The check of one element must neither change nor
 * rely on anything that the others change.
 */
export function eachAlone<T>(
  field: string,
  values: readonly T[] | undefined,
  checkOne: (field: string, value: T, index: number) => Errors,
): Errors {
  const list = values ?? none;
  if (list.length === 0) return none;
  const errors: FieldError[] = [];
  eachApart(field, list.length, errors, (index) => {
    for (const error of checkOne(`${field}[${index}]`, list[index]!, index)) errors.push(error);
  });
  return errors;
}

const none: readonly never[] = [];

/** Runs a check on each element of a list; `field` gets the index: `spec.rules[0]`. */
export function each<T>(
  field: string,
  values: readonly T[] | undefined,
  checkOne: (field: string, value: T, index: number) => Errors,
): Errors {
  return (values ?? []).flatMap((value, index) => checkOne(`${field}[${index}]`, value, index));
}
