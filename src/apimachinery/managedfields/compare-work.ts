// Compares long objects in slices: what is long is gone through part by part, all else is compared at once.
import { Steps, type Work } from '../../clock/slices.js';
import { deepEqual } from '../equality.js';
import { isLong, markLong, surelyLong } from '../schema/weigh.js';
import { compare, compareObjects, everythingIn, fieldsOf, isMap, type Comparison, type Fields, type Found } from './compare.js';
import { emptySet, type FieldSet } from './field-set.js';
import { indexItemsWork } from './list-items.js';
import { compareElements } from './path-element.js';
import { sorted } from '../sort-work.js';
import type { Structure } from './structure.js';

/** How many parts are compared at a time. */
const batch = 256;

/** {@link compareObjects}, which yields in the midst of long objects. */
export function* compareObjectsWork(structure: Structure, before: unknown, after: unknown): Work<Comparison> {
  if (before === after || !isLong(after)) return compareObjects(structure, before, after);
  const { changed, removed } = yield* compareParts(structure, before ?? structure.zero, after, new Steps(batch));
  return { changed: changed ?? emptySet, removed: removed ?? emptySet };
}

/** As `compare` does. */
function* compareParts(structure: Structure, before: unknown, after: unknown, steps: Steps): Work<Found> {
  const found: Found = { changed: undefined, removed: undefined };
  if (before === after) return found;
  if (isLong(after)) {
    const isFields =
      structure.shape === 'struct' || structure.shape === 'map' || (structure.shape === 'deduced' && isMap(before) && isMap(after));
    if (isFields) return yield* compareFields(structure, fieldsOf(before), fieldsOf(after), steps);
    if (structure.shape === 'set' || structure.shape === 'list') return yield* compareItems(structure, before, after, steps);
    yield;
  }
  compare(structure, before, after, found);
  return found;
}

/** The set of these elements, in an order. */
function* setOfPairs(pairs: readonly (readonly [string, FieldSet])[], steps: Steps): Work<FieldSet | undefined> {
  if (pairs.length === 0) return undefined;
  const set: Record<string, FieldSet> = {};
  for (const [element, below] of pairs) {
    if (steps.due()) yield;
    set[element] = below;
  }
  if (pairs.length > surelyLong) markLong(set);
  return set;
}

function byElement(a: readonly [string, FieldSet], b: readonly [string, FieldSet]): number {
  return a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0;
}

function* compareFields(structure: Structure, before: Fields, after: Fields, steps: Steps): Work<Found> {
  const changed: [string, FieldSet][] = [];
  const removed: [string, FieldSet][] = [];
  for (const name of Object.keys(after)) {
    if (steps.due()) yield;
    const value = after[name];
    const old = before[name];
    if (value === old || value === undefined) continue;
    const place = structure.place(name);
    if (place?.untracked === true) continue;
    const below = place?.structure ?? structure.below(name);
    if (below === undefined) continue;
    const element = place?.element ?? `f:${name}`;
    if (old === undefined || !Object.hasOwn(before, name)) {
      changed.push([element, yield* everything(below, value, steps)]);
      continue;
    }
    const inner = yield* compareParts(below, old, value, steps);
    if (inner.removed !== undefined) removed.push([element, inner.removed]);
    if (inner.changed !== undefined) changed.push([element, inner.changed]);
  }
  for (const name of Object.keys(before)) {
    if (steps.due()) yield;
    if (before[name] === undefined || (after[name] !== undefined && Object.hasOwn(after, name))) continue;
    const place = structure.place(name);
    if (place?.untracked !== true && (place !== undefined || structure.below(name) !== undefined))
      removed.push([place?.element ?? `f:${name}`, emptySet]);
  }
  return {
    changed: yield* setOfPairs(yield* sorted(changed, byElement), steps),
    removed: yield* setOfPairs(removed, steps),
  };
}

function* compareItems(structure: Structure, before: unknown, after: unknown, steps: Steps): Work<Found> {
  const old = yield* indexItemsWork(structure, before, steps);
  const now = yield* indexItemsWork(structure, after, steps);
  const changed: [string, FieldSet][] = [];
  const removed: [string, FieldSet][] = [];
  for (const element of yield* sorted(now.order, compareElements)) {
    if (steps.due()) yield;
    const value = now.items.get(element);
    const previous = old.items.get(element);
    const isTwice = now.duplicates.has(element);
    if (previous === undefined) changed.push([element, isTwice ? emptySet : yield* everything(structure.items, value, steps)]);
    else if (isTwice || old.duplicates.has(element)) {
      if (deepEqual(previous, value)) continue;
      changed.push([element, isTwice ? emptySet : yield* everything(structure.items, value, steps)]);
    } else if (structure.shape === 'list') {
      const inner = yield* compareParts(structure.items, previous, value, steps);
      if (inner.removed !== undefined) removed.push([element, inner.removed]);
      if (inner.changed !== undefined) changed.push([element, inner.changed]);
    }
  }
  for (const element of old.order) {
    if (steps.due()) yield;
    if (!now.items.has(element)) removed.push([element, emptySet]);
  }
  return { changed: yield* setOfPairs(changed, steps), removed: yield* setOfPairs(removed, steps) };
}

/** As `everythingIn` does. */
function* everything(structure: Structure, value: unknown, steps: Steps): Work<FieldSet> {
  if (structure.shape === 'leaf' || !isLong(value)) return everythingIn(structure, value);
  switch (structure.shape) {
    case 'struct':
    case 'map':
    case 'deduced':
      return isMap(value) ? yield* everyField(structure, value, steps) : emptySet;
    default:
      return yield* everyItem(structure, value, steps);
  }
}

function* everyField(structure: Structure, value: Fields, steps: Steps): Work<FieldSet> {
  const members: [string, FieldSet][] = [];
  for (const name of yield* sorted(Object.keys(value))) {
    if (steps.due()) yield;
    const place = structure.place(name);
    const below = place?.structure ?? structure.below(name);
    if (below === undefined || value[name] === undefined) continue;
    members.push([place?.element ?? `f:${name}`, yield* everything(below, value[name], steps)]);
  }
  return (yield* setOfPairs(members.length === 0 ? members : [['.', emptySet], ...members], steps)) ?? emptySet;
}

function* everyItem(structure: Structure, value: unknown, steps: Steps): Work<FieldSet> {
  const { order, items, duplicates } = yield* indexItemsWork(structure, value, steps);
  const members: [string, FieldSet][] = [];
  for (const element of yield* sorted(order, compareElements)) {
    if (steps.due()) yield;
    const isWhole = structure.shape === 'set' || duplicates.has(element);
    members.push([element, isWhole ? emptySet : yield* everything(structure.items, items.get(element), steps)]);
  }
  return (yield* setOfPairs(members.length === 0 ? members : [['.', emptySet], ...members], steps)) ?? emptySet;
}
