// Macros over lists and maps. Costs are those of what the real server expands the macros to.

import type { CelValue } from '../values/value.js';
import { ArrayList, EntriesMap, ListValue, MapValue, keyOf, typeNameOf } from '../values/value.js';
import type { ComprehensionKind } from '../syntax/expression.js';
import { keyText } from '../library/standard.js';
import { Unfinished, unfinishedLoop, type Patience } from '../regex/patience.js';
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

/** A macro as a loop: what it gathers, what each element does to that, and what comes of it. `T` is changed in place. */
interface Loop<T> {
  readonly plan: ComprehensionPlan;
  begin(): T;
  /** Says whether to go on. Changes what is gathered when nothing is left that may throw. */
  visit(frame: Frame, gathered: T, last: boolean): boolean;
  end(frame: Frame, gathered: T): CelValue;
}

/** The elements that a loop goes through. */
interface Elements {
  readonly size: number;
  set(frame: Frame, index: number): void;
}

function elementsOf(range: CelValue, { first, second }: ComprehensionPlan): Elements {
  if (range instanceof ListValue) {
    return {
      size: range.size,
      set(frame, index) {
        if (second === undefined) frame.slots[first] = range.at(index);
        else {
          frame.slots[first] = BigInt(index);
          frame.slots[second] = range.at(index);
        }
      },
    };
  }
  if (!(range instanceof MapValue)) throw failure(`got '${goTypeOf(range)}', expected iterable type`);
  const keys = range.keys();
  return {
    size: keys.length,
    set(frame, index) {
      const key = keys[index]!;
      frame.slots[first] = key;
      if (second !== undefined) frame.slots[second] = range.get(key) ?? null;
    },
  };
}

function loopStep<T>(loop: Loop<T>): Step {
  const { plan } = loop;
  return (frame) => {
    const { patience } = frame;
    if (patience !== undefined) return patientLoop(loop, frame, patience);
    const elements = elementsOf(plan.range(frame), plan);
    const gathered = loop.begin();
    const { size } = elements;
    for (let index = 0; index < size; index++) {
      elements.set(frame, index);
      if (!loop.visit(frame, gathered, index === size - 1)) break;
    }
    return loop.end(frame, gathered);
  };
}

/** Loops that cost more are not gone through again once they have ended. */
const worthKeeping = 1000;

/** Goes on where it ended, when the evaluation is made again after others had their turn. */
function patientLoop<T>(loop: Loop<T>, frame: Frame, patience: Patience): CelValue {
  const { plan } = loop;
  const number = patience.loop();
  const mark = patience.mark(number);
  if (mark?.done === true) {
    frame.cost = mark.after.cost;
    patience.resume(mark.after);
    return mark.value as CelValue;
  }
  const start = frame.cost;
  let index = 0;
  let running: { readonly elements: Elements; readonly gathered: T };
  if (mark === undefined) running = { elements: elementsOf(plan.range(frame), plan), gathered: loop.begin() };
  else {
    running = mark.loop as typeof running;
    index = mark.index;
    frame.cost = mark.before.cost;
    patience.resume(mark.before);
  }
  const { elements, gathered } = running;
  const { size } = elements;
  // As it is before each element.
  let { cost } = frame;
  let { asked, begun } = patience;
  try {
    for (; index < size; index++) {
      ({ cost } = frame);
      ({ asked, begun } = patience);
      if (patience.isOver(cost)) throw unfinishedLoop();
      elements.set(frame, index);
      if (!loop.visit(frame, gathered, index === size - 1)) break;
    }
  } catch (error) {
    if (error instanceof Unfinished) patience.keep(number, { done: false, loop: running, index, before: { cost, asked, begun } });
    throw error;
  }
  const value = loop.end(frame, gathered);
  if (frame.cost - start > worthKeeping) {
    patience.keep(number, { done: true, value, after: { cost: frame.cost, asked: patience.asked, begun: patience.begun } });
  }
  return value;
}

/** The real server's error names its own types. */
function goTypeOf(value: CelValue): string {
  const name = typeNameOf(value).split('.').at(-1) ?? '';
  return `types.${name.charAt(0).toUpperCase()}${name.slice(1).replace('_type', '')}`;
}

/** `all` is decided by false, `exists` by true; errors count only when no element decides. */
function quantifier(plan: ComprehensionPlan, deciding: boolean): Step {
  const perElement = deciding ? 4 : 3;
  return loopStep<{ error: unknown; decided: boolean }>({
    plan,
    begin: () => ({ error: undefined, decided: false }),
    visit(frame, gathered, last) {
      charge(frame, perElement);
      try {
        const value = plan.body(frame);
        if (value === deciding) {
          gathered.decided = true;
          frame.cost += last ? 0 : perElement - 1;
          return false;
        }
        if (value !== !deciding) gathered.error ??= noSuchOverload();
      } catch (thrown) {
        if (!isEvaluationError(thrown) || thrown.final) throw thrown;
        gathered.error ??= thrown;
      }
      return true;
    },
    end(frame, { error, decided }) {
      frame.cost += 1;
      if (decided) return deciding;
      if (error !== undefined) throw error as Error;
      return !deciding;
    },
  });
}

/** A condition that must be true or false. */
function holds(frame: Frame, condition: Step): boolean {
  const value = condition(frame);
  if (typeof value !== 'boolean') throw noSuchOverload();
  return value;
}

function existsOne(plan: ComprehensionPlan): Step {
  return loopStep({
    plan,
    begin: () => ({ count: 0 }),
    visit(frame, gathered) {
      const found = holds(frame, plan.body);
      charge(frame, found ? 2 : 0);
      if (found) gathered.count++;
      return true;
    },
    end(frame, { count }) {
      frame.cost += 2;
      return count === 1;
    },
  });
}

function toList(plan: ComprehensionPlan, filters: boolean): Step {
  const condition = filters ? plan.body : plan.filter;
  return loopStep<CelValue[]>({
    plan,
    begin: () => [],
    visit(frame, items) {
      charge(frame, 0);
      if (condition !== undefined && !holds(frame, condition)) return true;
      charge(frame, filters ? 13 : 12);
      items.push(filters ? (frame.slots[plan.second ?? plan.first] as CelValue) : plan.body(frame));
      return true;
    },
    end(frame, items) {
      frame.cost += 1;
      return new ArrayList(items);
    },
  });
}

function toMap(plan: ComprehensionPlan, entries: boolean): Step {
  type Entries = Map<string | bigint | boolean, readonly [CelValue, CelValue]>;
  const insert = (result: Entries, key: CelValue, value: CelValue): void => {
    const lookup = keyOf(key);
    if (lookup === undefined) throw failure('unsupported key type');
    if (result.has(lookup)) throw failure(`insert failed: key ${keyText(key)} already exists`);
    result.set(lookup, [key, value]);
  };
  return loopStep<Entries>({
    plan,
    begin: () => new Map(),
    visit(frame, result) {
      charge(frame, 0);
      if (plan.filter !== undefined && !holds(frame, plan.filter)) return true;
      frame.cost += entries ? 2 : 3;
      // The body may set the variables of macros within it, never these.
      const key = frame.slots[plan.first] as CelValue;
      const value = plan.body(frame);
      if (!entries) insert(result, key, value);
      else if (value instanceof MapValue) for (const one of value.keys()) insert(result, one, value.get(one) ?? null);
      else throw noSuchOverload();
      return true;
    },
    end(frame, result) {
      frame.cost += 1;
      return new EntriesMap(result);
    },
  });
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
