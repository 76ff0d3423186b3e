// What is left of a set without another, in slices; short parts of them are looked at at once.
import { Steps, type Work } from '../../clock/slices.js';
import { isLong } from '../schema/weigh.js';
import { emptySet, isEmptySet, isMember, onlyMember, subtract, type FieldSet, type FieldSetDraft } from './field-set.js';

/** How many elements are looked at at a time. */
const batch = 256;

/** `withoutBelow`, which yields in the midst of long sets. */
export function* withoutBelowWork(a: FieldSet, b: FieldSet): Work<FieldSet> {
  return (yield* subtractWork(a, b, new Steps(batch))) ?? emptySet;
}

function* subtractWork(a: FieldSet, b: FieldSet, steps: Steps): Work<FieldSet | undefined> {
  if (!isLong(a) || !isLong(b)) return subtract(a, b, true);
  const rest: FieldSetDraft = {};
  let [changed, some] = [false, false];
  for (const element of Object.keys(a)) {
    if (steps.due()) yield;
    const [mine, other] = [a[element]!, b[element]];
    const left = other === undefined ? mine : element === '.' ? undefined : yield* below(mine, other, steps);
    if (left !== mine) changed = true;
    if (left === undefined) continue;
    some = true;
    rest[element] = left;
  }
  if (!changed) return a;
  return some ? rest : undefined;
}

function* below(a: FieldSet, b: FieldSet, steps: Steps): Work<FieldSet | undefined> {
  if (isMember(b)) return undefined;
  if (isEmptySet(a)) return a;
  const left = yield* subtractWork(a, b, steps);
  return left !== undefined && left !== a && onlyMember(left) ? emptySet : left;
}
