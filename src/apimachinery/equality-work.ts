// Equality of long values, in slices.
import { Steps, type Work } from '../clock/slices.js';
import { deepEqual } from './equality.js';
import { isLong } from './schema/weigh.js';

/** How many parts are compared at a time. */
const batch = 256;

/** {@link deepEqual}, which yields in the midst of long values. */
export function* deepEqualWork(a: unknown, b: unknown, steps = new Steps(batch)): Work<boolean> {
  if (a === b) return true;
  if (!isLong(a) || !isLong(b)) return deepEqual(a, b);
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  if (Array.isArray(a) && a.length !== (b as readonly unknown[]).length) return false;
  const [left, right] = [a as Readonly<Record<string, unknown>>, b as Readonly<Record<string, unknown>>];
  let fields = 0;
  for (const field of Object.keys(left)) {
    if (steps.due()) yield;
    const value = left[field];
    if (value === undefined) continue;
    fields++;
    const other = Object.hasOwn(right, field) ? right[field] : undefined;
    if (value !== other && !(yield* deepEqualWork(value, other, steps))) return false;
  }
  for (const field of Object.keys(right)) {
    if (steps.due()) yield;
    if (right[field] !== undefined) fields--;
  }
  return fields === 0;
}
