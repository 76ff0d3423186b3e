// Defaults as data: where a field is and what it gets when it is absent.
import type { Mutable } from '../../apimachinery/object.js';
import { isRecord } from '../../apimachinery/object.js';

/** A scalar, or a function that makes a fresh value of the object that lacks it (undefined: leave it absent). */
export type DefaultValue = string | number | boolean | ((parent: Mutable) => unknown);

/** A path such as `spec.ports[].protocol` (`[]`: each element of the list) and the value. */
export type DefaultRow = readonly [path: string, value: DefaultValue];

/** Rows of a part, as rows of the whole: `under('spec.template', rows)`. */
export function under(path: string, rows: readonly DefaultRow[]): readonly DefaultRow[] {
  return rows.map(([rest, value]) => [`${path}.${rest}`, value]);
}

/** All rows that start at one place: its own fields, then what is below. */
interface Place {
  readonly name: string;
  readonly list: boolean;
  readonly fields: [name: string, value: DefaultValue][];
  readonly places: Place[];
}

function placeFor(root: Place, path: string): { place: Place; field: string } {
  const parts = path.split('.');
  const field = parts.pop()!;
  let place = root;
  for (const part of parts) {
    const list = part.endsWith('[]');
    const name = list ? part.slice(0, -2) : part;
    let next = place.places.find((one) => one.name === name && one.list === list);
    if (next === undefined) {
      next = { name, list, fields: [], places: [] };
      place.places.push(next);
    }
    place = next;
  }
  return { place, field };
}

function compiled(rows: readonly DefaultRow[]): Place {
  const root: Place = { name: '', list: false, fields: [], places: [] };
  for (const [path, value] of rows) {
    const { place, field } = placeFor(root, path);
    place.fields.push([field, value]);
  }
  return root;
}

function fill(object: Mutable, { fields, places }: Place): void {
  for (const [name, value] of fields) {
    if (object[name] !== undefined) continue;
    const filled = typeof value === 'function' ? value(object) : value;
    if (filled !== undefined) object[name] = filled;
  }
  for (const place of places) {
    const child = object[place.name];
    if (child === undefined) continue;
    if (!place.list) {
      if (isRecord(child)) fill(child, place);
    } else if (Array.isArray(child)) {
      for (const element of child as unknown[]) if (isRecord(element)) fill(element, place);
    }
  }
}

/**
 * Makes an `applyDefaults` hook of a table, compiled to one walk. At each place its own fields are filled in the order of the rows,
 * then what is below it. A place that is not there is passed over.
 */
export function defaultsOf(rows: readonly DefaultRow[]): (draft: Mutable) => void {
  let root: Place | undefined;
  // Compiled with the first object: most kinds have none while the cluster starts.
  return (draft) => fill(draft, (root ??= compiled(rows)));
}
