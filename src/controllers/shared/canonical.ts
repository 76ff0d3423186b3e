// Text and short hashes of objects: equal for equal objects, whatever the order of their fields.

/** JSON with sorted fields and without absent ones. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const fields = value as Readonly<Record<string, unknown>>;
  const names = Object.keys(fields).filter((name) => fields[name] !== undefined);
  return `{${names
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonicalJson(fields[name])}`)
    .join(',')}}`;
}

/** The characters of generated names: no vowels, so that no words arise. */
const alphabet = 'bcdfghjklmnpqrstvwxz2456789';

/** A 32-bit number in at most ten characters that a name may hold. */
export function nameOfHash(hash: number): string {
  return [...String(hash >>> 0)].map((digit) => alphabet[digit.charCodeAt(0) % alphabet.length]).join('');
}
