// What clocks on the wall of a time zone show. https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#time-zones
export const minute = 60_000;

export interface WallTime {
  readonly year: number;
  /** From 1. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  /** 0 is Sunday. */
  readonly weekday: number;
}

/** A time zone; instants are milliseconds since the epoch. */
export interface Zone {
  /** Milliseconds by which the wall is ahead of UTC at an instant. */
  offset(instant: number): number;
}

export function wallTime(zone: Zone, instant: number): WallTime {
  const local = new Date(instant + zone.offset(instant));
  return {
    year: local.getUTCFullYear(),
    month: local.getUTCMonth() + 1,
    day: local.getUTCDate(),
    hour: local.getUTCHours(),
    minute: local.getUTCMinutes(),
    weekday: local.getUTCDay(),
  };
}

const utc: Zone = { offset: () => 0 };

/** @param name of the tz database; absent: UTC. Throws RangeError for an unknown one. */
export function zoneOf(name: string | undefined): Zone {
  if (name === undefined || name === 'UTC') return utc;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return {
    offset(instant) {
      const whole = Math.floor(instant / 1000) * 1000;
      const fields = new Map(format.formatToParts(whole).map(({ type, value }) => [type, Number(value)]));
      const at = (field: Intl.DateTimeFormatPartTypes): number => fields.get(field) ?? 0;
      return Date.UTC(at('year'), at('month') - 1, at('day'), at('hour'), at('minute'), at('second')) - whole;
    },
  };
}

/** An instant as RFC 3339 has it, with the zone's offset: `2026-11-21T16:45:00+01:00`, and `Z` for UTC itself. */
export function formatInZone(zone: Zone, instant: number): string {
  const offset = zone.offset(instant);
  const text = new Date(instant + offset).toISOString().slice(0, 19);
  if (zone === utc) return `${text}Z`;
  const minutes = Math.round(Math.abs(offset) / minute);
  const two = (number: number): string => String(number).padStart(2, '0');
  return `${text}${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
