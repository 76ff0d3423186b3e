// Rules of a list of conditions.
// https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md#typical-status-properties
import type { Condition } from '../../../openapi/types/meta.v1.js';
import { duplicate, invalid, required, tooLong } from '../../apimachinery/errors/field-error.js';
import type { Draft } from '../../apimachinery/object.js';
import { checkQualifiedName, each, oneOf, type Errors } from './fields.js';

const longestReason = 1024;
const longestMessage = 32768;
const reasonText =
  "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName',  or 'ReasonA,ReasonB',  or 'ReasonA:ReasonB', regex used for validation is '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?')";

function reasonErrors(field: string, reason: string): Errors {
  if (reason === '') return [required(field)];
  if (reason.length > longestReason) return [tooLong(field, longestReason)];
  const valid = /^[A-Za-z][A-Za-z0-9_,:]*$/.test(reason) && /[A-Za-z0-9_]$/.test(reason);
  return valid ? [] : [invalid(field, reason, reasonText)];
}

/** The broken rules of conditions; `field` is the list's path. */
export function conditionErrors(field: string, conditions: readonly Draft<Condition>[] | undefined): Errors {
  const types = new Set<string>();
  return each(field, conditions, (path, condition) => {
    const { type = '', status, observedGeneration = 0, lastTransitionTime, reason = '', message = '' } = condition;
    const errors: Errors[number][] = [...checkQualifiedName(`${path}.type`, type)];
    if (types.has(type)) errors.push(duplicate(`${path}.type`, type));
    types.add(type);
    errors.push(...oneOf(`${path}.status`, status, ['False', 'True', 'Unknown']));
    if (observedGeneration < 0) {
      errors.push(invalid(`${path}.observedGeneration`, observedGeneration, 'must be greater than or equal to zero'));
    }
    if (lastTransitionTime === undefined || lastTransitionTime === null) errors.push(required(`${path}.lastTransitionTime`));
    errors.push(...reasonErrors(`${path}.reason`, reason));
    if (message.length > longestMessage) errors.push(tooLong(`${path}.message`, longestMessage));
    return errors;
  });
}
