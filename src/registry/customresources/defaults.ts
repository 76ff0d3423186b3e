// Fills the gaps of an object with the defaults of its schema.
// https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#defaulting
import { tooLarge } from '../../apimachinery/errors/api-error.js';
import { setField } from '../../apimachinery/fields.js';
import { isRecord } from '../../apimachinery/object.js';
import { copyOf } from './fields.js';
import type { Structural } from './structural.js';

/** As many values as defaults may put into one object: far beyond what fits into a store, so that a list of a thousand elements cannot multiply a large default. */
const mostValues = 500_000;

class Filling {
  #left = mostValues;

  /** Fills `value`, which is of this place, in place. */
  fill(value: unknown, place: Structural, root = false): void {
    if (!place.hasDefaults) return;
    if (Array.isArray(value)) {
      const { items } = place;
      if (items === undefined || !items.hasDefaults) return;
      for (const item of value as readonly unknown[]) {
        if (typeof item === 'object') this.fill(item, items);
      }
      return;
    }
    if (!isRecord(value)) return;
    for (const [name, property] of place.properties) {
      if (!property.hasDefaults || (root && name === 'metadata')) continue;
      if (value[name] === undefined || !Object.hasOwn(value, name)) {
        if (property.default === undefined) continue;
        if ((this.#left -= sizeOf(property.default)) < 0) throw tooLarge('Request entity too large: limit is 3145728');
        setField(value, name, copyOf(property.default));
      }
      this.fill(value[name], property);
    }
    const { additional } = place;
    if (typeof additional !== 'object' || !additional.hasDefaults) return;
    for (const name of Object.keys(value)) if (!place.properties.has(name)) this.fill(value[name], additional);
  }
}

/** How many values a default holds. */
const sizes = new WeakMap<object, number>();

function sizeOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  let size = sizes.get(value);
  if (size === undefined) {
    size = 1;
    for (const inner of Object.values(value)) size += sizeOf(inner);
    sizes.set(value, size);
  }
  return size;
}

/** Puts defaults in where fields are absent. Changes the object. Throws 413 for defaults that come to more than any store takes. */
export function applyDefaults(object: Record<string, unknown>, root: Structural): void {
  new Filling().fill(object, root, true);
}

/** Whether defaults would change the object. */
export function hasGaps(object: unknown, place: Structural, root = true): boolean {
  if (!place.hasDefaults || typeof object !== 'object' || object === null) return false;
  if (Array.isArray(object)) {
    const { items } = place;
    return items?.hasDefaults === true && (object as readonly unknown[]).some((item) => hasGaps(item, items, false));
  }
  const value = object as Readonly<Record<string, unknown>>;
  for (const [name, property] of place.properties) {
    if (!property.hasDefaults || (root && name === 'metadata')) continue;
    const there = Object.hasOwn(value, name) && value[name] !== undefined;
    if (there ? hasGaps(value[name], property, false) : property.default !== undefined) return true;
  }
  const { additional } = place;
  if (typeof additional !== 'object' || !additional.hasDefaults) return false;
  return Object.keys(value).some((name) => !place.properties.has(name) && hasGaps(value[name], additional, false));
}
