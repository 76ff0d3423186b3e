// Which fields differ between two versions of an object.
import { deepEqual } from '../equality.js';
import { emptySet, type FieldSet, type FieldSetDraft } from './field-set.js';
import { areAligned, indexItems, itemElement, itemsInOrder, sortElements, sortTexts } from './list-items.js';
import { compareElements } from './path-element.js';
import type { Structure } from './structure.js';

/** What a write did to an object. */
export interface Comparison {
  /** Every field that was added or has another value. */
  readonly changed: FieldSet;
  /** What went: the topmost path of each part. All below it went as well. */
  readonly removed: FieldSet;
}

/** The two sets under one element while they are made. */
export interface Found {
  changed: FieldSet | undefined;
  removed: FieldSet | undefined;
}

const nothing: Comparison = { changed: emptySet, removed: emptySet };

/** Compares two versions of a whole object; `before` undefined stands for an object in which nothing is set. */
export function compareObjects(structure: Structure, before: unknown, after: unknown): Comparison {
  const old = before ?? structure.zero;
  if (old === after) return nothing;
  const found: Found = { changed: undefined, removed: undefined };
  compare(structure, old, after, found);
  return { changed: found.changed ?? emptySet, removed: found.removed ?? emptySet };
}

/** Neither value is undefined. Leaves its answer in `found`. */
export function compare(structure: Structure, before: unknown, after: unknown, found: Found): void {
  found.changed = undefined;
  found.removed = undefined;
  if (before === after) return;
  switch (structure.shape) {
    case 'struct':
    case 'map':
      return compareFields(structure, fieldsOf(before), fieldsOf(after), found);
    case 'deduced':
      if (isMap(before) && isMap(after)) return compareFields(structure, before, after, found);
      break;
    case 'set':
    case 'list':
      return compareItems(structure, before, after, found);
    default:
  }
  if (!deepEqual(before, after)) found.changed = emptySet;
}

export type Fields = Readonly<Record<string, unknown>>;
const noFields: Fields = Object.freeze({});

export function isMap(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The fields of a map; null is a map without any. */
export function fieldsOf(value: unknown): Fields {
  return isMap(value) ? value : noFields;
}

function compareFields(structure: Structure, before: Fields, after: Fields, found: Found): void {
  let changed: FieldSetDraft | undefined;
  let removed: FieldSetDraft | undefined;
  let last = '';
  let sorted = true;
  for (const name in after) {
    const value = after[name];
    const old = before[name];
    if (value === old || value === undefined) continue;
    const place = structure.place(name);
    if (place?.untracked === true) continue;
    const below = place?.structure ?? structure.below(name);
    if (below === undefined) continue;
    const element = place?.element ?? `f:${name}`;
    if (old === undefined || !Object.hasOwn(before, name)) {
      (changed ??= {})[element] = everythingIn(below, value);
    } else {
      compare(below, old, value, found);
      if (found.removed !== undefined) (removed ??= {})[element] = found.removed;
      if (found.changed === undefined) continue;
      (changed ??= {})[element] = found.changed;
    }
    if (element < last) sorted = false;
    last = element;
  }
  for (const name in before) {
    if (before[name] === undefined || (after[name] !== undefined && Object.hasOwn(after, name))) continue;
    const place = structure.place(name);
    if (place?.untracked !== true && (place !== undefined || structure.below(name) !== undefined))
      (removed ??= {})[place?.element ?? `f:${name}`] = emptySet;
  }
  found.changed = changed === undefined || sorted ? changed : inOrder(changed);
  found.removed = removed;
}

/** The same set with its elements in order; for fields only. */
function inOrder(set: FieldSetDraft): FieldSet {
  const result: FieldSetDraft = {};
  for (const element of sortTexts(Object.keys(set))) result[element] = set[element]!;
  return result;
}

function compareItems(structure: Structure, before: unknown, after: unknown, found: Found): void {
  if (Array.isArray(before) && Array.isArray(after) && areAligned(structure, before, after))
    return compareAligned(structure, before, after, found);
  const old = indexItems(structure, before);
  const now = indexItems(structure, after);
  let changed: FieldSetDraft | undefined;
  let removed: FieldSetDraft | undefined;
  for (const element of now.order.length > 1 ? sortElements([...now.order]) : now.order) {
    const value = now.items.get(element);
    const previous = old.items.get(element);
    if (previous === undefined) {
      (changed ??= {})[element] = now.duplicates.has(element) ? emptySet : everythingIn(structure.items, value);
    } else if (now.duplicates.has(element) || old.duplicates.has(element)) {
      if (deepEqual(previous, value)) continue;
      (changed ??= {})[element] = now.duplicates.has(element) ? emptySet : everythingIn(structure.items, value);
    } else if (structure.shape === 'list') {
      compare(structure.items, previous, value, found);
      if (found.removed !== undefined) (removed ??= {})[element] = found.removed;
      if (found.changed !== undefined) (changed ??= {})[element] = found.changed;
    }
  }
  for (const element of old.order) if (!now.items.has(element)) (removed ??= {})[element] = emptySet;
  found.changed = changed;
  found.removed = removed;
}

/** As above for two lists with the same items in the same places, as most are: no index is needed. */
function compareAligned(structure: Structure, before: readonly unknown[], after: readonly unknown[], found: Found): void {
  let changed: [string, FieldSet][] | undefined;
  let removed: FieldSetDraft | undefined;
  for (let i = 0; i < after.length; i++) {
    compare(structure.items, before[i], after[i], found);
    if (found.removed === undefined && found.changed === undefined) continue;
    const element = itemElement(structure, after[i])!;
    if (found.removed !== undefined) (removed ??= {})[element] = found.removed;
    if (found.changed !== undefined) (changed ??= []).push([element, found.changed]);
  }
  found.changed = changed === undefined ? undefined : Object.fromEntries(changed.sort(([a], [b]) => compareElements(a, b)));
  found.removed = removed;
}

/** The set of a part that was not there before: every map, struct and list in it is a member as well. */
export function everythingIn(structure: Structure, value: unknown): FieldSet {
  switch (structure.shape) {
    case 'struct':
    case 'map':
    case 'deduced':
      return isMap(value) ? everyField(structure, value) : emptySet;
    case 'set':
    case 'list':
      return everyItem(structure, value);
    default:
      return emptySet;
  }
}

function everyField(structure: Structure, value: Fields): FieldSet {
  let result: FieldSetDraft | undefined;
  for (const name of sortTexts(Object.keys(value))) {
    const place = structure.place(name);
    const below = place?.structure ?? structure.below(name);
    if (below === undefined || value[name] === undefined) continue;
    (result ??= { '.': emptySet })[place?.element ?? `f:${name}`] = below.shape === 'leaf' ? emptySet : everythingIn(below, value[name]);
  }
  return result ?? emptySet;
}

function everyItem(structure: Structure, value: unknown): FieldSet {
  const found = itemsInOrder(structure, value);
  if (found.length === 0) return emptySet;
  const result: FieldSetDraft = { '.': emptySet };
  for (const { element, item, several } of found) {
    result[element] = structure.shape === 'set' || several ? emptySet : everythingIn(structure.items, item);
  }
  return result;
}
