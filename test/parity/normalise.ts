// Takes out of an answer what differs between any two servers: uids, times, revisions, generated names and addresses.
import type { Answer } from './exchange.js';

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const time = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;
const clusterAddress = /\b10\.(?:9[6-9]|10\d|11[01])\.\d{1,3}\.\d{1,3}\b/g;
const bearerToken = /eyJ[\w-]{20,}\.eyJ[\w-]{20,}\.[\w-]{20,}/g;
const accessVolume = /kube-api-access-[a-z0-9]{5}/g;

export interface Known {
  /** The case file's namespace, shown as `{ns}`. */
  readonly namespace: string;
  /** Addresses and ports that the request itself names stay. */
  readonly asked: string;
}

export function normalise(answer: Answer, known: Known): Answer {
  return { status: answer.status, headers: walk(answer.headers, known, '') as Record<string, string>, body: walk(answer.body, known, '') };
}

/**
 * The answer with the entries of managedFields in one order, whatever the clock did: both servers order them by whole
 * seconds first, so that an exchange which happens to cross a second's end is ordered otherwise. Their order has its own
 * tests, on a clock that is held (src/apimachinery/managedfields).
 */
export function withSortedManagers<T>(value: T): T {
  if (Array.isArray(value)) return value.map(withSortedManagers) as T;
  if (typeof value !== 'object' || value === null) return value;
  const out: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(value)) {
    out[key] =
      key === 'managedFields' && Array.isArray(field)
        ? (field as readonly Book[]).toSorted((a, b) => (identity(a) < identity(b) ? -1 : 1))
        : withSortedManagers(field as unknown);
  }
  return out as T;
}

interface Book {
  readonly manager?: string;
  readonly operation?: string;
  readonly apiVersion?: string;
  readonly subresource?: string;
}

function identity(book: Book): string {
  return JSON.stringify([book.manager, book.operation, book.apiVersion, book.subresource, book]);
}

function walk(value: unknown, known: Known, field: string): unknown {
  if (typeof value === 'string') return text(value, known, field);
  if (typeof value === 'number' && (field === 'nodePort' || field === 'healthCheckNodePort') && !known.asked.includes(String(value)))
    return '<port>';
  if (Array.isArray(value))
    return field === 'cells'
      ? value.map((cell) => (typeof cell === 'string' ? cellText(cell, known) : cell))
      : value.map((one) => walk(one, known, field));
  if (typeof value !== 'object' || value === null) return value;
  const out: Record<string, unknown> = {};
  const record = value as Record<string, unknown>;
  for (const key of Object.keys(record)) out[key] = walk(record[key], known, key);
  if (
    typeof record['generateName'] === 'string' &&
    typeof record['name'] === 'string' &&
    record['name'].startsWith(record['generateName'])
  ) {
    out['name'] = `${record['generateName']}<suffix>`;
  }
  // Texts of columns are documentation, which we do not copy.
  if ('columnDefinitions' in record && Array.isArray(record['columnDefinitions'])) {
    out['columnDefinitions'] = record['columnDefinitions'].map((column) => ({ ...(column as object), description: '' }));
  }
  return out;
}

function text(value: string, known: Known, field: string): string {
  if (field === 'resourceVersion' && /^[1-9]\d*$/.test(value)) return '<revision>';
  if (field === 'continue' && value !== '') return '<continue>';
  return (
    value
      .replaceAll(known.namespace, '{ns}')
      .replace(uuid, (match) => (known.asked.includes(match) ? match : '<uid>'))
      .replace(time, (match) => (known.asked.includes(match) ? match : '<time>'))
      .replace(clusterAddress, (match) => (known.asked.includes(match) || match === '10.96.0.1' ? match : '<address>'))
      // The real server prints the difference of two Go structures, which no client reads.
      .replace(/\n@@[^]*$/, '')
      .replace(/\\"resourceVersion\\":\\"\d+\\"/g, '\\"resourceVersion\\":\\"<revision>\\"')
      // In bodies that are compared as text.
      .replace(/("resourceVersion": ?")\d+"/g, '$1<revision>"')
      .replace(bearerToken, '<token>')
      .replace(accessVolume, 'kube-api-access-<suffix>')
      .replace(/(ResourceVersion in record \()\d+/g, '$1<revision>')
      .replace(/(Too large resource version: \d+, current: )\d+/g, '$1<revision>')
      .replace(/(too old resource version: \d+ \()\d+/g, '$1<revision>')
  );
}

function cellText(cell: string, known: Known): string {
  return /^(?:\d+[smhdy])+$/.test(cell) ? '<age>' : text(cell, known, '').replace(/:3\d{4}\//g, ':<port>/');
}
