// How messages show structures: with the server's own names, every field in its order, whatever was sent.
import { isRecord } from '../../apimachinery/object.js';

/** Stands for a structure that is always there: shown with all its fields when it was not sent. */
export const always = Symbol('always');

/** A field as the server names it, what is shown when it was not sent, the shape of its value, and its name in JSON when the first letter is not all that differs. */
export type ShapeField = readonly [name: string, empty: '' | 0 | false | null | typeof always, shape?: Shape, json?: string];

/** The fields of a structure, in order. */
export type Shape = readonly ShapeField[];

function jsonName(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

/** A value of this shape, or a list of such values, as messages show it. */
export function shownAs(shape: Shape, value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (Array.isArray(value)) return value.map((one) => shownAs(shape, one));
  if (!isRecord(value)) return value;
  const out: Record<string, unknown> = {};
  for (const [name, empty, inner, json] of shape) {
    const own = value[json ?? jsonName(name)];
    if (own === undefined || own === null) out[name] = empty === always ? shownAs(inner ?? [], {}) : empty;
    else out[name] = inner === undefined ? own : shownAs(inner, own);
  }
  return out;
}
