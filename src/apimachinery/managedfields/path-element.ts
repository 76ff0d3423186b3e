// One element of a field path: its form in fieldsV1, its order, and its form in messages.
import { isRecord } from '../object.js';

/** The order in which fieldsV1 lists elements: `.` first, names by text, keys and values by value (80 before 443). */
export function compareElements(a: string, b: string): number {
  if (a === b) return 0;
  const first = a.charCodeAt(0);
  const kind = first - b.charCodeAt(0);
  if (kind !== 0) return kind;
  if (first === 102 || first === 46) return a < b ? -1 : 1;
  return compareWithinText(a, b) ?? (compareValues(valueOf(a), valueOf(b)) || (a < b ? -1 : 1));
}

/** The order of two JSON texts that first differ inside of a string, which is the usual case and needs no parsing; undefined otherwise. */
function compareWithinText(a: string, b: string): number | undefined {
  let within = false;
  let i = 0;
  const shorter = Math.min(a.length, b.length);
  for (; i < shorter; i++) {
    const code = a.charCodeAt(i);
    if (code !== b.charCodeAt(i)) break;
    if (code === 92) return undefined;
    if (code === 34) within = !within;
  }
  if (!within || i === shorter) return undefined;
  const x = a.charCodeAt(i);
  const y = b.charCodeAt(i);
  if (x === 92 || y === 92) return undefined;
  // The end of a string comes before any character.
  return x === 34 ? -1 : y === 34 ? 1 : x - y;
}

function valueOf(element: string): unknown {
  return JSON.parse(element.slice(2)) as unknown;
}

function rank(value: unknown): number {
  switch (typeof value) {
    case 'number':
      return 0;
    case 'string':
      return 1;
    case 'boolean':
      return 2;
    default:
      return value === null ? 3 : 4;
  }
}

/** Orders the scalars of keys; maps by their fields in order of name. */
export function compareValues(a: unknown, b: unknown): number {
  const kind = rank(a) - rank(b);
  if (kind !== 0) return kind;
  if (typeof a === 'number') return a - (b as number);
  if (typeof a === 'string') return a < (b as string) ? -1 : a === b ? 0 : 1;
  if (!isRecord(a) || !isRecord(b)) return 0;
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
  for (const name of names) {
    if (!(name in a)) return 1;
    if (!(name in b)) return -1;
    const order = compareValues(a[name], b[name]);
    if (order !== 0) return order;
  }
  return 0;
}

/** `.name`, `[name="c"]`, `[="v"]`, `[3]`: an element as conflicts and type errors write it. */
export function elementText(element: string): string {
  const rest = element.slice(2);
  switch (element[0]) {
    case 'f':
      return `.${rest}`;
    case 'k': {
      const keys = JSON.parse(rest) as Record<string, unknown>;
      return `[${Object.keys(keys)
        .map((name) => `${name}=${JSON.stringify(keys[name])}`)
        .join(',')}]`;
    }
    case 'v':
      return `[=${rest}]`;
    default:
      return `[${rest}]`;
  }
}

/** A whole path as messages write it: `.spec.containers[name="c"].image`. */
export function pathText(path: readonly string[]): string {
  return path.map(elementText).join('');
}
