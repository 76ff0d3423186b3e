// Compiles a schema to a function that checks values, with the real server's messages in its order.
// https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation
import { jsonText } from '../../../apimachinery/codec/json.js';
import { deepEqual } from '../../../apimachinery/equality.js';
import { notSupported } from '../../../apimachinery/errors/field-error.js';
import { isRecord } from '../../../apimachinery/object.js';
import type { Schema } from '../../apiextensions/schema-walk.js';
import { logicChecks } from './logic.js';
import { longCheck, partly, type LongCheck } from './long.js';
import { numberChecks, type Check } from './numbers.js';
import { stringCheck, stringFormatCheck } from './strings.js';
import { typeCheck } from './types.js';
import type { ValidationWalk } from './walk.js';
import { weightOf } from './weight.js';

/** The checks of a whole schema. */
export type Validator = LongCheck;

function enumCheck(schema: Schema): Check | undefined {
  if (!Array.isArray(schema.enum) || schema.enum.length === 0) return undefined;
  const values = schema.enum as readonly unknown[];
  const plain = new Set(values.filter((value) => typeof value !== 'object' || value === null));
  const texts = values.map((value) => (typeof value === 'string' ? value : jsonText(value)));
  return (value, walk) => {
    if (plain.has(value) || (typeof value === 'object' && values.some((one) => deepEqual(one, value)))) return;
    walk.add('FieldValueNotSupported', notSupported('', value, texts).message);
  };
}

function sizeErrors(walk: ValidationWalk, size: number, least: unknown, most: unknown, what: string): void {
  if (typeof least === 'number' && size < least) walk.invalid(size, `${walk.path} in body should have at least ${least} ${what}`);
  if (typeof most === 'number' && size > most)
    walk.add('FieldValueTooMany', `Too many: ${size}: must have at most ${most} ${most === 1 ? 'item' : 'items'}`);
}

function arrayCheck(schema: Schema, compile: (schema: Schema) => LongCheck): LongCheck | undefined {
  const { minItems, maxItems } = schema;
  const items = isRecord(schema.items) ? compile(schema.items) : undefined;
  if (items === undefined && minItems === undefined && maxItems === undefined) return undefined;
  // A list that is far too long is not looked through.
  const endOf = (list: readonly unknown[]): number =>
    items === undefined ? 0 : typeof maxItems === 'number' ? Math.min(list.length, maxItems + mostShown) : list.length;
  return longCheck(
    (value, walk) => {
      const list = value as readonly unknown[];
      const end = endOf(list);
      for (let index = 0; index < end; index++) {
        walk.push(index);
        items!(list[index], walk);
        walk.pop();
      }
      sizeErrors(walk, list.length, minItems, maxItems, 'items');
    },
    function* (value, walk) {
      const list = value as readonly unknown[];
      const end = endOf(list);
      for (let index = 0; index < end; index++) {
        walk.push(index);
        const rest = partly(items!, list[index], walk);
        if (rest !== undefined) yield* rest;
        walk.pop();
      }
      sizeErrors(walk, list.length, minItems, maxItems, 'items');
    },
  );
}

const mostShown = 10_000;

function objectCheck(schema: Schema, compile: (schema: Schema) => LongCheck): LongCheck | undefined {
  const { minProperties, maxProperties } = schema;
  // Most objects have few of the fields that they might have: those that come are compiled then.
  const known = isRecord(schema.properties) ? schema.properties : {};
  const hasProperties = Object.keys(known).length > 0;
  const properties = new Map<string, LongCheck>();
  const propertyCheck = (name: string): LongCheck | undefined => {
    const property = Object.hasOwn(known, name) ? known[name] : undefined;
    const check = isRecord(property) ? compile(property) : undefined;
    if (check !== undefined) properties.set(name, check);
    return check;
  };
  const additional = isRecord(schema.additionalProperties) ? compile(schema.additionalProperties) : undefined;
  const required = Array.isArray(schema.required) ? (schema.required as unknown[]).map(String) : [];
  const sized = minProperties !== undefined || maxProperties !== undefined;
  if (!hasProperties && additional === undefined && required.length === 0 && !sized) return undefined;
  const conclude = (object: Readonly<Record<string, unknown>>, walk: ValidationWalk): void => {
    for (const name of required) {
      if (Object.hasOwn(object, name) && object[name] !== undefined) continue;
      const { field } = walk;
      walk.add('FieldValueRequired', 'Required value', field === '' ? name : `${field}.${name}`);
    }
  };
  return longCheck(
    (value, walk) => {
      const object = value as Readonly<Record<string, unknown>>;
      if (sized) sizeErrors(walk, Object.keys(object).length, minProperties, maxProperties, 'properties');
      for (const name of Object.keys(object)) {
        const check = properties.get(name) ?? propertyCheck(name) ?? additional;
        if (check === undefined) continue;
        walk.push(name);
        check(object[name], walk);
        walk.pop();
      }
      conclude(object, walk);
    },
    function* (value, walk) {
      const object = value as Readonly<Record<string, unknown>>;
      if (sized) sizeErrors(walk, Object.keys(object).length, minProperties, maxProperties, 'properties');
      for (const name of Object.keys(object)) {
        const check = properties.get(name) ?? propertyCheck(name) ?? additional;
        if (check === undefined) continue;
        walk.push(name);
        const rest = partly(check, object[name], walk);
        if (rest !== undefined) yield* rest;
        walk.pop();
      }
      conclude(object, walk);
    },
  );
}

/** The checks of one schema by the sort of value. `forDefaults`: for the defaults in a definition, with which the real server is easier. */
export function compileValidator(schema: Schema, forDefaults = false): Validator {
  const compile = (inner: Schema): LongCheck => compileValidator(inner, forDefaults);
  const whole = schema['x-kubernetes-embedded-resource'] === true ? withOwnFields(schema) : schema;
  const type = typeCheck(whole, !forDefaults);
  const logic = logicChecks(whole, compile);
  const text = stringCheck(whole);
  const format = stringFormatCheck(whole);
  const numbers = numberChecks(whole);
  const array = arrayCheck(whole, compile);
  const values = enumCheck(whole);
  const object = objectCheck(whole, compile);
  const nullable = whole.nullable === true;
  const atOnce: Check = (value, walk) => {
    type?.(value, walk);
    walk.matches += type === undefined ? 2 : 3;
    if (value === null && !nullable) return;
    for (const check of logic) check(value, walk);
    switch (typeof value) {
      case 'string':
        text?.(value, walk);
        format?.(value, walk);
        walk.matches += format === undefined ? 1 : 2;
        values?.(value, walk);
        return;
      case 'number':
        for (const check of numbers) check(value, walk);
        walk.matches++;
        values?.(value, walk);
        return;
      default:
        if (Array.isArray(value)) {
          array?.(value, walk);
          walk.matches++;
        }
        values?.(value, walk);
        if (isRecord(value)) {
          object?.(value, walk);
          walk.matches++;
        }
    }
  };
  const work: LongCheck['work'] = function* (value, walk) {
    // A large object or list: what else there is, is short.
    type?.(value, walk);
    walk.matches += type === undefined ? 2 : 3;
    for (const check of logic) yield* check.work(value, walk);
    if (Array.isArray(value)) {
      if (array !== undefined) yield* array.work(value, walk);
      walk.matches++;
    }
    values?.(value, walk);
    if (isRecord(value)) {
      if (object !== undefined) yield* object.work(value, walk);
      walk.matches++;
    }
  };
  return longCheck(atOnce, work, weightOf(schema));
}

/** An object within an object has what every object has. */
function withOwnFields(schema: Schema): Schema {
  const required = Array.isArray(schema.required) ? (schema.required as unknown[]) : [];
  return { ...schema, required: [...required, ...['apiVersion', 'kind'].filter((name) => !required.includes(name))] };
}
