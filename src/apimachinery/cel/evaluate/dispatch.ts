// Which overload a call means, once its arguments are there.

import type { Overload } from '../library/overload.js';
import type { CelType } from '../types.js';
import { elementOf, isDynamic } from '../types.js';
import type { CelValue } from '../values/value.js';
import { DurationValue, ListValue, MapValue, OpaqueValue, OptionalValue, TimestampValue, TypeValue, UintValue } from '../values/value.js';
import { failure, noSuchOverload } from './errors.js';
import type { Frame, Step } from './run.js';
import { charge } from './run.js';

/** Whether a value is of a type, as far as overloads are told apart by it: not what is in lists and maps. */
function accepts(type: CelType, value: CelValue): boolean {
  switch (type.kind) {
    case 'dyn':
    case 'error':
    case 'param':
      return true;
    case 'null':
      return value === null;
    case 'bool':
      return typeof value === 'boolean';
    case 'int':
      return typeof value === 'bigint';
    case 'uint':
      return value instanceof UintValue;
    case 'double':
      return typeof value === 'number';
    case 'string':
      return typeof value === 'string';
    case 'bytes':
      return value instanceof Uint8Array;
    case 'duration':
      return value instanceof DurationValue;
    case 'timestamp':
      return value instanceof TimestampValue;
    case 'type':
      return value instanceof TypeValue;
    case 'list':
      return value instanceof ListValue;
    case 'map':
      return value instanceof MapValue;
    case 'object':
      return value instanceof MapValue && value.typeName === type.name;
    case 'wrapper':
      return value === null || accepts(elementOf(type), value);
    case 'opaque':
      if (value instanceof OptionalValue)
        return type.name === 'optional_type' && (value.value === undefined || accepts(elementOf(type), value.value));
      return value instanceof OpaqueValue && value.type.name === type.name;
  }
}

function fits(overload: Overload, values: readonly CelValue[]): boolean {
  return overload.parameters.every((parameter, index) => accepts(parameter, values[index] as CelValue));
}

/** Whether the types of the arguments leave no doubt, so that their values need no look. */
function isCertain(type: CelType): boolean {
  return (
    !isDynamic(type) && type.kind !== 'null' && type.kind !== 'wrapper' && (type.kind !== 'opaque' || type.parameters.every(isCertain))
  );
}

function chargeCall(frame: Frame, overload: Overload, values: readonly CelValue[]): void {
  charge(frame, overload.cost === undefined ? 1 : overload.cost(values, null));
}

/** A call of one of several overloads, by what its arguments are. */
export function callStep(overloads: readonly Overload[], steps: readonly Step[], types: readonly CelType[]): Step {
  const [only] = overloads;
  if (only !== undefined && overloads.length === 1 && types.every(isCertain)) return certainCall(only, steps);
  // The real server names the function for `size` alone.
  const missing = only?.text.includes('size(') ? failure('no such overload: size') : noSuchOverload();
  return (frame) => {
    const values = steps.map((step) => step(frame));
    const found = overloads.find((overload) => fits(overload, values));
    if (found === undefined) throw missing;
    chargeCall(frame, found, values);
    return found.patient === undefined ? found.run(...values) : found.patient(frame.patience, ...values);
  };
}

function certainCall(overload: Overload, steps: readonly Step[]): Step {
  const { run, patient, cost } = overload;
  const [first, second] = steps;
  if (steps.length === 1 && first !== undefined) {
    return (frame) => {
      const value = first(frame);
      charge(frame, cost === undefined ? 1 : cost([value], null));
      return run(value);
    };
  }
  if (steps.length === 2 && first !== undefined && second !== undefined) {
    if (patient !== undefined) {
      return (frame) => {
        const left = first(frame);
        const right = second(frame);
        charge(frame, cost === undefined ? 1 : cost([left, right], null));
        return patient(frame.patience, left, right);
      };
    }
    return (frame) => {
      const left = first(frame);
      const right = second(frame);
      charge(frame, cost === undefined ? 1 : cost([left, right], null));
      return run(left, right);
    };
  }
  return (frame) => {
    const values = steps.map((step) => step(frame));
    charge(frame, cost === undefined ? 1 : cost(values, null));
    return patient === undefined ? run(...values) : patient(frame.patience, ...values);
  };
}
