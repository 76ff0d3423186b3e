// Reading variables, fields and entries.

import { JsonObject, converterFor, fromJson } from '../values/json.js';
import type { CelType } from '../types.js';
import type { CelValue } from '../values/value.js';
import { MapValue, OptionalValue, noValue } from '../values/value.js';
import { failure, noSuchKey } from './errors.js';
import type { Frame, Step } from './run.js';

/** A variable of the environment. It is looked up once per evaluation. */
export function variableStep(place: number, name: string, type: CelType): Step {
  return (frame) => {
    frame.cost += 1;
    return frame.variables[place] ?? loadVariable(frame, place, name, type);
  };
}

function loadVariable(frame: Frame, place: number, name: string, type: CelType): CelValue {
  if (!Object.hasOwn(frame.activation, name)) throw failure(`no such attribute(s): ${name}`);
  const given = frame.activation[name];
  const value = fromJson(typeof given === 'function' ? (given as () => unknown)() : given, type);
  frame.variables[place] = value;
  return value;
}

/** `operand.field`. `type` is the declared type of the operand: its own fields are read without a look-up by name. */
export function selectStep(operand: Step, field: string, type: CelType): Step {
  const declared = type.kind === 'object' ? type.object?.fields.get(field) : undefined;
  if (declared === undefined) {
    return (frame) => {
      const value = operand(frame);
      frame.cost += 1;
      return selectField(value, field);
    };
  }
  const { jsonName } = declared;
  const convert = converterFor(declared.type);
  return (frame) => {
    const value = operand(frame);
    frame.cost += 1;
    if (!(value instanceof JsonObject) || value.type.object !== type.object) return selectField(value, field);
    const json = Object.hasOwn(value.json, jsonName) ? value.json[jsonName] : undefined;
    if (json === undefined) throw noSuchKey(field);
    return convert(json);
  };
}

function selectField(value: CelValue, field: string): CelValue {
  if (value instanceof MapValue) {
    const found = value.get(field);
    if (found === undefined) throw noSuchKey(field);
    return found;
  }
  if (value instanceof OptionalValue) return optionalField(value, field);
  throw noSuchKey(field);
}

/** `operand.?field`, and a selection from an optional. */
export function optionalField(value: CelValue, field: string): OptionalValue {
  if (value instanceof OptionalValue) return value.value === undefined ? noValue : optionalField(value.value, field);
  if (!(value instanceof MapValue)) throw noSuchKey(field);
  const found = value.get(field);
  return found === undefined ? noValue : new OptionalValue(found);
}

/** `has(operand.field)`. */
export function hasField(value: CelValue, field: string): boolean {
  if (value instanceof MapValue) return value.has(field);
  if (value instanceof OptionalValue) return value.value !== undefined && hasField(value.value, field);
  return false;
}
