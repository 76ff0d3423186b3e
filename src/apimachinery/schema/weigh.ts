// Whether a value is long: found without looking at more of it than it takes to say so.

/** Values with fewer parts are gone through at once. */
const longest = 1024;

/** What was found long: to look up all keys of an object takes a while when there are very many. A memo, not state: it goes with the value. */
const known = new WeakSet();

/** Whether a value has more than a thousand parts, counted at all its levels. */
export function isLong(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (known.has(value)) return true;
  if (left(value, longest) >= 0) return false;
  known.add(value);
  return true;
}

/** Whether somebody has found it long, or said so: nothing is counted. */
export function isKnownLong(value: object): boolean {
  return known.has(value);
}

/** Says that a value is long, so that nobody has to look. Values with more parts than a thousand are. */
export function markLong(value: object): void {
  known.add(value);
}

/** How many parts of its own make a value long for sure. */
export const surelyLong = longest + 1;

/** What is left of a number of parts after those of `value`; below zero: there are more. */
function left(value: unknown, parts: number): number {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return parts - 1;
  if (known.has(value)) return -1;
  let rest = parts - 1;
  if (Array.isArray(value)) {
    if (value.length > rest) return -1;
    for (const one of value as readonly unknown[]) if ((rest = left(one, rest)) < 0) return rest;
    return rest;
  }
  for (const key in value) if ((rest = left((value as Readonly<Record<string, unknown>>)[key], rest)) < 0) return rest;
  return rest;
}
