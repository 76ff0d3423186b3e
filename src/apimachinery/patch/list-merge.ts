// Lists of strategic merge patches: merging by key or value, and the order that comes out.
import { shortText } from '../managedfields/go-text.js';
import { isRecord } from '../object.js';
import { patchDirective, unknownPatchType } from './directives.js';
import type { Fields } from '../fields.js';
import { patchFailed } from './patch-errors.js';

export interface ListMerge {
  /** The field that tells items of a list of objects apart; '' for lists of scalars. */
  readonly key: string;
  mergeItem(old: Fields, patch: Fields): Fields;
}

type List = readonly unknown[];

/**
 * `old` with `patch` merged in. `order` is the `$setElementOrder` list; without one the patch's own order counts. With `deleting`, the
 * patch names scalars to take away. Returns `old` itself when nothing changes.
 */
export function mergeList(merge: ListMerge, old: List, patch: List, order: List | undefined, deleting = false): List {
  if (patch.length === 0) return order === undefined ? old : orderAlone(merge, old, order);
  const objects = isRecord(old[0] ?? patch[0]);
  if (!areOfOneType(old[0] ?? patch[0], old) || !areOfOneType(old[0] ?? patch[0], patch)) {
    throw patchFailed(`list element types are not identical: ${shortText([old, patch])}`);
  }
  if (order !== undefined) refuseOtherOrder(merge, patch, order);
  if (!objects) return mergeScalars(old, patch, order, deleting);
  if (deleting) return old;
  return mergeObjects(merge, old as readonly Fields[], patch as readonly Fields[], order);
}

/** Whether all items are scalars of the type of `first`, or all objects. */
function areOfOneType(first: unknown, list: List): boolean {
  const type = typeof first;
  for (const item of list) if (typeof item !== type || item === null || Array.isArray(item)) return false;
  return true;
}

function mergeScalars(old: List, patch: List, order: List | undefined, deleting: boolean): List {
  if (deleting) {
    const gone = new Set(patch);
    return same(
      old.filter((item) => !gone.has(item)),
      old,
    );
  }
  const merged = [...new Set([...old, ...patch])];
  return same(
    arrange(merged, order ?? patch, old, (item) => item),
    old,
  );
}

function mergeObjects(merge: ListMerge, old: readonly Fields[], patch: readonly Fields[], order: List | undefined): List {
  const keyOf = (item: unknown): unknown => keyIn(item, merge.key);
  const directed = patch.filter((item) => Object.hasOwn(item, patchDirective));
  for (const item of directed) {
    const directive = item[patchDirective];
    if (directive === 'merge') throw patchFailed('merging lists cannot yet be specified in the patch');
    if (directive !== 'replace' && directive !== 'delete') throw unknownPatchType(item);
  }
  const plain = patch.filter((item) => !Object.hasOwn(item, patchDirective));
  if (directed.some((item) => item[patchDirective] === 'replace')) return plain;

  const gone = new Set(directed.map(keyOf));
  const merged: Fields[] = gone.size === 0 ? [...old] : old.filter((item) => !gone.has(keyOf(item)));
  // A map only for long lists: for a few items looking through them is faster.
  const places = merged.length > 16 ? new Map(merged.map((item, index) => [keyOf(item), index])) : undefined;
  for (const item of plain) {
    const key = keyOf(item);
    const at = places === undefined ? merged.findIndex((other) => keyOf(other) === key) : (places.get(key) ?? -1);
    if (at >= 0) merged[at] = merge.mergeItem(merged[at]!, item);
    else {
      places?.set(key, merged.length);
      merged.push(item);
    }
  }
  return same(arrange(merged, order ?? plain, old, keyOf), old);
}

/** The value of the merge key. Throws the 500 for an item without it. */
function keyIn(item: unknown, key: string): unknown {
  if (!isRecord(item)) throw patchFailed('value for key 0 is not a map');
  if (!Object.hasOwn(item, key)) throw patchFailed(`map: ${shortText(item)} does not contain declared merge key: ${key}`);
  return item[key];
}

/** `old` in the order of `$setElementOrder`, without a patch of the list itself. */
export function orderAlone(merge: ListMerge, old: List, order: List): List {
  return same(arrange(old, order, old, keysOf(merge, old)), old);
}

/** Throws the 500 unless the patch's items (those without `$patch`) are all in the order list, in its order. An empty list orders nothing. */
export function refuseOtherOrder(merge: ListMerge, patch: List, order: List): void {
  if (order.length === 0) return;
  const keyOf = keysOf(merge, order);
  let at = 0;
  for (const item of patch) {
    if (isRecord(item) && Object.hasOwn(item, patchDirective)) continue;
    const key = keyOf(item);
    while (at < order.length && keyOf(order[at]) !== key) at++;
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
function arrange(merged: List, order: List, old: List, keyOf: (item: unknown) => unknown): List {
  const rank = ranks(order, keyOf);
  const place = ranks(old, keyOf);
  const named = merged.filter((item) => rank.has(keyOf(item))).sort((a, b) => rank.get(keyOf(a))! - rank.get(keyOf(b))!);
  if (named.length === 0) return merged;
  const others = merged.filter((item) => !rank.has(keyOf(item)));
  const result: unknown[] = [];
  let i = 0;
  for (const item of named) {
    const at = place.get(keyOf(item)) ?? -1;
    while (i < others.length && (place.get(keyOf(others[i])) ?? -1) < at) result.push(others[i++]);
    result.push(item);
  }
  return [...result, ...others.slice(i)];
}

function ranks(list: List, keyOf: (item: unknown) => unknown): ReadonlyMap<unknown, number> {
  const result = new Map<unknown, number>();
  list.forEach((item, index) => {
    const key = keyOf(item);
    if (!result.has(key)) result.set(key, index);
  });
  return result;
}

function same(list: List, old: List): List {
  return list.length === old.length && list.every((item, i) => item === old[i]) ? old : list;
}
