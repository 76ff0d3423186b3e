// What is in both of two sets, in slices; short parts of them are looked at at once.
import type { Steps, Work } from '../../clock/slices.js';
import { isLong } from '../schema/weigh.js';
import { emptySet, intersection, isMember, type FieldSet, type FieldSetDraft } from './field-set.js';

/** `intersection`, which yields in the midst of long sets. */
export function* intersectionWork(a: FieldSet, b: FieldSet, steps: Steps): Work<FieldSet | undefined> {
  if (!isLong(a) || !isLong(b)) return intersection(a, b);
  let result: FieldSetDraft | undefined;
  for (const element of Object.keys(a)) {
    if (steps.due()) yield;
    const other = b[element];
    if (other === undefined) continue;
    const mine = a[element]!;
    const below = element === '.' ? undefined : yield* intersectionWork(mine, other, steps);
    const member = element === '.' || (isMember(mine) && isMember(other));
    if (!member && below === undefined) continue;
    result ??= {};
    result[element] = below === undefined ? emptySet : member && below['.'] === undefined ? { '.': emptySet, ...below } : below;
  }
  return result;
}
