// How much of a version is its own: what the next version shares with it takes no room of its own.

/** What JSON takes for a name or a value beside its characters. */
const around = 3;

/**
 * About how many bytes of JSON a value takes that `next` does not share with it; undefined when there are more than `most`.
 * Looks at no more than it takes to say so.
 */
export function ownSize(value: unknown, next: unknown, most: number): number | undefined {
  const left = leftOf(value, next, most);
  return left < 0 ? undefined : most - left;
}

/** What is left of so many bytes; below zero: there are more. */
function leftOf(value: unknown, next: unknown, bytes: number): number {
  if (typeof value === 'string') return bytes - value.length - around;
  if (typeof value !== 'object' || value === null) return bytes - 2 * around;
  if (value === next) return bytes;
  let rest = bytes - around;
  const other = typeof next === 'object' && next !== null ? (next as Readonly<Record<string, unknown>>) : undefined;
  if (Array.isArray(value)) {
    if (value.length > rest) return -1;
    for (let index = 0; index < value.length; index++) if ((rest = leftOf(value[index], other?.[index], rest)) < 0) return rest;
    return rest;
  }
  for (const name in value) {
    rest = leftOf((value as Readonly<Record<string, unknown>>)[name], other?.[name], rest - name.length - around);
    if (rest < 0) return rest;
  }
  return rest;
}
