// Lists whose elements must differ: sets by value, maps by their keys.
// https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy
import { invalid, type FieldError } from '../../apimachinery/errors/field-error.js';
import { isRecord } from '../../apimachinery/object.js';
import { sortedText } from './sorted-text.js';
import { below, type Structural } from './structural.js';

/** So many elements are told of. */
const mostErrors = 1000;

/** The keys of an element as the real server shows them. */
function keysOf(item: Readonly<Record<string, unknown>>, keys: readonly string[]): Readonly<Record<string, unknown>> {
  const shown: Record<string, unknown> = {};
  for (const key of keys) if (Object.hasOwn(item, key) && item[key] !== undefined) shown[key] = item[key];
  return shown;
}

function duplicates(list: readonly unknown[], place: Structural, field: string, errors: FieldError[]): void {
  const seen = new Map<string, number>();
  for (let index = 0; index < list.length && errors.length < mostErrors; index++) {
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

function look(value: unknown, place: Structural, field: string, errors: FieldError[]): void {
  if (!place.hasSets || typeof value !== 'object' || value === null || errors.length >= mostErrors) return;
  if (Array.isArray(value)) {
    const list = value as readonly unknown[];
    if (place.listType !== 'atomic') duplicates(list, place, field, errors);
    const { items } = place;
    if (items?.hasSets === true) list.forEach((item, index) => look(item, items, `${field}[${index}]`, errors));
    return;
  }
  const object = value as Readonly<Record<string, unknown>>;
  for (const name of Object.keys(object)) {
    const inner = below(place, name);
    if (inner === undefined) continue;
    const known = place.properties.has(name);
    look(object[name], inner, known ? (field === '' ? name : `${field}.${name}`) : `${field}[${name}]`, errors);
  }
}

/** The elements that are there twice. `field` is the path of `value`. */
export function listErrors(value: unknown, place: Structural, field = ''): readonly FieldError[] {
  if (!place.hasSets) return [];
  const errors: FieldError[] = [];
  look(value, place, field, errors);
  return errors;
}
