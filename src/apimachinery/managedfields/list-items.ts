// The items of sets and keyed lists by their path elements.
import { finish, Steps, type Work } from '../../clock/slices.js';
import { isRecord } from '../object.js';
import { compareElements } from './path-element.js';
import type { Structure } from './structure.js';

/** An item of a keyed list that has none of the keys: nothing in the list can be told apart, so that no books can be kept of the object. */
export class KeylessItem extends Error {}

/** Why the list of such an item cannot be tracked. */
export function keylessProblem({ keys }: Structure): string {
  const names = keys.map(({ name }) => JSON.stringify(name)).join(' ');
  return `associative list with keys has an element that omits all key fields [${names}] (and doesn't have default values for any key fields)`;
}

/**
 * The path element of one item of a set or keyed list; undefined for an item that can have none (null, or no map in a keyed list).
 * A key that an item leaves out has its default, or is left out. Throws a KeylessItem for an item that leaves out all.
 */
export function itemElement(structure: Structure, item: unknown): string | undefined {
  if (structure.shape === 'set') return item === null || item === undefined ? undefined : `v:${sortedJson(item)}`;
  if (!isRecord(item)) return undefined;
  const { keys } = structure;
  if (keys.length === 1) {
    const { label, name, default: byDefault } = keys[0]!;
    const value = item[name] ?? byDefault;
    if (value === undefined) throw new KeylessItem();
    return `k:{${label}${keyJson(value)}}`;
  }
  let text = 'k:{';
  for (const { name, label, default: byDefault } of keys) {
    const value = item[name] ?? byDefault;
    if (value !== undefined) text += `${text.length > 3 ? ',' : ''}${label}${keyJson(value)}`;
  }
  if (text.length === 3) throw new KeylessItem();
  return `${text}}`;
}

const escaped = /["\\\u0000-\u001f\ud800-\udfff]/;

function keyJson(value: unknown): string {
  if (typeof value === 'string') return escaped.test(value) ? JSON.stringify(value) : `"${value}"`;
  return typeof value === 'number' ? String(value) : sortedJson(value);
}

function sortedJson(value: unknown): string {
  if (!isRecord(value)) return JSON.stringify(value);
  return `{${Object.keys(value)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${sortedJson(value[name])}`)
    .join(',')}}`;
}

/** A list's items by element. */
export interface ItemIndex {
  /** The elements in the order of the list, each once. */
  readonly order: readonly string[];
  readonly items: ReadonlyMap<string, unknown>;
  /** Elements that several items have: such items are owned together, as a whole. Their value in `items` is the array of them. */
  readonly duplicates: ReadonlySet<string>;
}

const noDuplicates: ReadonlySet<string> = new Set();
const noItems: ItemIndex = { order: [], items: new Map(), duplicates: noDuplicates };

/** Indexes a list; what is no list is as an empty one. */
export function indexItems(structure: Structure, list: unknown): ItemIndex {
  return Array.isArray(list) && list.length > 0 ? finish(indexItemsWork(structure, list, new Steps(Infinity))) : noItems;
}

/** {@link indexItems}, which yields in the midst of long lists. */
export function* indexItemsWork(structure: Structure, list: unknown, steps: Steps): Work<ItemIndex> {
  if (!Array.isArray(list) || list.length === 0) return noItems;
  const order: string[] = [];
  const items = new Map<string, unknown>();
  let duplicates: Set<string> | undefined;
  for (const item of list as readonly unknown[]) {
    if (steps.due()) yield;
    const element = itemElement(structure, item);
    if (element === undefined) continue;
    if (!items.has(element)) {
      order.push(element);
      items.set(element, item);
    } else if (structure.shape === 'list') {
      if (duplicates?.has(element) === true) (items.get(element) as unknown[]).push(item);
      else {
        items.set(element, [items.get(element), item]);
        (duplicates ??= new Set()).add(element);
      }
    }
  }
  return { order, items, duplicates: duplicates ?? noDuplicates };
}

/** Longer lists are indexed: telling here that no two items have the same keys takes time with the square of the length. */
const longestAligned = 8;

/** Whether two keyed lists have items of the same keys in the same places, each once. */
export function areAligned(structure: Structure, a: readonly unknown[], b: readonly unknown[]): boolean {
  if (structure.shape !== 'list' || a.length !== b.length || a.length > longestAligned) return false;
  for (let i = 0; i < a.length; i++) {
    if (!haveSameKeys(structure, a[i], b[i])) return false;
    for (let j = 0; j < i; j++) if (haveSameKeys(structure, b[i], b[j])) return false;
  }
  return true;
}

/** Keys that are no scalars count as different: an index tells. */
function haveSameKeys({ keys }: Structure, a: unknown, b: unknown): boolean {
  if (!isRecord(a) || !isRecord(b)) return false;
  for (const { name, default: byDefault } of keys) if ((a[name] ?? byDefault) !== (b[name] ?? byDefault)) return false;
  return true;
}

/** Sorts elements into the order of fieldsV1, in place. Most lists are short or sorted already. */
export function sortElements(elements: string[]): string[] {
  if (elements.length > 64) return elements.sort(compareElements);
  for (let i = 1; i < elements.length; i++) {
    const element = elements[i]!;
    let j = i - 1;
    for (; j >= 0 && compareElements(elements[j]!, element) > 0; j--) elements[j + 1] = elements[j]!;
    elements[j + 1] = element;
  }
  return elements;
}

/** Sorts short texts in place, by code unit. */
export function sortTexts(texts: string[]): string[] {
  if (texts.length > 64) return texts.sort();
  for (let i = 1; i < texts.length; i++) {
    const text = texts[i]!;
    let j = i - 1;
    for (; j >= 0 && texts[j]! > text; j--) texts[j + 1] = texts[j]!;
    texts[j + 1] = text;
  }
  return texts;
}

export interface ListItem {
  readonly element: string;
  readonly item: unknown;
  /** Several items have this element. */
  several: boolean;
}

/** The items of a list in the order of fieldsV1, each element once; cheaper than an index where nothing is looked up. */
export function itemsInOrder(structure: Structure, list: unknown): readonly ListItem[] {
  if (!Array.isArray(list)) return [];
  const found: ListItem[] = [];
  let last = '';
  let sorted = true;
  for (const item of list as readonly unknown[]) {
    const element = itemElement(structure, item);
    if (element === undefined) continue;
    if (found.length > 0 && compareElements(last, element) >= 0) sorted = false;
    last = element;
    found.push({ element, item, several: false });
  }
  if (sorted) return found;
  found.sort((a, b) => compareElements(a.element, b.element));
  return found.filter((one, i) => {
    if (i === 0 || found[i - 1]!.element !== one.element) return true;
    for (let j = i - 1; j >= 0 && found[j]!.element === one.element; j--) found[j]!.several = true;
    return false;
  });
}
