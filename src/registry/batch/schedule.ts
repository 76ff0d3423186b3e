// Whether a cron job's schedule can be read. https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax
import { timeZoneProblem } from './time-zones.js';

interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const fields: readonly Bounds[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: months },
  { min: 0, max: 6, names: days },
];
const descriptors = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly'];
const every = '@every ';
const zonePrefixes = ['TZ=', 'CRON_TZ='];

/** Lengths of the units in nanoseconds. */
const units: ReadonlyMap<string, number> = new Map([
  ['ns', 1],
  ['us', 1e3],
  ['µs', 1e3],
  ['μs', 1e3],
  ['ms', 1e6],
  ['s', 1e9],
  ['m', 60e9],
  ['h', 3600e9],
]);
const amount = /^(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)/;

/** What is wrong with a duration such as `1h30m`, as Go says it. https://pkg.go.dev/time#ParseDuration */
function durationProblem(text: string): string | undefined {
  const quoted = JSON.stringify(text);
  let rest = text.replace(/^[-+]/, '');
  if (rest === '0') return undefined;
  let total = 0;
  if (rest === '') return `time: invalid duration ${quoted}`;
  while (rest !== '') {
    const number = amount.exec(rest)?.[0];
    if (number === undefined) return `time: invalid duration ${quoted}`;
    rest = rest.slice(number.length);
    const end = rest.search(/[0-9.]/);
    const unit = end < 0 ? rest : rest.slice(0, end);
    if (unit === '') return `time: missing unit in duration ${quoted}`;
    const size = units.get(unit);
    if (size === undefined) return `time: unknown unit ${JSON.stringify(unit)} in duration ${quoted}`;
    total += Number(number) * size;
    if (total >= 2 ** 63) return `time: invalid duration ${quoted}`;
    rest = rest.slice(unit.length);
  }
  return undefined;
}

/** A number or a name; the text of what is wrong otherwise. */
function numberOf(text: string, { min, names }: Bounds): number | string {
  const index = names?.indexOf(text.toLowerCase()) ?? -1;
  if (index >= 0) return index + (min === 0 ? 0 : 1);
  if (!/^[-+]?[0-9]+$/.test(text)) return `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`;
  const value = Number(text);
  if (Math.abs(value) >= 2 ** 63)
    return `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: value out of range`;
  return value < 0 ? `negative number (${value}) not allowed: ${text}` : value;
}

function rangeProblem(text: string, bounds: Bounds): string | undefined {
  const [range = '', step, ...tooMany] = text.split('/');
  if (tooMany.length > 0) return `too many slashes: ${text}`;
  const [low = '', high, ...more] = range.split('-');
  let start: number | string = bounds.min;
  let end: number | string = bounds.max;
  if (low !== '*' && low !== '?') {
    start = numberOf(low, bounds);
    if (typeof start === 'string') return start;
    end = high === undefined ? (step === undefined ? start : bounds.max) : numberOf(high, bounds);
    if (typeof end === 'string') return end;
    if (more.length > 0) return `too many hyphens: ${text}`;
  }
  if (step !== undefined) {
    const size = numberOf(step, { min: 0, max: 0 });
    if (typeof size === 'string') return size;
    if (size === 0) return `step of range should be a positive number: ${text}`;
  }
  if (start < bounds.min) return `beginning of range (${start}) below minimum (${bounds.min}): ${text}`;
  if (end > bounds.max) return `end of range (${end}) above maximum (${bounds.max}): ${text}`;
  return start > end ? `beginning of range (${start}) beyond end of range (${end}): ${text}` : undefined;
}

/** What is wrong with a schedule, as the real server says it; undefined when nothing is. */
export function scheduleProblem(schedule: string): string | undefined {
  const prefix = zonePrefixes.find((one) => schedule.startsWith(one));
  if (prefix === undefined) return timesProblem(schedule);
  const space = schedule.indexOf(' ');
  // What clients of the real server see of a zone without a schedule.
  if (space < 0) return 'invalid schedule format: runtime error: slice bounds out of range [:-1]';
  const zone = schedule.slice(prefix.length, space);
  const problem = /^[/\\]|\.\./.test(zone) ? 'time: invalid location name' : timeZoneProblem(zone);
  return problem === undefined ? timesProblem(schedule.slice(space).trim()) : `provided bad location ${zone}: ${problem}`;
}

function timesProblem(schedule: string): string | undefined {
  if (schedule.startsWith('@')) {
    if (descriptors.includes(schedule)) return undefined;
    if (!schedule.startsWith(every)) return `unrecognized descriptor: ${schedule}`;
    const problem = durationProblem(schedule.slice(every.length));
    return problem === undefined ? undefined : `failed to parse duration ${schedule}: ${problem}`;
  }
  const parts = schedule.split(/\s+/).filter((part) => part !== '');
  if (parts.length !== fields.length) return `expected exactly ${fields.length} fields, found ${parts.length}: [${parts.join(' ')}]`;
  for (const [index, part] of parts.entries()) {
    // The same range again is as right as the first time.
    for (const range of new Set(part.split(','))) {
      const problem = range === '' ? undefined : rangeProblem(range, fields[index]!);
      if (problem !== undefined) return problem;
    }
  }
  return undefined;
}
