// How much of a device's capacity one request may take, when many share it.
// https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#consumable-capacity
import type { CapacityRequestPolicyRange, DeviceCapacity } from '../../../openapi/types/resource.v1.js';
import { duplicate, fieldForbidden, invalid, required, tooMany } from '../../apimachinery/errors/field-error.js';
import type { Draft } from '../../apimachinery/object.js';
import { addQuantities, formatQuantity, parseQuantity, quantityValue, type Quantity } from '../../apimachinery/quantity/quantity.js';
import type { Errors } from '../rules/fields.js';

const mostValues = 10;

function amount(value: string | number | undefined): Quantity | undefined {
  return value === undefined || value === null ? undefined : parseQuantity(value);
}

function valuesErrors(field: string, values: readonly (string | number)[], standard: Quantity | undefined, capacity: Quantity): Errors {
  const path = `${field}.validValues`;
  if (standard === undefined) return [required(`${field}.default`, 'required when validValues is defined')];
  const errors: Errors[number][] = [];
  let found = false;
  if (values.length > mostValues) errors.push(tooMany(path, values.length, mostValues));
  else {
    let last: Quantity | undefined;
    // Amounts that are the same once rounded up to whole ones are doubles.
    const seen = new Set<number>();
    values.forEach((value, index) => {
      const own = parseQuantity(value);
      const place = `${path}[${index}]`;
      if (own.nano > capacity.nano) {
        errors.push(invalid(place, String(value), `option is larger than capacity value: ${formatQuantity(capacity)}`));
      }
      if (last !== undefined && own.nano < last.nano)
        errors.push(invalid(place, formatQuantity(own), 'values must be sorted in ascending order'));
      if (seen.has(quantityValue(own))) errors.push(duplicate(place, String(quantityValue(own))));
      seen.add(quantityValue(own));
      if (own.nano === standard.nano) found = true;
      last = own;
    });
  }
  if (!found) errors.push(invalid(path, formatQuantity(standard), 'default value is not valid according to the requestPolicy'));
  return errors;
}

function rangeErrors(field: string, range: Draft<CapacityRequestPolicyRange>, standard: Quantity | undefined, capacity: Quantity): Errors {
  const path = `${field}.validRange`;
  const text = formatQuantity;
  const errors: Errors[number][] = [];
  const [min, max, step] = [amount(range.min), amount(range.max), amount(range.step)];
  if (standard === undefined) errors.push(required(`${field}.default`, 'required when validRange is defined'));
  if (min === undefined) return [...errors, required(`${path}.min`, 'required when validRange is defined')];
  if (standard === undefined) return errors;
  const larger = (place: string, value: Quantity, what: string): void => {
    if (value.nano > capacity.nano) errors.push(invalid(place, text(value), `${what} is larger than capacity value: ${text(capacity)}`));
  };
  larger(`${path}.min`, min, 'min');
  if (standard.nano < min.nano) errors.push(invalid(`${path}.min`, text(standard), `default is less than min: ${text(min)}`));
  if (max !== undefined) {
    if (min.nano > max.nano) errors.push(invalid(`${path}.max`, text(min), `min is larger than max: ${text(max)}`));
    larger(`${path}.max`, max, 'max');
    if (standard.nano > max.nano) errors.push(invalid(`${path}.max`, text(standard), `default is more than max: ${text(max)}`));
  }
  if (step === undefined) return errors;
  const once = addQuantities(min, step);
  if (once.nano > capacity.nano) {
    errors.push(invalid(`${path}.step`, text(step), `one step ${text(once)} is larger than capacity value: ${text(capacity)}`));
  }
  for (const value of max === undefined ? [standard] : [max, standard]) {
    // In whole amounts, rounded up. A step of nothing goes nowhere: it is not asked what it divides.
    if (step.nano !== 0n && (quantityValue(value) - quantityValue(min)) % quantityValue(step) !== 0) {
      errors.push(invalid(`${path}.step`, text(value), `value is not a multiple of a given step (${text(step)}) from (${text(min)})`));
    }
  }
  return errors;
}

/** The broken rules of one capacity of a device; `shared`: it may be allocated many times. */
export function capacityErrors(field: string, { value, requestPolicy: policy }: Draft<DeviceCapacity>, shared: boolean): Errors {
  if (policy === undefined) return [];
  const path = `${field}.requestPolicy`;
  if (!shared) return [fieldForbidden(path, 'allowMultipleAllocations must be true')];
  const { validRange, validValues = [] } = policy;
  const standard = amount(policy.default);
  const capacity = parseQuantity(value ?? 0);
  if (validValues.length > 0 && validRange !== undefined) {
    const why = 'exactly one policy can be specified, cannot specify "validValues" and "validRange" at the same time';
    return [fieldForbidden(path, why)];
  }
  if (validValues.length > 0) return valuesErrors(path, validValues, standard, capacity);
  return validRange === undefined ? [] : rangeErrors(path, validRange, standard, capacity);
}
