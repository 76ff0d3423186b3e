// How long a request may take: the parameter `timeout`, with the bounds and words of the real server.
import { badRequest } from '../../apimachinery/errors/api-error.js';
import { longRunningSubresources } from '../metrics/request-metrics.js';
import type { RequestInfo } from '../request/request-info.js';

/** The longest that a request may take, and the time it has when it does not say, in milliseconds. */
export const longestRequest = 60_000;

/** Whether a request goes on until its client has enough: a watch, a log, a connection to a container. */
export function isLongRunning(info: RequestInfo): boolean {
  if (!info.isResource) return info.path.startsWith('/debug/pprof/');
  return info.verb === 'watch' || longRunningSubresources.has(info.subresource);
}

/** Milliseconds that a request has. Throws 400 for a `timeout` that is no duration. */
export function timeoutOf(parameters: URLSearchParams): number {
  const text = parameters.size === 0 ? null : parameters.get('timeout');
  if (text === null || text === '') return longestRequest;
  const nanoseconds = parseDuration(text);
  if (typeof nanoseconds === 'string') throw badRequest(`invalid timeout specified in the request URL - ${nanoseconds}`);
  if (nanoseconds <= 0n) return longestRequest;
  const milliseconds = Number(nanoseconds) / 1e6;
  return Math.min(milliseconds, longestRequest);
}

const units: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1_000n],
  ['µs', 1_000n],
  ['μs', 1_000n],
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
]);

const largest = 2n ** 63n - 1n;
/** No duration that fits 64 bits is written with more characters, but for zeros that nobody writes. */
const longestText = 200;

/** Nanoseconds in a duration such as `1m30s`, or what is wrong with it. */
export function parseDuration(text: string): bigint | string {
  const invalid = `time: invalid duration ${quoted(text)}`;
  if (text.length > longestText) return invalid;
  const negative = text.startsWith('-');
  let rest = negative || text.startsWith('+') ? text.slice(1) : text;
  if (rest === '0') return 0n;
  if (rest === '') return invalid;
  let total = 0n;
  while (rest !== '') {
    const [number = ''] = /^[0-9]*(?:\.[0-9]*)?/.exec(rest) ?? [];
    const [whole = '', fraction = ''] = number.split('.');
    if (whole === '' && fraction === '') return invalid;
    rest = rest.slice(number.length);
    const [name = ''] = /^[^.0-9]*/.exec(rest) ?? [];
    if (name === '') return `time: missing unit in duration ${quoted(text)}`;
    const unit = units.get(name);
    if (unit === undefined) return `time: unknown unit ${quoted(name)} in duration ${quoted(text)}`;
    rest = rest.slice(name.length);
    total += BigInt(whole === '' ? 0 : whole) * unit;
    if (fraction !== '') total += (BigInt(fraction) * unit) / 10n ** BigInt(fraction.length);
    if (total > largest + (negative ? 1n : 0n)) return invalid;
  }
  return negative ? -total : total;
}

/** In quotes, bytes beyond ASCII and control characters as `\xff`. */
function quoted(text: string): string {
  let out = '"';
  for (const byte of Buffer.from(text)) {
    if (byte === 0x22 || byte === 0x5c) out += `\\${String.fromCharCode(byte)}`;
    else out += byte < 0x20 || byte >= 0x80 ? `\\x${byte.toString(16).padStart(2, '0')}` : String.fromCharCode(byte);
  }
  return `${out}"`;
}
