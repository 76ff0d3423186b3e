// The parameters that storage classes and volume attributes classes hand to drivers.
import { invalid, required, tooLong } from '../../apimachinery/errors/field-error.js';
import type { Errors } from '../rules/fields.js';

const mostParameters = 512;
const mostBytes = 256 * 1024;

/** The broken rules of `parameters`. */
export function parameterErrors(parameters: Readonly<Record<string, string | undefined>> | undefined, allowEmpty: boolean): Errors {
  const entries = Object.entries(parameters ?? {});
  if (entries.length > mostParameters) return [tooLong('parameters', mostParameters)];
  if (entries.length === 0) return allowEmpty ? [] : [required('parameters', 'must contain at least one key/value pair')];
  const errors = entries.filter(([key]) => key === '').map(([key]) => invalid('parameters', key, 'field can not be empty.'));
  const size = entries.reduce((sum, [key, value = '']) => sum + key.length + value.length, 0);
  return size > mostBytes ? [...errors, tooLong('parameters', mostBytes)] : errors;
}
