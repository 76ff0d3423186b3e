// Reads and writes fields of objects whose names come from clients.
import { setField } from '../../apimachinery/fields.js';

/** A deep copy of a JSON value. */
export function copyOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return (value as readonly unknown[]).map(copyOf);
  const copy: Record<string, unknown> = {};
  for (const name of Object.keys(value)) setField(copy, name, copyOf((value as Readonly<Record<string, unknown>>)[name]));
  return copy;
}

/** What a path of fields leads to; undefined when it leads nowhere. */
export function valueAt(object: unknown, path: readonly string[]): unknown {
  let value = object;
  for (const name of path) {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, name)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[name];
  }
  return value;
}
