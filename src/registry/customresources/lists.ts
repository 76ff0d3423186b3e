// Lists whose elements must differ: sets by value, maps by their keys.
// https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy
import { invalid, type FieldError } from '../../apimachinery/errors/field-error.js';
import { isRecord } from '../../apimachinery/object.js';
import { Steps, type Work } from '../../clock/slices.js';
import { sortedText } from './sorted-text.js';
import { below, type Structural } from './structural.js';

/** A list whose elements must differ, and its path. */
interface Unique {
  readonly list: readonly unknown[];
  readonly place: Structural;
  readonly field: string;
}

/** So many elements are told of. */
const mostErrors = 1000;

/** The keys of an element as the real server shows them. */
function keysOf(item: Readonly<Record<string, unknown>>, keys: readonly string[]): Readonly<Record<string, unknown>> {
  const shown: Record<string, unknown> = {};
  for (const key of keys) if (Object.hasOwn(item, key) && item[key] !== undefined) shown[key] = item[key];
  return shown;
}

function* duplicates({ list, place, field }: Unique, errors: FieldError[], steps: Steps): Work<void> {
  const seen = new Map<string, number>();
  for (let index = 0; index < list.length && errors.length < mostErrors; index++) {
    if (steps.due()) yield;
    const item = list[index];
    let shown: unknown = item;
    if (place.listType === 'map') {
      if (!isRecord(item)) {
        errors.push(invalid(`${field}[${index}]`, item ?? null, 'must be an object for an array of list-type map'));
        continue;
      }
      shown = keysOf(item, place.mapKeys);
    }
    const text = sortedText(shown);
    const times = (seen.get(text) ?? 0) + 1;
    seen.set(text, times);
    if (times !== 2) continue;
    const value = typeof shown === 'string' ? invalid('', shown, '').message.slice('Invalid value: '.length) : text;
    errors.push({ field: `${field}[${index}]`, reason: 'FieldValueDuplicate', message: `Duplicate value: ${value}` });
  }
}

/** The lists in a value whose elements must differ. */
function look(value: unknown, place: Structural, field: string, found: Unique[]): void {
  if (!place.hasSets || typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    const list = value as readonly unknown[];
    if (place.listType !== 'atomic') found.push({ list, place, field });
    const { items } = place;
    if (items?.hasSets === true) list.forEach((item, index) => look(item, items, `${field}[${index}]`, found));
    return;
  }
  const object = value as Readonly<Record<string, unknown>>;
  for (const name of Object.keys(object)) {
    const inner = below(place, name);
    if (inner === undefined) continue;
    const known = place.properties.has(name);
    look(object[name], inner, known ? (field === '' ? name : `${field}.${name}`) : `${field}[${name}]`, found);
  }
}

/** The elements that are there twice. */
export function* listErrors(value: unknown, place: Structural): Work<readonly FieldError[]> {
  if (!place.hasSets) return [];
  const found: Unique[] = [];
  look(value, place, '', found);
  const errors: FieldError[] = [];
  const steps = new Steps();
  for (const list of found) yield* duplicates(list, errors, steps);
  return errors;
}

/** {@link listErrors} of a new value; none when the old one had any, as the real server has it. */
export function* newListErrors(value: unknown, old: unknown, place: Structural): Work<readonly FieldError[]> {
  const errors = yield* listErrors(value, place);
  return errors.length > 0 && old !== undefined && (yield* listErrors(old, place)).length > 0 ? [] : errors;
}
