// Ages and durations as kubectl's tables show them.
// https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;
const year = 365 * day;

/** `2` and `30` of `m` and `s` as `2m30s`, without a second part that is zero. */
function two(first: number, firstUnit: string, second: number, secondUnit: string): string {
  return second === 0 ? `${first}${firstUnit}` : `${first}${firstUnit}${second}${secondUnit}`;
}

/**
 * A duration in at most two units, more precise when it is short: `45s`, `5m30s`, `42m`, `3h5m`, `36h`, `5d3h`, `400d`, `3y20d`.
 * A little below zero counts as zero (clocks differ), more is `<invalid>`.
 */
export function humanDuration(milliseconds: number): string {
  const seconds = Math.trunc(milliseconds / 1000);
  if (seconds < -1) return '<invalid>';
  if (seconds <= 0) return '0s';
  if (seconds < 2 * minute) return `${seconds}s`;
  const minutes = Math.trunc(seconds / minute);
  if (minutes < 10) return two(minutes, 'm', seconds % minute, 's');
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.trunc(seconds / hour);
  if (hours < 8) return two(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return `${hours}h`;
  if (hours < 192) return two(Math.trunc(hours / 24), 'd', hours % 24, 'h');
  const days = Math.trunc(seconds / day);
  if (seconds < 2 * year) return `${days}d`;
  const years = Math.trunc(seconds / year);
  return seconds < 8 * year ? two(years, 'y', days % 365, 'd') : `${years}y`;
}

/** How long ago a time of the API was, `<unknown>` when it is absent. `now` in milliseconds since the epoch. */
export function age(time: string | undefined, now: number): string {
  if (time === undefined || time === '') return '<unknown>';
  const then = Date.parse(time);
  return Number.isNaN(then) ? '<unknown>' : humanDuration(now - then);
}
