// Macros over lists and maps. Costs are those of what the real server expands the macros to.

import type { CelValue } from '../values/value.js';
import { ArrayList, EntriesMap, ListValue, MapValue, keyOf, typeNameOf } from '../values/value.js';
import type { ComprehensionKind } from '../syntax/expression.js';
import { keyText } from '../library/standard.js';
import { failure, isEvaluationError, noSuchOverload } from './errors.js';
import type { Frame, Step } from './run.js';
import { charge } from './run.js';

export interface ComprehensionPlan {
  readonly range: Step;
  readonly first: number;
  /** The place of the second variable; undefined: there is one variable. */
  readonly second: number | undefined;
  readonly filter: Step | undefined;
  readonly body: Step;
}

/** Runs `visit` with the variables set to each element in turn, until it says false. */
function iterate(frame: Frame, plan: ComprehensionPlan, visit: (last: boolean) => boolean): void {
  const range = plan.range(frame);
  const { first, second } = plan;
  if (range instanceof ListValue) {
    const { size } = range;
    for (let index = 0; index < size; index++) {
      if (second === undefined) frame.slots[first] = range.at(index);
      else {
        frame.slots[first] = BigInt(index);
        frame.slots[second] = range.at(index);
      }
      if (!visit(index === size - 1)) return;
    }
    return;
  }
  if (!(range instanceof MapValue)) throw failure(`got '${goTypeOf(range)}', expected iterable type`);
  const keys = range.keys();
  for (const [index, key] of keys.entries()) {
    frame.slots[first] = key;
    if (second !== undefined) frame.slots[second] = range.get(key) ?? null;
    if (!visit(index === keys.length - 1)) return;
  }
}

/** The real server's error names its own types. */
function goTypeOf(value: CelValue): string {
  const name = typeNameOf(value).split('.').at(-1) ?? '';
  return `types.${name.charAt(0).toUpperCase()}${name.slice(1).replace('_type', '')}`;
}

/** `all` is decided by false, `exists` by true; errors count only when no element decides. */
function quantifier(plan: ComprehensionPlan, deciding: boolean): Step {
  const perElement = deciding ? 4 : 3;
  return (frame) => {
    let error: unknown;
    let decided = false;
    iterate(frame, plan, (last) => {
      charge(frame, perElement);
      try {
        const value = plan.body(frame);
        if (value === deciding) {
          decided = true;
          frame.cost += last ? 0 : perElement - 1;
          return false;
        }
        if (value !== !deciding) error ??= noSuchOverload();
      } catch (thrown) {
        if (!isEvaluationError(thrown) || thrown.final) throw thrown;
        error ??= thrown;
      }
      return true;
    });
    frame.cost += 1;
    if (decided) return deciding;
    if (error !== undefined) throw error as Error;
    return !deciding;
  };
}

/** A condition that must be true or false. */
function holds(frame: Frame, condition: Step): boolean {
  const value = condition(frame);
  if (typeof value !== 'boolean') throw noSuchOverload();
  return value;
}

function existsOne(plan: ComprehensionPlan): Step {
  return (frame) => {
    let count = 0;
    iterate(frame, plan, () => {
      const found = holds(frame, plan.body);
      charge(frame, found ? 2 : 0);
      if (found) count++;
      return true;
    });
    frame.cost += 2;
    return count === 1;
  };
}

function toList(plan: ComprehensionPlan, filters: boolean): Step {
  const condition = filters ? plan.body : plan.filter;
  return (frame) => {
    const items: CelValue[] = [];
    iterate(frame, plan, () => {
      charge(frame, 0);
      if (condition !== undefined && !holds(frame, condition)) return true;
      charge(frame, filters ? 13 : 12);
      items.push(filters ? (frame.slots[plan.second ?? plan.first] as CelValue) : plan.body(frame));
      return true;
    });
    frame.cost += 1;
    return new ArrayList(items);
  };
}

function toMap(plan: ComprehensionPlan, entries: boolean): Step {
  return (frame) => {
    const result = new Map<string | bigint | boolean, readonly [CelValue, CelValue]>();
    const insert = (key: CelValue, value: CelValue): void => {
      const lookup = keyOf(key);
      if (lookup === undefined) throw failure('unsupported key type');
      if (result.has(lookup)) throw failure(`insert failed: key ${keyText(key)} already exists`);
      result.set(lookup, [key, value]);
    };
    iterate(frame, plan, () => {
      charge(frame, 0);
      if (plan.filter !== undefined && !holds(frame, plan.filter)) return true;
      frame.cost += entries ? 2 : 3;
      // The body may set the variables of macros within it, never these.
      const key = frame.slots[plan.first] as CelValue;
      const value = plan.body(frame);
      if (!entries) insert(key, value);
      else if (value instanceof MapValue) for (const one of value.keys()) insert(one, value.get(one) ?? null);
      else throw noSuchOverload();
      return true;
    });
    frame.cost += 1;
    return new EntriesMap(result);
  };
}

export function comprehensionStep(macro: ComprehensionKind, plan: ComprehensionPlan): Step {
  switch (macro) {
    case 'all':
      return quantifier(plan, false);
    case 'exists':
      return quantifier(plan, true);
    case 'existsOne':
      return existsOne(plan);
    case 'map':
      return toList(plan, false);
    case 'filter':
      return toList(plan, true);
    case 'transformMap':
      return toMap(plan, false);
    case 'transformMapEntry':
      return toMap(plan, true);
  }
}
