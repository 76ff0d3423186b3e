// JSON with the keys of objects in order, as the real server writes what has no type.
import { jsonText } from '../../apimachinery/codec/json.js';

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return (value as readonly unknown[]).map(sorted);
  const entries = Object.entries(value).map(([name, inner]): [string, unknown] => [name, sorted(inner)]);
  // Object.fromEntries makes own properties whatever their names.
  return Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1)));
}

export function sortedText(value: unknown): string {
  return typeof value === 'object' && value !== null ? jsonText(sorted(value)) : jsonText(value);
}
