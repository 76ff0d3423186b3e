// What is in either of two long sets, in slices; short parts of them are put together at once.
import { Steps, type Work } from '../../clock/slices.js';
import { isLong, markLong, surelyLong } from '../schema/weigh.js';
import { emptySet, isEmptySet, unionBelow, type FieldSet, type FieldSetDraft } from './field-set.js';
import { compareElements } from './path-element.js';

/** How many elements are looked at at a time. */
const batch = 256;

/** `union`, which yields in the midst of long sets. */
export function* unionWork(a: FieldSet, b: FieldSet): Work<FieldSet> {
  if (a === b || isEmptySet(b)) return a;
  return isEmptySet(a) ? b : yield* below(a, b, new Steps(batch));
}

function* below(a: FieldSet, b: FieldSet, steps: Steps): Work<FieldSet> {
  if (a === b || (!isLong(a) && !isLong(b))) return unionBelow(a, b);
  const aElements = Object.keys(a);
  yield;
  const bElements = Object.keys(b);
  yield;
  if (aElements.length === 0) return yield* asMember(b, bElements, steps);
  if (bElements.length === 0) return yield* asMember(a, aElements, steps);
  const result: FieldSetDraft = {};
  let same = true;
  for (let i = 0, j = 0; i < aElements.length || j < bElements.length;) {
    if (steps.due()) yield;
    const x = aElements[i];
    const y = bElements[j];
    const order = x === undefined ? 1 : y === undefined ? -1 : x === y ? 0 : compareElements(x, y);
    if (order < 0) {
      result[x!] = a[x!]!;
      i++;
    } else if (order > 0) {
      result[y!] = b[y!]!;
      same = false;
      j++;
    } else {
      const both = yield* below(a[x!]!, b[y!]!, steps);
      if (both !== a[x!]) same = false;
      result[x!] = both;
      i++;
      j++;
    }
  }
  if (same) return a;
  markLong(result);
  return result;
}

/** The set, with the path that leads to it. */
function* asMember(set: FieldSet, elements: readonly string[], steps: Steps): Work<FieldSet> {
  if (elements.length === 0 || set['.'] !== undefined) return set;
  const result: FieldSetDraft = { '.': emptySet };
  for (const element of elements) {
    if (steps.due()) yield;
    result[element] = set[element]!;
  }
  if (elements.length >= surelyLong) markLong(result);
  return result;
}
