// Comparisons of ints, texts and bools whose types are known: the greater part of what rules do.

import type { CelType } from '../types.js';
import { codePointLength } from '../values/text.js';
import { perCharacter } from '../cost/costs.js';
import type { Frame, Step } from './run.js';
import { charge } from './run.js';

/** A step for the comparison, or undefined when the types or the operator are others. */
export function fastComparison(name: string, left: Step, right: Step, types: readonly CelType[]): Step | undefined {
  const kind = types[0]?.kind;
  if (kind !== types[1]?.kind) return undefined;
  if (kind === 'int') return compareInts(name, left, right);
  if (kind === 'bool' && name === '_==_') return equality(left, right, true);
  if (kind === 'string' && (name === '_==_' || name === '_!=_')) return compareTexts(left, right, name === '_==_');
  return undefined;
}

function equality(left: Step, right: Step, equal: boolean): Step {
  return (frame) => {
    const one = left(frame);
    const other = right(frame);
    charge(frame, 1);
    return (one === other) === equal;
  };
}

function chargeTexts(frame: Frame, left: string, right: string): void {
  const shorter = left.length < right.length ? left : right;
  charge(frame, shorter.length <= 10 ? Number(shorter.length > 0) : Math.ceil(codePointLength(shorter) * perCharacter));
}

function compareTexts(left: Step, right: Step, equal: boolean): Step {
  return (frame) => {
    const one = left(frame);
    const other = right(frame);
    if (typeof one === 'string' && typeof other === 'string') chargeTexts(frame, one, other);
    return (one === other) === equal;
  };
}

function compareInts(name: string, left: Step, right: Step): Step | undefined {
  switch (name) {
    case '_==_':
      return equality(left, right, true);
    case '_!=_':
      return equality(left, right, false);
    case '_<_':
      return intOrder(left, right, (one, other) => one < other);
    case '_<=_':
      return intOrder(left, right, (one, other) => one <= other);
    case '_>_':
      return intOrder(left, right, (one, other) => one > other);
    case '_>=_':
      return intOrder(left, right, (one, other) => one >= other);
    default:
      return undefined;
  }
}

function intOrder(left: Step, right: Step, holds: (one: bigint, other: bigint) => boolean): Step {
  return (frame) => {
    const one = left(frame) as bigint;
    const other = right(frame) as bigint;
    charge(frame, 1);
    return holds(one, other);
  };
}
