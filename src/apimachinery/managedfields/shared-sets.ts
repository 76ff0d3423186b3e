// One copy of each set of fields that many objects have: what clients write alike is managed alike, and is kept and encoded once.
import type { Work } from '../../clock/slices.js';
import { compareObjects } from './compare.js';
import { compareObjectsWork } from './compare-work.js';
import { isLong } from '../schema/weigh.js';
import { emptySet, withoutBelow, type FieldSet, type FieldSetDraft } from './field-set.js';
import { isSetOf } from './fits-set.js';
import type { Structure } from './structure.js';

/** How many sets are remembered of a kind. */
const mostSets = 4;

/** By a kind's structure: the sets that were seen last, the newest first. A memo, not state: it goes with the structure. */
const seen = new WeakMap<Structure, FieldSet[]>();

/**
 * A set that says the same as `set`: one that was given before, if it was lately. One that nobody else has (an address among many fields
 * that all have) still shares with those what is the same below it.
 */
export function* sharedSet(structure: Structure, set: FieldSet, long = true): Work<FieldSet> {
  if (set === emptySet || (long && isLong(set))) return set;
  let sets = seen.get(structure);
  if (sets === undefined) seen.set(structure, (sets = []));
  let sharing = set;
  for (let i = 0; i < sets.length; i++) {
    const known = sets[i]!;
    sharing = sharedBelow(sharing, known);
    if (sharing !== known) {
      yield;
      continue;
    }
    if (i > 0) toFront(sets, known);
    return known;
  }
  sets.unshift(sharing);
  if (sets.length > mostSets) sets.pop();
  return sharing;
}

/** `set` with the very parts of `known` that say the same; `known` itself when all of it does. */
function sharedBelow(set: FieldSet, known: FieldSet): FieldSet {
  if (set === known) return known;
  let copy: FieldSetDraft | undefined;
  let same = true;
  let left = 0;
  for (const element in known) if (known[element] !== undefined) left++;
  for (const element in set) {
    const below = set[element]!;
    const other = known[element];
    left--;
    if (below === other) continue;
    if (other === undefined) {
      same = false;
      continue;
    }
    const shared = sharedBelow(below, other);
    if (shared !== other) same = false;
    if (shared !== below) (copy ??= { ...set })[element] = shared;
  }
  return same && left === 0 ? known : (copy ?? set);
}

/** Others may have moved the list on meanwhile. */
function toFront<T>(list: T[], one: T): void {
  const at = list.indexOf(one);
  if (at >= 0) list.splice(at, 1);
  list.unshift(one);
  if (list.length > mostSets) list.pop();
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
export function* setOfNew(structure: Structure, object: unknown, resets: FieldSet, long = true): Work<FieldSet> {
  // What is long is looked for in vain for long, too.
  if (long && isLong(object)) return withoutBelow((yield* compareObjectsWork(structure, undefined, object)).changed, resets);
  let known = created.get(structure);
  if (known === undefined) created.set(structure, (known = []));
  for (let i = 0; i < known.length; i++) {
    const one = known[i]!;
    if (one.resets !== resets) continue;
    if (!isSetOf(structure, object, one.all)) {
      yield;
      continue;
    }
    if (i > 0) toFront(known, one);
    return one.left;
  }
  const all = compareObjects(structure, undefined, object).changed;
  const left = withoutBelow(all, resets);
  known.unshift({ all, left, resets });
  if (known.length > mostSets) known.pop();
  return left;
}
