// For tests: short digests of parts of OpenAPI documents, so that a recording of the real server's stays small and holds no texts.
import { createHash } from 'node:crypto';
import { isRecord } from '../../../apimachinery/object.js';

/** The value with sorted keys and without descriptions; properties named `description` stay. */
export function withoutTexts(value: unknown, names = false): unknown {
  if (Array.isArray(value)) return value.map((one) => withoutTexts(one));
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .filter((key) => names || key !== 'description' || typeof value[key] !== 'string')
      .map((key) => [key, withoutTexts(value[key], key === 'properties' && !names)]),
  );
}

/** 16 hexadecimal digits. */
export function digestOf(value: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(withoutTexts(value)) ?? '')
    .digest('hex')
    .slice(0, 16);
}

/** A document without its paths, which have digests of their own. */
export function digestOfRest(document: unknown): string {
  return digestOf({ ...(document as object), paths: undefined });
}
