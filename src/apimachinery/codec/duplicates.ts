// Finds keys that occur twice in one JSON object, for strict field validation.
import { quote, type Duplicates } from '../schema/problems.js';
import { parseAndScan } from './json.js';
import { readJson } from './json-reader.js';
import { countKeys } from './scan.js';

/**
 * Problems such as `duplicate field "spec.x"`, outer objects first. The bytes must be valid JSON.
 * Without a schema this also sees places that the real server does not look into (unknown fields, free-form values); `decodeObjectBody` does not.
 */
export function findDuplicateKeys(bytes: Uint8Array): string[] {
  const { value, scan } = parseAndScan(bytes);
  if (scan.keys === countKeys(value)) return [];
  const read = readJson(bytes, { literals: false });
  const problems: string[] = [];
  collect(read.value, '', read.duplicates, problems);
  return problems;
}

function collect(value: unknown, path: string, duplicates: Duplicates, problems: string[]): void {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    value.forEach((one, index) => collect(one, `${path}[${index}]`, duplicates, problems));
    return;
  }
  const at = (key: string): string => (path === '' ? key : `${path}.${key}`);
  for (const { key } of duplicates.get(value) ?? []) problems.push(`duplicate field ${quote(at(key))}`);
  for (const [key, one] of Object.entries(value)) collect(one, at(key), duplicates, problems);
}
