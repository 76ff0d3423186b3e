import { parseSchedule } from './schedule.js';
import { formatInZone, zoneOf } from './wall-time.js';

const at = (text: string): number => Date.parse(text);
const shown = (time: number | undefined): string | undefined =>
  time === undefined ? undefined : new Date(time).toISOString().slice(0, 16);
/** The next `count` times. */
function times(schedule: string, zone: string | undefined, from: string, count: number): (string | undefined)[] {
  const { next } = parseSchedule(schedule, zone);
  const found: (string | undefined)[] = [];
  let time: number | undefined = at(from);
  for (let i = 0; i < count && time !== undefined; i++) {
    time = next(time);
    found.push(shown(time));
  }
  return found;
}

test.each([
  ['* * * * *', '2026-01-01T00:00:30Z', ['2026-01-01T00:01', '2026-01-01T00:02']],
  ['*/15 9-10 * * *', '2026-01-01T09:40:00Z', ['2026-01-01T09:45', '2026-01-01T10:00', '2026-01-01T10:15']],
  ['5,10/20 0 * * *', '2026-01-01T00:00:00Z', ['2026-01-01T00:05', '2026-01-01T00:10', '2026-01-01T00:30', '2026-01-01T00:50']],
  ['0 0 29 2 *', '2026-01-01T00:00:00Z', ['2028-02-29T00:00']],
  ['0 0 1 jan,JUL *', '2026-01-01T00:00:00Z', ['2026-07-01T00:00', '2027-01-01T00:00']],
  ['0 12 * * MON-fri', '2026-01-02T12:00:00Z', ['2026-01-05T12:00', '2026-01-06T12:00']],
  [
    '0 0 13 * 5',
    '2026-02-01T00:00:00Z',
    ['2026-02-06T00:00', '2026-02-13T00:00', '2026-02-20T00:00', '2026-02-27T00:00', '2026-03-06T00:00'],
  ],
  ['0 0 */10 * 5', '2026-02-01T00:00:00Z', ['2026-02-06T00:00', '2026-02-11T00:00']],
  ['@hourly', '2026-01-01T00:00:00Z', ['2026-01-01T01:00']],
  ['@weekly', '2026-01-01T00:00:00Z', ['2026-01-04T00:00']],
  ['@yearly', '2026-01-01T00:00:00Z', ['2027-01-01T00:00']],
  ['@every 1h30m', '2026-01-01T00:10:00Z', ['2026-01-01T01:40', '2026-01-01T03:10']],
  ['CRON_TZ=Asia/Kolkata 0 6 * * *', '2026-01-01T00:00:00Z', ['2026-01-01T00:30']],
])('%p from %p', (schedule, from, expected) => {
  expect(times(schedule, undefined, from, expected.length)).toEqual(expected);
});

test('a time that never comes', () => {
  expect(times('0 0 30 2 *', undefined, '2026-01-01T00:00:00Z', 1)).toEqual([undefined]);
});

test('what falls into the hour that a zone leaves out does not happen that day', () => {
  expect(times('30 2 * * *', 'Europe/Berlin', '2026-03-28T00:00:00Z', 3)).toEqual([
    '2026-03-28T01:30',
    '2026-03-30T00:30',
    '2026-03-31T00:30',
  ]);
  expect(times('0 0 * * *', 'Europe/Berlin', '2026-03-28T00:00:00Z', 2)).toEqual(['2026-03-28T23:00', '2026-03-29T22:00']);
});

test('what falls into the hour that comes twice happens twice', () => {
  expect(times('30 2 * * *', 'Europe/Berlin', '2026-10-25T00:00:00Z', 3)).toEqual([
    '2026-10-25T00:30',
    '2026-10-25T01:30',
    '2026-10-26T01:30',
  ]);
  expect(times('0 4 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z', 2)).toEqual(['2026-10-25T03:00', '2026-10-26T03:00']);
});

test('half an hour of summer time, and none', () => {
  expect(times('0 0 * * *', 'Australia/Lord_Howe', '2026-04-03T20:00:00Z', 3)).toEqual([
    '2026-04-04T13:00',
    '2026-04-05T13:30',
    '2026-04-06T13:30',
  ]);
  expect(times('15 5 * * *', 'Asia/Kathmandu', '2026-01-01T00:00:00Z', 1)).toEqual(['2026-01-01T23:30']);
});

test.each([
  ['* * * * *', '2026-01-01T00:00:00Z', '2026-02-01T00:00:30Z', '2026-02-01T00:00'],
  ['0 0 1 1 *', '2026-01-01T00:00:00Z', '2026-12-31T00:00:00Z', '2026-01-01T00:00'],
  ['* 0 * * *', '2026-01-01T00:00:00Z', '2026-01-02T23:59:00Z', '2026-01-02T00:59'],
  ['@every 7m', '2026-01-01T00:00:00Z', '2026-01-01T00:06:00Z', '2026-01-01T00:00'],
])('the last time of %p between %p and %p', (schedule, from, to, expected) => {
  expect(shown(parseSchedule(schedule, undefined).last(at(from), at(to)))).toBe(expected);
});

test('goes on from a time of its own', () => {
  const { last, next } = parseSchedule('@every 30s', undefined);
  const first = next(at('2026-01-01T00:00:22Z'))!;
  expect(last(first, at('2026-01-01T00:02:00Z'))).toBe(at('2026-01-01T00:01:52Z'));
});

test('what cannot be read', () => {
  expect(() => parseSchedule('* * *', undefined)).toThrow('expected exactly 5 fields, found 3');
  expect(() => parseSchedule('* * * * *', 'Mars/Olympus')).toThrow(RangeError);
});

test('instants as zones write them', () => {
  expect(formatInZone(zoneOf(undefined), at('2026-07-01T12:00:00Z'))).toBe('2026-07-01T12:00:00Z');
  expect(formatInZone(zoneOf('Europe/Berlin'), at('2026-07-01T12:00:00Z'))).toBe('2026-07-01T14:00:00+02:00');
  expect(formatInZone(zoneOf('America/St_Johns'), at('2026-01-01T12:00:00Z'))).toBe('2026-01-01T08:30:00-03:30');
});

test('what a field says again, or has said already, changes nothing', () => {
  const again = Array.from({ length: 50_000 }, (_, index) => `${index % 30}`).join(',');
  expect(times(`${again} * * * *`, undefined, '2026-01-01T00:29:00Z', 2)).toEqual(['2026-01-01T01:00', '2026-01-01T01:01']);
  // All values are there before the star: it still says that any weekday will do.
  expect(times('0 0 13 * 0-6,*', undefined, '2026-02-01T00:00:00Z', 2)).toEqual(['2026-02-13T00:00', '2026-03-13T00:00']);
});
