// One copy of each set of fields that many objects have: what clients write alike is managed alike, and is kept and encoded once.
import { deepEqual } from '../equality.js';
import { compareObjects } from './compare.js';
import { emptySet, withoutBelow, type FieldSet } from './field-set.js';
import { isSetOf } from './fits-set.js';
import type { Structure } from './structure.js';

/** How many sets are remembered of a kind. */
const mostSets = 4;

/** By a kind's structure: the sets that were seen last, the newest first. A memo, not state: it goes with the structure. */
const seen = new WeakMap<Structure, FieldSet[]>();

/** A set that says the same as `set`: one that was given before, if it was lately. */
export function sharedSet(structure: Structure, set: FieldSet): FieldSet {
  if (set === emptySet) return set;
  let sets = seen.get(structure);
  if (sets === undefined) seen.set(structure, (sets = []));
  for (let i = 0; i < sets.length; i++) {
    const known = sets[i]!;
    if (!deepEqual(known, set)) continue;
    if (i > 0) {
      sets.splice(i, 1);
      sets.unshift(known);
    }
    return known;
  }
  sets.unshift(set);
  if (sets.length > mostSets) sets.pop();
  return set;
}

/** What a new object sets, and what is left of it for who made it. */
interface Created {
  readonly all: FieldSet;
  readonly left: FieldSet;
  readonly resets: FieldSet;
}

/** By a kind's structure, as above. */
const created = new WeakMap<Structure, Created[]>();

/** The fields that a new object sets, without `resets`. Throws a KeylessItem for what cannot be tracked. */
export function setOfNew(structure: Structure, object: unknown, resets: FieldSet): FieldSet {
  let known = created.get(structure);
  if (known === undefined) created.set(structure, (known = []));
  for (let i = 0; i < known.length; i++) {
    const one = known[i]!;
    if (one.resets !== resets || !isSetOf(structure, object, one.all)) continue;
    if (i > 0) {
      known.splice(i, 1);
      known.unshift(one);
    }
    return one.left;
  }
  const all = compareObjects(structure, undefined, object).changed;
  const left = withoutBelow(all, resets);
  known.unshift({ all, left, resets });
  if (known.length > mostSets) known.pop();
  return left;
}
