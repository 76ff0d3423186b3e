// When a cron job's schedule comes round. https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax
import { scheduleProblem } from '../../registry/batch/schedule.js';
import { minute, wallTime, zoneOf, type Zone } from './wall-time.js';

/** Instants are milliseconds since the epoch. */
export interface Schedule {
  /** The first time after an instant; undefined when there is none within five years. */
  next(after: number): number | undefined;
  /** The last time that is not after `to`, counted from one of its times that is not after it either. */
  last(first: number, to: number): number;
  readonly zone: Zone;
}

const day = 24 * 60 * minute;
const horizon = 5 * 366 * day;
const second = 1000;

const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const dayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const shortcuts: ReadonlyMap<string, string> = new Map([
  ['@yearly', '0 0 1 1 *'],
  ['@annually', '0 0 1 1 *'],
  ['@monthly', '0 0 1 * *'],
  ['@weekly', '0 0 * * 0'],
  ['@daily', '0 0 * * *'],
  ['@midnight', '0 0 * * *'],
  ['@hourly', '0 * * * *'],
]);

/**
 * Reads a schedule. Throws RangeError with what is wrong with it.
 * @param timeZone of the tz database; UTC when absent
 */
export function parseSchedule(text: string, timeZone: string | undefined): Schedule {
  const problem = scheduleProblem(text);
  if (problem !== undefined) throw new RangeError(problem);
  const prefix = /^(?:CRON_)?TZ=(\S+)\s+/.exec(text);
  const zone = zoneOf(timeZone ?? prefix?.[1]);
  const times = text.slice(prefix?.[0].length ?? 0).trim();
  if (times.startsWith('@every ')) return everySchedule(durationOf(times.slice('@every '.length)), zone);
  return cronSchedule(shortcuts.get(times) ?? times, zone);
}

/** Every so many milliseconds, in whole seconds, counted from the time before. */
function everySchedule(milliseconds: number, zone: Zone): Schedule {
  const period = Math.max(Math.floor(milliseconds / second) * second, second);
  const next = (after: number): number => Math.floor(after / second) * second + period;
  return {
    zone,
    next,
    last: (first, to) => first + Math.floor((to - first) / period) * period,
  };
}

const unitLengths: ReadonlyMap<string, number> = new Map([
  ['ns', 1e-6],
  ['us', 1e-3],
  ['µs', 1e-3],
  ['μs', 1e-3],
  ['ms', 1],
  ['s', second],
  ['m', minute],
  ['h', 60 * minute],
]);

/** Milliseconds of a duration such as `1h30m` that is known to be one. */
function durationOf(text: string): number {
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/([0-9.]+)([^0-9.+-]+)/g)) total += Number(amount) * (unitLengths.get(unit!) ?? 0);
  return text.startsWith('-') ? -total : total;
}

interface Field {
  readonly values: ReadonlySet<number>;
  /** `*` or `?`: it says nothing. */
  readonly any: boolean;
}

function parseField(text: string, min: number, max: number, names: readonly string[] = []): Field {
  const values = new Set<number>();
  let any = false;
  const numberOf = (word: string): number => {
    const named = names.indexOf(word.toLowerCase());
    return named < 0 ? Number(word) : named + min;
  };
  for (const part of new Set(text.split(','))) {
    // A field may have hundreds of thousands of ranges: once all values are there, only a star says more.
    if (part === '' || (values.size > max - min && part[0] !== '*' && part[0] !== '?')) continue;
    const [range = '', step] = part.split('/');
    const [low = '', high] = range.split('-');
    const star = low === '*' || low === '?';
    const size = step === undefined ? 1 : Number(step);
    // A star with a step chooses: it is a restriction like any other.
    if (star && size === 1) any = true;
    const from = star ? min : numberOf(low);
    const to = star ? max : high !== undefined ? numberOf(high) : step === undefined ? from : max;
    for (let value = from; value <= to; value += size) values.add(value);
  }
  return { values, any };
}

/**
 * Every minute whose wall time fits. So what falls into the hour that a zone leaves out does not happen,
 * and what falls into the hour that comes twice happens twice.
 */
function cronSchedule(text: string, zone: Zone): Schedule {
  const [minutes, hours, days, months, weekdays] = text.split(/\s+/) as [string, string, string, string, string];
  const minuteField = parseField(minutes, 0, 59);
  const hourField = parseField(hours, 0, 23);
  const dayField = parseField(days, 1, 31);
  const monthField = parseField(months, 1, 12, monthNames);
  const weekdayField = parseField(weekdays, 0, 6, dayNames);

  /** Of day and weekday both must fit when one of them says nothing, else one is enough. */
  const dayFits = (dayOfMonth: number, weekday: number): boolean => {
    const byDay = dayField.values.has(dayOfMonth);
    const byWeekday = weekdayField.values.has(weekday);
    return dayField.any || weekdayField.any ? byDay && byWeekday : byDay || byWeekday;
  };
  /** So many milliseconds on, but not past a change of the zone's offset. */
  const jump = (from: number, milliseconds: number): number => {
    let to = from + milliseconds;
    const offset = zone.offset(from);
    if (zone.offset(to) === offset) return to;
    let before = from;
    while (to - before > minute) {
      const middle = before + Math.floor((to - before) / 2 / minute) * minute;
      if (zone.offset(middle) === offset) before = middle;
      else to = middle;
    }
    return to;
  };
  /** The first time after one instant and not after another. */
  const find = (after: number, end: number): number | undefined => {
    let at = (Math.floor(after / minute) + 1) * minute;
    while (at <= end) {
      const wall = wallTime(zone, at);
      const restOfHour = (60 - wall.minute) * minute;
      if (!monthField.values.has(wall.month) || !dayFits(wall.day, wall.weekday))
        at = jump(at, (23 - wall.hour) * 60 * minute + restOfHour);
      else if (!hourField.values.has(wall.hour)) at = jump(at, restOfHour);
      else if (!minuteField.values.has(wall.minute)) at += minute;
      else return at;
    }
    return undefined;
  };
  return {
    zone,
    next: (after) => find(after, after + horizon),
    last(first, to) {
      // Backwards in spans that double, until one has a time; then forwards to the last of it.
      for (let span = minute; ; span *= 2) {
        const start = Math.max(first, to - span);
        let found: number | undefined;
        for (let time = find(start - 1, to); time !== undefined; time = find(time, to)) found = time;
        if (found !== undefined || start === first) return found ?? first;
      }
    },
  };
}
