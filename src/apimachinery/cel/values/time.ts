// Timestamps and durations: texts, ranges, the parts of a date in a time zone. All in nanoseconds, as bigints.

import { failure } from '../evaluate/errors.js';
import { DurationValue, TimestampValue } from './value.js';

const billion = 1_000_000_000n;
const million = 1_000_000n;
const greatestDuration = 2n ** 63n - 1n;
const leastDuration = -(2n ** 63n);
const firstSecond = -62_135_596_800n;
const lastSecond = 253_402_300_799n;

const timestampForm = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(\.\d{1,30})?(?:[Zz]|([+-])(\d\d):(\d\d))$/;
const dateForm = /^\d{4}-\d\d-\d\d$/;

/** RFC 3339, or a date alone; undefined when it is neither or out of range. */
export function parseTimestampText(text: string): TimestampValue | undefined {
  if (text.length > 64) return undefined;
  const parts = timestampForm.exec(dateForm.test(text) ? `${text}T00:00:00Z` : text);
  if (parts === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(1, 7).map(Number);
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day || hour > 23 || minute > 59 || second > 59) return undefined;
  const offsetHours = Number(parts[9] ?? 0);
  const offsetMinutes = Number(parts[10] ?? 0);
  if (offsetHours > 24 || offsetMinutes > 59) return undefined;
  const offset = (parts[8] === '-' ? -1 : 1) * (offsetHours * 3600 + offsetMinutes * 60);
  const seconds = BigInt(date.getTime() / 1000 + hour * 3600 + minute * 60 + second - offset);
  const fraction = BigInt((parts[7] ?? '.0').slice(1, 10).padEnd(9, '0'));
  return timestampOf(seconds * billion + fraction, offset / 60);
}

/** undefined when it is before the year 1 or after 9999. */
export function timestampOf(nanoseconds: bigint, offsetMinutes = 0): TimestampValue | undefined {
  const seconds = floorDivide(nanoseconds, billion);
  return seconds < firstSecond || seconds > lastSecond ? undefined : new TimestampValue(nanoseconds, offsetMinutes);
}

/** undefined when it does not fit 64 bits. */
export function durationOf(nanoseconds: bigint): DurationValue | undefined {
  return nanoseconds < leastDuration || nanoseconds > greatestDuration ? undefined : new DurationValue(nanoseconds);
}

export function floorDivide(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  return dividend % divisor < 0n ? quotient - 1n : quotient;
}

const units: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1000n],
  ['µs', 1000n],
  ['μs', 1000n],
  ['ms', million],
  ['s', billion],
  ['m', 60n * billion],
  ['h', 3600n * billion],
]);

/** Longer units, which the duration format of schemas takes. */
const longUnits: ReadonlyMap<string, bigint> = new Map(
  [
    ['ns nano nanos nanosecond nanoseconds', 1n] as const,
    ['us µs micro micros microsecond microseconds', 1000n] as const,
    ['ms milli millis millisecond milliseconds', million] as const,
    ['s sec secs second seconds', billion] as const,
    ['m min mins minute minutes', 60n * billion] as const,
    ['h hr hrs hour hours', 3600n * billion] as const,
    ['d day days', 24n * 3600n * billion] as const,
    ['w week weeks wk', 7n * 24n * 3600n * billion] as const,
  ].flatMap(([names, size]) => names.split(' ').map((name) => [name, size] as const)),
);

/** `1h30m`, `-1.5s`; with `schema` also `3 days`. undefined: no duration, or out of range. */
export function parseDurationText(text: string, schema = false): DurationValue | undefined {
  if (text.length > 200) return undefined;
  const negative = text.startsWith('-');
  let rest = negative || text.startsWith('+') ? text.slice(1) : text;
  if (rest === '0') return new DurationValue(0n);
  let total = 0n;
  let parts = 0;
  while (rest !== '') {
    const part = /^(\d*)(?:\.(\d*))?([a-zµμ]+)/.exec(rest);
    const size = units.get(part?.[3] ?? '');
    if (part === null || size === undefined || `${part[1]}${part[2] ?? ''}` === '') return schema ? parseLong(text) : undefined;
    total += BigInt(part[1] || '0') * size;
    const fraction = part[2] ?? '';
    if (fraction !== '') total += (BigInt(fraction) * size) / 10n ** BigInt(fraction.length);
    rest = rest.slice(part[0].length);
    parts++;
  }
  return parts === 0 ? undefined : durationOf(negative ? -total : total);
}

function parseLong(text: string): DurationValue | undefined {
  const part = /^(-?\d+) {0,50}([A-Za-zµ]+)$/.exec(text.trim());
  const size = longUnits.get((part?.[2] ?? '').toLowerCase());
  return part === null || size === undefined ? undefined : durationOf(BigInt(part[1] ?? '0') * size);
}

/** Seconds with as many decimals as it takes: `3600s`, `-1.5s`. */
export function formatDuration({ nanoseconds }: DurationValue): string {
  const absolute = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  return `${nanoseconds < 0n ? '-' : ''}${absolute / billion}${formatFraction(absolute % billion)}s`;
}

function formatFraction(nanoseconds: bigint): string {
  return nanoseconds === 0n ? '' : `.${nanoseconds.toString().padStart(9, '0').replace(/0+$/, '')}`;
}

/** RFC 3339 with as many decimals as it takes, at the offset that the timestamp has. */
export function formatTimestamp({ nanoseconds, offsetMinutes }: TimestampValue): string {
  const seconds = floorDivide(nanoseconds, billion);
  const date = new Date(Number(seconds) * 1000 + offsetMinutes * 60_000);
  const year = String(date.getUTCFullYear()).padStart(4, '0');
  const time = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
  const fraction = formatFraction(nanoseconds - seconds * billion);
  return `${year}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}T${time}${fraction}${formatOffset(offsetMinutes)}`;
}

function formatOffset(minutes: number): string {
  if (minutes === 0) return 'Z';
  const absolute = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(absolute / 60))}:${two(absolute % 60)}`;
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}

/** The UTC fields of the date that a clock on a wall in the zone shows. Throws an evaluation error for an unknown zone. */
export function dateInZone({ nanoseconds }: TimestampValue, zone: string | undefined): Date {
  const milliseconds = Number(floorDivide(nanoseconds, million));
  if (zone === undefined || zone === '' || zone === 'UTC' || zone === 'Z') return new Date(milliseconds);
  const offset = /^([+-]?)(\d\d):(\d\d)$/.exec(zone);
  if (offset !== null) {
    const minutes = Number(offset[2]) * 60 + Number(offset[3]);
    return new Date(milliseconds + (offset[1] === '-' ? -1 : 1) * minutes * 60_000);
  }
  return new Date(milliseconds + zoneOffset(milliseconds, zone));
}

/** Formats by zone, and the offset that was last asked for: it does not change within a quarter of an hour. */
interface Zone {
  readonly format: Intl.DateTimeFormat;
  quarter: number;
  offset: number;
}
const zones = new Map<string, Zone>();
const mostZones = 100;
const quarterHour = 900_000;

/** Milliseconds to add to UTC. */
function zoneOffset(milliseconds: number, name: string): number {
  let zone = zones.get(name);
  if (zone === undefined) {
    zone = { format: zoneFormat(name), quarter: NaN, offset: 0 };
    if (zones.size >= mostZones) zones.clear();
    zones.set(name, zone);
  }
  const quarter = Math.floor(milliseconds / quarterHour);
  if (zone.quarter !== quarter) {
    zone.offset = offsetAt(zone.format, milliseconds);
    zone.quarter = quarter;
  }
  return zone.offset;
}

function zoneFormat(name: string): Intl.DateTimeFormat {
  try {
    const options = {
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    } as const;
    return new Intl.DateTimeFormat('en-US', { ...options, timeZone: name });
  } catch {
    throw failure(`unknown time zone ${name}`);
  }
}

function offsetAt(format: Intl.DateTimeFormat, milliseconds: number): number {
  const part = new Map(format.formatToParts(milliseconds).map(({ type, value }) => [type, value]));
  const date = new Date(0);
  const year = Number(part.get('year'));
  date.setUTCFullYear(part.get('era') === 'BC' ? 1 - year : year, Number(part.get('month')) - 1, Number(part.get('day')));
  date.setUTCHours(Number(part.get('hour')), Number(part.get('minute')), Number(part.get('second')));
  return date.getTime() - Math.floor(milliseconds / 1000) * 1000;
}

/** Days since the first of January. */
export function dayOfYear(date: Date): number {
  const start = new Date(0);
  start.setUTCFullYear(date.getUTCFullYear(), 0, 1);
  return Math.floor((date.getTime() - start.getTime()) / 86_400_000);
}
