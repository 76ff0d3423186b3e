// The hash of a pod template: the label `pod-template-hash` and the end of a replica set's name.
import type { PodTemplateSpec } from '../../../openapi/types/core.v1.js';

export const hashLabel = 'pod-template-hash';

/** The characters of generated names: no vowels, so that no words arise. */
const alphabet = 'bcdfghjklmnpqrstvwxz2456789';

/**
 * At most ten characters; the same for equal templates, whatever the order of their fields.
 * @param collisions how often the name was taken by a set with another template
 */
export function templateHash(template: PodTemplateSpec, collisions: number | undefined): string {
  let hash = fnv(0x811c9dc5, canonical(template));
  if (collisions !== undefined && collisions > 0) hash = fnv(hash, `#${collisions}`);
  return [...String(hash >>> 0)].map((digit) => alphabet[digit.charCodeAt(0) % alphabet.length]).join('');
}

/** FNV-1a over UTF-8. */
function fnv(start: number, text: string): number {
  let hash = start;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash;
}

/** JSON with sorted fields and without absent ones. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const fields = value as Readonly<Record<string, unknown>>;
  const names = Object.keys(fields).filter((name) => fields[name] !== undefined);
  return `{${names
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonical(fields[name])}`)
    .join(',')}}`;
}
