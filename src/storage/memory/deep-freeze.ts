// Makes a value and all that it holds unchangeable.

/** Freezes in place and returns the same value. Views of bytes cannot be frozen and are left as they are. */
export function deepFreeze<T>(value: T): T {
  const seen = new Set<object>();
  const open: unknown[] = [value];
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next !== 'object' || next === null || ArrayBuffer.isView(next) || seen.has(next)) continue;
    seen.add(next);
    Object.freeze(next);
    for (const part of Object.values(next) as unknown[]) open.push(part);
  }
  return value;
}
