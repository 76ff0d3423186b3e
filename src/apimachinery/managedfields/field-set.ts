// Sets of field paths in the form of fieldsV1, which is a trie already: no parse, no second structure, parts are shared.
// https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
import type { Steps, Work } from '../../clock/slices.js';
import { isRecord } from '../object.js';
import { compareElements } from './path-element.js';

/**
 * A set of field paths, as `fieldsV1` writes it. Keys are path elements: `f:<field>`, `k:<keys of a list item as JSON>`, `v:<value of a
 * set's item as JSON>`, `i:<index>`; the value under a key is the set below it. A key whose value is `{}` is a member; one with children
 * is a member when `.` is among them. The root `{}` is the empty set. Elements are in the order that the real server writes. Immutable.
 */
export interface FieldSet {
  readonly [element: string]: FieldSet;
}

/** A set being built by its only owner. */
export type FieldSetDraft = Record<string, FieldSet>;

/** The empty set; under a path element it says that the element is a member. */
export const emptySet: FieldSet = Object.freeze({});

/** As deep as the JSON reader lets a body be. */
const deepest = 1000;

/** Whether the set has no element at all. */
export function isEmptySet(set: FieldSet): boolean {
  for (const _ in set) return false;
  return true;
}

/** Whether the path that leads to `below` is a member itself. */
export function isMember(below: FieldSet): boolean {
  return below['.'] !== undefined || isEmptySet(below);
}

/** The set of these paths of field names, each with all that is below it when used with {@link withoutBelow}. */
export function fieldSetOf(...paths: readonly (readonly string[])[]): FieldSet {
  return paths.reduce<FieldSet>(
    (set, path) =>
      union(
        set,
        path.reduceRight<FieldSet>((below, name) => ({ [`f:${name}`]: below }), emptySet),
      ),
    emptySet,
  );
}

/** Reads `fieldsV1` of a client; undefined when it is no set (a wrong element, too deep). */
export function parseFieldSet(value: unknown, depth = 0): FieldSet | undefined {
  if (!isRecord(value) || depth > deepest) return undefined;
  const elements = Object.keys(value);
  const result: FieldSetDraft = {};
  let same = true;
  for (const element of elements.every(isElement) ? [...elements].sort(compareElements) : ['']) {
    const below = isElement(element) ? parseFieldSet(value[element], depth + 1) : undefined;
    if (below === undefined) return undefined;
    if (below !== value[element]) same = false;
    result[element] = below;
  }
  return same && Object.keys(result).every((element, i) => element === elements[i]) ? (value as FieldSet) : result;
}

function isElement(element: string): boolean {
  if (element === '.') return true;
  if (element.charCodeAt(1) !== 58) return false;
  switch (element[0]) {
    case 'f':
      return true;
    case 'i':
      return /^-?\d{1,9}$/.test(element.slice(2));
    case 'k':
      return isRecord(parsed(element));
    case 'v':
      return parsed(element) !== undefined;
    default:
      return false;
  }
}

function parsed(element: string): unknown {
  try {
    return JSON.parse(element.slice(2));
  } catch {
    return undefined;
  }
}

/** Whether this path of elements is a member. */
export function has(set: FieldSet, path: readonly string[]): boolean {
  let below = set;
  for (const element of path) {
    const next = Object.hasOwn(below, element) ? below[element] : undefined;
    if (next === undefined) return false;
    below = next;
  }
  return path.length > 0 && isMember(below);
}

/** What is in either. */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b || isEmptySet(b)) return a;
  return isEmptySet(a) ? b : unionBelow(a, b);
}

/** {@link union} of what is below two elements, of which each says something. */
export function unionBelow(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b) return a;
  const aElements = Object.keys(a);
  const bElements = Object.keys(b);
  if (aElements.length === 0) return isMember(b) ? b : { '.': emptySet, ...b };
  if (bElements.length === 0) return isMember(a) ? a : { '.': emptySet, ...a };
  const result: FieldSetDraft = {};
  let i = 0;
  let j = 0;
  let same = true;
  while (i < aElements.length || j < bElements.length) {
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
      const both = unionBelow(a[x!]!, b[y!]!);
      if (both !== a[x!]) same = false;
      result[x!] = both;
      i++;
      j++;
    }
  }
  return same ? a : result;
}

/** The members of `a` that are no members of `b`; `a` itself when there are none in common. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  return subtract(a, b, false) ?? emptySet;
}

/** `a` without the members of `b` and without all that is below them; `a` itself when nothing goes. */
export function withoutBelow(a: FieldSet, b: FieldSet): FieldSet {
  return subtract(a, b, true) ?? emptySet;
}

/** What is left below an element, undefined for nothing; at the root both may be empty sets, which gives the same. */
export function subtract(a: FieldSet, b: FieldSet, recursive: boolean): FieldSet | undefined {
  let result: FieldSetDraft | undefined;
  for (const element in a) {
    const other = b[element];
    if (other === undefined) continue;
    const left = element === '.' ? undefined : subtractBelow(a[element]!, other, recursive);
    if (left === a[element]) continue;
    result ??= { ...a };
    if (left === undefined) delete result[element];
    else result[element] = left;
  }
  if (result === undefined) return a;
  return isEmptySet(result) ? undefined : result;
}

function subtractBelow(a: FieldSet, b: FieldSet, recursive: boolean): FieldSet | undefined {
  if (isMember(b)) {
    if (recursive || isEmptySet(a)) return undefined;
    if (isEmptySet(b)) {
      if (a['.'] === undefined) return a;
      const { '.': _, ...rest } = a;
      return isEmptySet(rest) ? undefined : rest;
    }
  } else if (isEmptySet(a)) return a;
  const left = subtract(a, b, recursive);
  // Children may go without the path being a member of b: `{".", children}` without its children is the bare member again.
  return left !== undefined && left !== a && onlyMember(left) ? emptySet : left;
}

export function onlyMember(set: FieldSet): boolean {
  for (const element in set) if (element !== '.') return false;
  return true;
}

/** What is in both; undefined when nothing is. */
export function intersection(a: FieldSet, b: FieldSet): FieldSet | undefined {
  let result: FieldSetDraft | undefined;
  for (const element in a) {
    const other = b[element];
    if (other === undefined) continue;
    const mine = a[element]!;
    const below = element === '.' ? undefined : intersection(mine, other);
    const member = element === '.' || (isMember(mine) && isMember(other));
    if (!member && below === undefined) continue;
    result ??= {};
    result[element] = below === undefined ? emptySet : member && below['.'] === undefined ? { '.': emptySet, ...below } : below;
  }
  return result;
}

/** The members as paths of elements: at each level the members first, then what is below them. Yields in the midst of long sets. */
export function* pathsWork(set: FieldSet, steps: Steps): Work<readonly (readonly string[])[]> {
  const paths: string[][] = [];
  function* walk(below: FieldSet, path: readonly string[]): Work<void> {
    const inner: string[] = [];
    for (const element of Object.keys(below)) {
      if (steps.due()) yield;
      if (element === '.') continue;
      if (isMember(below[element]!)) paths.push([...path, element]);
      if (!isEmptySet(below[element]!)) inner.push(element);
    }
    for (const element of inner) yield* walk(below[element]!, [...path, element]);
  }
  yield* walk(set, []);
  return paths;
}

/** Whether two sets have the same members. */
export function equalSets(a: FieldSet, b: FieldSet): boolean {
  if (a === b) return true;
  let count = 0;
  for (const element in a) {
    const other = b[element];
    if (other === undefined || !equalSets(a[element]!, other)) return false;
    count++;
  }
  for (const _ in b) count--;
  return count === 0;
}
