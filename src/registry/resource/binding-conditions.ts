// Conditions that a device needs before its pod runs. https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#device-binding-conditions
import { duplicate, invalid } from '../../apimachinery/errors/field-error.js';
import { checkQualifiedName, each, type Errors } from '../rules/fields.js';
import { limitedErrors } from '../rules/lists.js';

const most = 4;

/** The two lists go together and share no condition; `field` is the path of the device. */
export function bindingConditionErrors(
  field: string,
  conditions: readonly string[] | undefined,
  failures: readonly string[] | undefined,
): Errors {
  const path = `${field}.bindingConditions`;
  const failurePath = `${field}.bindingFailureConditions`;
  const bound = new Set<string>();
  const failed = new Set<string>();
  const errors: Errors[number][] = [
    ...limitedErrors(path, conditions, most, checkQualifiedName),
    ...limitedErrors(failurePath, failures, most, checkQualifiedName),
    ...each(path, conditions, (place, one) => {
      if (bound.has(one)) return [duplicate(place, one)];
      bound.add(one);
      return [];
    }),
    ...each(failurePath, failures, (place, one) => {
      const found: Errors[number][] = [];
      if (failed.has(one)) found.push(duplicate(place, one));
      failed.add(one);
      if (bound.has(one)) found.push(invalid(place, one, 'bindingFailureConditions must not overlap with bindingConditions'));
      return found;
    }),
  ];
  if (bound.size > 0 && failed.size === 0) {
    errors.push(invalid(failurePath, null, 'bindingFailureConditions are required to use bindingConditions'));
  }
  if (failed.size > 0 && bound.size === 0) {
    errors.push(invalid(path, null, 'bindingConditions are required to use bindingFailureConditions'));
  }
  return errors;
}
