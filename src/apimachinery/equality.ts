// Whether two JSON values say the same; an absent field and undefined are the same.

/** Deep equality of JSON values: order of fields does not matter, order of lists does. Shared parts cost nothing. */
export function deepEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (!deepEqual(a[i], b[i])) return false;
    return true;
  }
  if (Array.isArray(b)) return false;
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  let fields = 0;
  for (const field in left) {
    const value = left[field];
    if (value === undefined) continue;
    fields++;
    if (!deepEqual(value, right[field])) return false;
  }
  for (const field in right) if (right[field] !== undefined) fields--;
  return fields === 0;
}
