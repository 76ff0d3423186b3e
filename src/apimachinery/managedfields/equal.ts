// Equality of JSON values, with a short cut for shared parts.
/** Whether two JSON values are the same. The order of an object's fields does not matter. */
export function equalValues(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (!equalValues(a[i], b[i])) return false;
    return true;
  }
  if (Array.isArray(b)) return false;
  let count = 0;
  for (const name in a) {
    const other = (b as Record<string, unknown>)[name];
    if (other === undefined || !equalValues((a as Record<string, unknown>)[name], other)) return false;
    count++;
  }
  for (const _ in b) count--;
  return count === 0;
}
