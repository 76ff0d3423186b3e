// Whether a set of fields that is known already is that of a new object: to look is quicker than to make the set.
import { deepEqual } from '../equality.js';
import { emptySet, isEmptySet, type FieldSet } from './field-set.js';
import { itemElement } from './list-items.js';
import type { Structure } from './structure.js';

type Fields = Readonly<Record<string, unknown>>;

function isMap(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Whether `set` is what `compareObjects` finds changed in a new object. When in doubt it says no.
 * Throws a KeylessItem, as that does.
 */
export function isSetOf(structure: Structure, object: unknown, set: FieldSet): boolean {
  return isMap(object) && fitsBeside(structure, structure.zero, object, set);
}

/** For a struct that the server writes even when nothing is set in it: what is as it is in `zero` is in no set. */
function fitsBeside(structure: Structure, zero: Fields, value: Fields, set: FieldSet): boolean {
  let members = 0;
  for (const name in value) {
    const field = value[name];
    if (field === undefined) continue;
    const place = structure.place(name);
    if (place?.untracked === true) continue;
    const below = place?.structure ?? structure.below(name);
    if (below === undefined) continue;
    const known = set[place?.element ?? `f:${name}`];
    const before = Object.hasOwn(zero, name) ? zero[name] : undefined;
    if (before === undefined) {
      if (known === undefined || !fits(below, field, known)) return false;
      members++;
      continue;
    }
    if (known === undefined ? !fitsWritten(below, before, field, emptySet) : !fitsWritten(below, before, field, known, true)) return false;
    if (known !== undefined) members++;
  }
  return members === sizeOf(set);
}

const nothing: Fields = Object.freeze({});

/** For a part that an empty object has too, as `before`: it is a member itself only when something in it is. */
function fitsWritten(structure: Structure, before: unknown, value: unknown, set: FieldSet, isMember = false): boolean {
  const zero = before === null ? nothing : before;
  switch (structure.shape) {
    case 'struct':
    case 'map':
      return isMember !== isEmptySet(set) && isMap(zero) && isMap(value) && fitsBeside(structure, zero, value, set);
    case 'set':
    case 'list':
      return (
        isMember !== isEmptySet(set) &&
        before === null &&
        Array.isArray(value) &&
        areIn(structure, value, set) &&
        sizeOf(set) === value.length
      );
    case 'leaf':
      return isEmptySet(set) && isMember !== deepEqual(before, value);
    default:
      return false;
  }
}

/** For a part that a new object has and an empty one has not. */
function fits(structure: Structure, value: unknown, set: FieldSet): boolean {
  switch (structure.shape) {
    case 'struct':
    case 'map':
    case 'deduced':
      return isMap(value) ? fitsFields(structure, value, set) : isEmptySet(set);
    case 'set':
    case 'list':
      return Array.isArray(value) && fitsItems(structure, value, set);
    default:
      return isEmptySet(set);
  }
}

function fitsFields(structure: Structure, value: Fields, set: FieldSet): boolean {
  let members = 0;
  for (const name in value) {
    const place = structure.place(name);
    const below = place?.structure ?? structure.below(name);
    if (below === undefined || value[name] === undefined) continue;
    const known = set[place?.element ?? `f:${name}`];
    if (known === undefined || !(below.shape === 'leaf' ? isEmptySet(known) : fits(below, value[name], known))) return false;
    members++;
  }
  return isWhole(set, members);
}

function fitsItems(structure: Structure, list: readonly unknown[], set: FieldSet): boolean {
  return areIn(structure, list, set) && isWhole(set, list.length);
}

/** So many are compared with one another sooner than a Set is made. */
const few = 8;

/** Whether all items are in a set as what they are, and can be told apart. */
function areIn(structure: Structure, list: readonly unknown[], set: FieldSet): boolean {
  const seen = list.length > few ? new Set<string>() : undefined;
  const before: string[] = [];
  for (const item of list) {
    const element = itemElement(structure, item);
    const known = element === undefined ? undefined : set[element];
    if (known === undefined || !(structure.shape === 'set' ? isEmptySet(known) : fits(structure.items, item, known))) return false;
    if (seen !== undefined) seen.add(element!);
    else if (before.includes(element!)) return false;
    else if (list.length > 1) before.push(element!);
  }
  return seen === undefined || seen.size === list.length;
}

/** Whether a set has so many members below it, and is one itself. */
function isWhole(set: FieldSet, members: number): boolean {
  return members === 0 ? isEmptySet(set) : set['.'] !== undefined && sizeOf(set) === members + 1;
}

function sizeOf(set: FieldSet): number {
  let size = 0;
  for (const _ in set) size++;
  return size;
}
