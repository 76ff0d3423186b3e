// Numbers of pods, or shares of them: `3` or `25%`.
// https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/int-or-string/
import { invalid, type FieldError } from '../../apimachinery/errors/field-error.js';
import { notNegative } from './fields.js';

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

/** Whether a number or a share is zero. A text that is neither counts as zero, one of a number as that number. */
export function isZero(value: string | number | undefined): boolean {
  if (typeof value !== 'string') return value === 0;
  if (percentForm.test(value)) return Number(value.slice(0, -1)) === 0;
  return !/^[-+]?[0-9]+$/.test(value) || Number(value) === 0;
}
