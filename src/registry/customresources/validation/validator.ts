// Compiles a schema to a function that checks values, with the real server's messages in its order.
// https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation
import { jsonText } from '../../../apimachinery/codec/json.js';
import { deepEqual } from '../../../apimachinery/equality.js';
import { notSupported } from '../../../apimachinery/errors/field-error.js';
import { isRecord } from '../../../apimachinery/object.js';
import type { Schema } from '../../apiextensions/schema-walk.js';
import { numberChecks, type Check } from './numbers.js';
import { stringCheck, stringFormatCheck } from './strings.js';
import { typeCheck } from './types.js';
import type { ValidationWalk } from './walk.js';

export type Validator = Check;

function listOf(value: unknown): readonly Schema[] {
  return Array.isArray(value) ? (value as unknown[]).filter(isRecord) : [];
}

/** Runs a check by itself: its errors and how far it got. */
function apart(check: Check, value: unknown, walk: ValidationWalk): { errors: ValidationWalk['errors']; matches: number } {
  const { errors, matches } = walk;
  walk.errors = [];
  walk.matches = 0;
  check(value, walk);
  const result = { errors: walk.errors, matches: walk.matches };
  walk.errors = errors;
  walk.matches = matches;
  return result;
}

/** `anyOf` and `oneOf`: told are the failure and the errors of the alternative that got furthest. */
function alternatives(checks: readonly Check[], one: boolean): Check {
  return (value, walk) => {
    let best: ReturnType<typeof apart> | undefined;
    let valid = 0;
    let success = 0;
    for (const check of checks) {
      const result = apart(check, value, walk);
      if (result.errors.length === 0) {
        if (valid === 0) success = result.matches;
        valid++;
        if (!one) break;
      } else if (best === undefined || result.matches > best.matches) best = result;
    }
    if (valid === 1 || (valid > 0 && !one)) {
      walk.matches += success;
      return;
    }
    const place = `"${walk.path}"`;
    if (!one) walk.combined(`${place} must validate at least one schema (anyOf)`);
    else if (valid === 0) walk.combined(`${place} must validate one and only one schema (oneOf). Found none valid`);
    else walk.combined(`${place} must validate one and only one schema (oneOf). Found ${valid} valid alternatives`);
    if (valid > 0 || best === undefined) return;
    walk.errors.push(...best.errors);
    walk.matches += best.matches;
  };
}

function allOf(checks: readonly Check[]): Check {
  return (value, walk) => {
    let validated = 0;
    for (const check of checks) {
      const before = walk.errors.length;
      check(value, walk);
      if (walk.errors.length === before) validated++;
    }
    if (validated === checks.length) return;
    walk.combined(`"${walk.path}" must validate all the schemas (allOf)${validated === 0 ? '. None validated' : ''}`);
  };
}

function not(check: Check): Check {
  return (value, walk) => {
    if (apart(check, value, walk).errors.length === 0) walk.combined(`"${walk.path}" must not validate the schema (not)`);
  };
}

function logicChecks(schema: Schema, compile: (schema: Schema) => Check): readonly Check[] {
  const checks: Check[] = [];
  const [any, one, all] = [listOf(schema.anyOf), listOf(schema.oneOf), listOf(schema.allOf)];
  if (any.length > 0) checks.push(alternatives(any.map(compile), false));
  if (one.length > 0) checks.push(alternatives(one.map(compile), true));
  if (all.length > 0) checks.push(allOf(all.map(compile)));
  if (isRecord(schema.not)) checks.push(not(compile(schema.not)));
  return checks;
}

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

function arrayCheck(schema: Schema, compile: (schema: Schema) => Check): Check | undefined {
  const { minItems, maxItems } = schema;
  const items = isRecord(schema.items) ? compile(schema.items) : undefined;
  if (items === undefined && minItems === undefined && maxItems === undefined) return undefined;
  return (value, walk) => {
    const list = value as readonly unknown[];
    // A list that is far too long is not looked through.
    const end = typeof maxItems === 'number' ? Math.min(list.length, maxItems + mostShown) : list.length;
    if (items !== undefined) {
      for (let index = 0; index < end; index++) {
        walk.push(index);
        items(list[index], walk);
        walk.pop();
      }
    }
    sizeErrors(walk, list.length, minItems, maxItems, 'items');
  };
}

const mostShown = 10_000;

function objectCheck(schema: Schema, compile: (schema: Schema) => Check): Check | undefined {
  const { minProperties, maxProperties } = schema;
  // Most objects have few of the fields that they might have: those that come are compiled then.
  const known = isRecord(schema.properties) ? schema.properties : {};
  const hasProperties = Object.keys(known).length > 0;
  const properties = new Map<string, Check | undefined>();
  const propertyCheck = (name: string): Check | undefined => {
    const property = Object.hasOwn(known, name) ? known[name] : undefined;
    const check = isRecord(property) ? compile(property) : undefined;
    if (check !== undefined) properties.set(name, check);
    return check;
  };
  const additional = isRecord(schema.additionalProperties) ? compile(schema.additionalProperties) : undefined;
  const required = Array.isArray(schema.required) ? (schema.required as unknown[]).map(String) : [];
  const sized = minProperties !== undefined || maxProperties !== undefined;
  if (!hasProperties && additional === undefined && required.length === 0 && !sized) return undefined;
  return (value, walk) => {
    const object = value as Readonly<Record<string, unknown>>;
    if (sized) sizeErrors(walk, Object.keys(object).length, minProperties, maxProperties, 'properties');
    for (const name of Object.keys(object)) {
      const check = properties.get(name) ?? propertyCheck(name) ?? additional;
      if (check === undefined) continue;
      walk.push(name);
      check(object[name], walk);
      walk.pop();
    }
    for (const name of required) {
      if (Object.hasOwn(object, name) && object[name] !== undefined) continue;
      const { field } = walk;
      walk.add('FieldValueRequired', 'Required value', field === '' ? name : `${field}.${name}`);
    }
  };
}

/** The checks of one schema by the sort of value. `forDefaults`: for the defaults in a definition, with which the real server is easier. */
export function compileValidator(schema: Schema, forDefaults = false): Validator {
  const compile = (inner: Schema): Check => compileValidator(inner, forDefaults);
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
  return (value, walk) => {
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
}

/** An object within an object has what every object has. */
function withOwnFields(schema: Schema): Schema {
  const required = Array.isArray(schema.required) ? (schema.required as unknown[]) : [];
  return { ...schema, required: [...required, ...['apiVersion', 'kind'].filter((name) => !required.includes(name))] };
}
