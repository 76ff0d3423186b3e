// Lists of strategic merge patches: merging by key or value, and the order that comes out.
import type { Steps, Work } from '../../clock/slices.js';
import { shortText } from '../managedfields/go-text.js';
import { isRecord } from '../object.js';
import { sorted } from '../sort-work.js';
import { patchDirective, unknownPatchType } from './directives.js';
import type { Fields } from '../fields.js';
import { patchFailed } from './patch-errors.js';

export interface ListMerge {
  /** The field that tells items of a list of objects apart; '' for lists of scalars. */
  readonly key: string;
  mergeItem(old: Fields, patch: Fields, steps: Steps): Work<Fields>;
}

type List = readonly unknown[];

/**
 * `old` with `patch` merged in. `order` is the `$setElementOrder` list; without one the patch's own order counts. With `deleting`, the
 * patch names scalars to take away. Returns `old` itself when nothing changes. Yields in the midst of long lists.
 */
export function* mergeList(merge: ListMerge, old: List, patch: List, order: List | undefined, steps: Steps, deleting = false): Work<List> {
  if (patch.length === 0) return order === undefined ? old : yield* orderAlone(merge, old, order, steps);
  const objects = isRecord(old[0] ?? patch[0]);
  if (!areOfOneType(old[0] ?? patch[0], old) || !areOfOneType(old[0] ?? patch[0], patch)) {
    throw patchFailed(`list element types are not identical: ${shortText([old, patch])}`);
  }
  if (order !== undefined) yield* refuseOtherOrder(merge, patch, order, steps);
  if (!objects) return yield* mergeScalars(old, patch, order, steps, deleting);
  if (deleting) return old;
  return yield* mergeObjects(merge, old as readonly Fields[], patch as readonly Fields[], order, steps);
}

/** Whether all items are scalars of the type of `first`, or all objects. */
function areOfOneType(first: unknown, list: List): boolean {
  const type = typeof first;
  for (const item of list) if (typeof item !== type || item === null || Array.isArray(item)) return false;
  return true;
}

function* mergeScalars(old: List, patch: List, order: List | undefined, steps: Steps, deleting: boolean): Work<List> {
  const named = new Set<unknown>();
  if (!deleting) {
    for (const item of old) {
      if (steps.due()) yield;
      named.add(item);
    }
  }
  for (const item of patch) {
    if (steps.due()) yield;
    named.add(item);
  }
  if (!deleting) return same(yield* arrange([...named], order ?? patch, old, (item) => item, steps), old);
  return same(yield* without(old, (item) => named.has(item), steps), old);
}

/** The items that are not `gone`. */
function* without<T>(list: readonly T[], gone: (item: T) => boolean, steps: Steps): Work<T[]> {
  const result: T[] = [];
  for (const item of list) {
    if (steps.due()) yield;
    if (!gone(item)) result.push(item);
  }
  return result;
}

function* mergeObjects(
  merge: ListMerge,
  old: readonly Fields[],
  patch: readonly Fields[],
  order: List | undefined,
  steps: Steps,
): Work<List> {
  const keyOf = (item: unknown): unknown => keyIn(item, merge.key);
  const plain: Fields[] = [];
  const directed: Fields[] = [];
  for (const item of patch) {
    if (steps.due()) yield;
    (Object.hasOwn(item, patchDirective) ? directed : plain).push(item);
  }
  for (const item of directed) {
    const directive = item[patchDirective];
    if (directive === 'merge') throw patchFailed('merging lists cannot yet be specified in the patch');
    if (directive !== 'replace' && directive !== 'delete') throw unknownPatchType(item);
  }
  if (directed.some((item) => item[patchDirective] === 'replace')) return plain;

  const gone = new Set<unknown>();
  for (const item of directed) {
    if (steps.due()) yield;
    gone.add(keyOf(item));
  }
  const merged: Fields[] = gone.size === 0 ? [...old] : yield* without(old, (item) => gone.has(keyOf(item)), steps);
  // A map only for long lists: for a few items looking through them is faster.
  const places = merged.length + plain.length > 16 ? new Map<unknown, number>() : undefined;
  for (let index = 0; places !== undefined && index < merged.length; index++) {
    if (steps.due()) yield;
    places.set(keyOf(merged[index]), index);
  }
  for (const item of plain) {
    if (steps.due()) yield;
    const key = keyOf(item);
    const at = places === undefined ? merged.findIndex((other) => keyOf(other) === key) : (places.get(key) ?? -1);
    if (at >= 0) merged[at] = yield* merge.mergeItem(merged[at]!, item, steps);
    else {
      places?.set(key, merged.length);
      merged.push(item);
    }
  }
  return same(yield* arrange(merged, order ?? plain, old, keyOf, steps), old);
}

/** The value of the merge key. Throws the 500 for an item without it. */
function keyIn(item: unknown, key: string): unknown {
  if (!isRecord(item)) throw patchFailed('value for key 0 is not a map');
  if (!Object.hasOwn(item, key)) throw patchFailed(`map: ${shortText(item)} does not contain declared merge key: ${key}`);
  return item[key];
}

/** `old` in the order of `$setElementOrder`, without a patch of the list itself. */
export function* orderAlone(merge: ListMerge, old: List, order: List, steps: Steps): Work<List> {
  return same(yield* arrange(old, order, old, keysOf(merge, old), steps), old);
}

/** Throws the 500 unless the patch's items (those without `$patch`) are all in the order list, in its order. An empty list orders nothing. */
export function* refuseOtherOrder(merge: ListMerge, patch: List, order: List, steps: Steps): Work<void> {
  if (order.length === 0) return;
  const keyOf = keysOf(merge, order);
  let at = 0;
  for (const item of patch) {
    if (steps.due()) yield;
    if (isRecord(item) && Object.hasOwn(item, patchDirective)) continue;
    const key = keyOf(item);
    while (at < order.length && keyOf(order[at]) !== key) {
      if (steps.due()) yield;
      at++;
    }
    if (at++ === order.length) {
      throw patchFailed(`The order in patch list:\n${shortText(patch)}\n doesn't match $setElementOrder list:\n${shortText(order)}\n`);
    }
  }
}

/** How to tell a list's items apart: by their merge key, or scalars by their value. */
function keysOf(merge: ListMerge, list: List): (item: unknown) => unknown {
  return merge.key !== '' || isRecord(list[0]) ? (item) => keyIn(item, merge.key) : (item) => item;
}

/**
 * Sorts merged items: those that `order` names among themselves as it does, the others as in `old`, and the two interleaved by where
 * they were in `old`. An item that is new comes before what it is compared with.
 */
function* arrange(merged: List, order: List, old: List, keyOf: (item: unknown) => unknown, steps: Steps): Work<List> {
  const rank = yield* ranks(order, keyOf, steps);
  const place = yield* ranks(old, keyOf, steps);
  const named: unknown[] = [];
  const others: unknown[] = [];
  for (const item of merged) {
    if (steps.due()) yield;
    (rank.has(keyOf(item)) ? named : others).push(item);
  }
  if (named.length === 0) return merged;
  const result: unknown[] = [];
  let i = 0;
  for (const item of yield* sorted(named, (a, b) => rank.get(keyOf(a))! - rank.get(keyOf(b))!)) {
    if (steps.due()) yield;
    const at = place.get(keyOf(item)) ?? -1;
    for (; i < others.length && (place.get(keyOf(others[i])) ?? -1) < at; i++) {
      if (steps.due()) yield;
      result.push(others[i]);
    }
    result.push(item);
  }
  for (; i < others.length; i++) result.push(others[i]);
  return result;
}

function* ranks(list: List, keyOf: (item: unknown) => unknown, steps: Steps): Work<ReadonlyMap<unknown, number>> {
  const result = new Map<unknown, number>();
  for (let index = 0; index < list.length; index++) {
    if (steps.due()) yield;
    const key = keyOf(list[index]);
    if (!result.has(key)) result.set(key, index);
  }
  return result;
}

function same(list: List, old: List): List {
  return list.length === old.length && list.every((item, i) => item === old[i]) ? old : list;
}
