// Values on which a validation takes long are looked at part by part, so that others have their turn; all else is looked at at once.
import { unfinishedWork } from '../../../apimachinery/cel/regex/patience.js';
import type { Work } from '../../../clock/slices.js';
import type { Check } from './numbers.js';
import type { Mark, ValidationWalk } from './walk.js';

/** A check that can be made in parts. Both ways find the same. */
export interface LongCheck extends Check {
  /** For a large object or list. */
  work(value: unknown, walk: ValidationWalk): Work<void>;
  /** How many times as long as usual a part of a value takes: a schema may have thousands of alternatives. */
  readonly weight: number;
}

export function longCheck(atOnce: Check, work: LongCheck['work'], weight = 1): LongCheck {
  return Object.assign((value: unknown, walk: ValidationWalk) => atOnce(value, walk), { work, weight });
}

/** Values of up to so many parts are looked at at once: half a millisecond or so. */
const small = 1000;
/** So many characters count as a part. */
const charactersOfPart = 256;
/** So many steps of a search for a pattern do. */
const stepsOfPart = 32;
/** After so many parts others may have their turn. */
const partsOfTurn = 256;

/** What is left of `left` parts once those of the value are counted; the count ends below zero. */
function counted(value: unknown, left: number): number {
  let rest = left - 1;
  if (typeof value === 'string') return rest - value.length / charactersOfPart;
  if (typeof value !== 'object' || value === null) return rest;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length && rest >= 0; index++) rest = counted((value as readonly unknown[])[index], rest);
    return rest;
  }
  const object = value as Readonly<Record<string, unknown>>;
  for (const name in object) {
    if (rest < 0) break;
    rest = counted(object[name], rest);
  }
  return rest;
}

/** Makes the check on a part of the value. What is returned is left to do: undefined when nothing is. */
export function partly(check: LongCheck, value: unknown, walk: ValidationWalk): Work<void> | undefined {
  const most = small / check.weight;
  const left = typeof value === 'object' && value !== null ? counted(value, most) : most - 1;
  if (left < 0) return check.work(value, walk);
  const { patience } = walk;
  const { errors, matches, depth } = walk;
  const found = errors.length;
  patience.begin();
  try {
    check(value, walk);
  } catch (error) {
    return again(check, value, walk, { errors, found, matches, depth }, unfinishedWork(error, patience));
  }
  walk.parts += (most - left) * check.weight + patience.taken / stepsOfPart;
  if (walk.parts < partsOfTurn) return undefined;
  walk.parts = 0;
  return pause();
}

function* pause(): Work<void> {
  yield;
}

/** The check again from its beginning, each time that a search for a pattern took long. */
function* again(check: Check, value: unknown, walk: ValidationWalk, mark: Mark, unfinished: Work<void>): Work<void> {
  for (let rest = unfinished; ;) {
    yield* rest;
    walk.back(mark);
    try {
      check(value, walk);
      return;
    } catch (error) {
      rest = unfinishedWork(error, walk.patience);
    }
  }
}

/** Everything that is wrong with the value, in the walk's errors. */
export function* validation(check: LongCheck, value: unknown, walk: ValidationWalk): Work<void> {
  const rest = partly(check, value, walk);
  if (rest !== undefined) yield* rest;
}
