// Schedules and time zones, with the words of the reference.
import { expect, test } from '@jest/globals';
import { scheduleProblem } from './schedule.js';
import { timeZoneProblem } from './time-zones.js';

test.each([
  ...['* * * * *', '*/5 1-5/2 1,,2 jan-mar MON', '? * * * ?', ', * * * *', '5/100 * * * *', '\t* * * * *', '@daily', '@midnight'],
  ...['@every 1h30m', '@every -1.5h', '@every 0', '@every 1µs', 'TZ=UTC * * * * *', 'CRON_TZ=Europe/Zurich @hourly', 'TZ= * * * * *'],
])('%j can be read', (schedule) => {
  expect(scheduleProblem(schedule)).toBeUndefined();
});

test.each([
  [' ', 'expected exactly 5 fields, found 0: []'],
  ['* * * * 7', 'end of range (7) above maximum (6): 7'],
  ['* * 0 * *', 'beginning of range (0) below minimum (1): 0'],
  ['5-1 * * * *', 'beginning of range (5) beyond end of range (1): 5-1'],
  ['*/0 * * * *', 'step of range should be a positive number: */0'],
  ['*/-1 * * * *', 'negative number (-1) not allowed: -1'],
  ['1/2/3 * * * *', 'too many slashes: 1/2/3'],
  ['a * * * *', 'failed to parse int from a: strconv.Atoi: parsing "a": invalid syntax'],
  [
    '99999999999999999999 * * * *',
    'failed to parse int from 99999999999999999999: strconv.Atoi: parsing "99999999999999999999": value out of range',
  ],
  ['@reboot', 'unrecognized descriptor: @reboot'],
  ['@every 1', 'failed to parse duration @every 1: time: missing unit in duration "1"'],
  ['@every 1h 30m', 'failed to parse duration @every 1h 30m: time: unknown unit "h " in duration "1h 30m"'],
  ['@every 99999999999h', 'failed to parse duration @every 99999999999h: time: invalid duration "99999999999h"'],
  ['TZ=UTC', 'invalid schedule format: runtime error: slice bounds out of range [:-1]'],
  ['TZ=Nope * * * * *', 'provided bad location Nope: unknown time zone Nope'],
  ['TZ=../x * * * * *', 'provided bad location ../x: time: invalid location name'],
])('%j cannot be read', (schedule, problem) => {
  expect(scheduleProblem(schedule)).toBe(problem);
});

test('names of time zones are exact', () => {
  for (const name of ['UTC', 'Europe/Zurich', 'US/Pacific', 'EST5EDT', 'America/Argentina/Buenos_Aires']) {
    expect(timeZoneProblem(name)).toBeUndefined();
  }
  for (const name of ['utc', 'europe/zurich', 'PST', 'Europe/', '+01:00', '__proto__']) {
    expect(timeZoneProblem(name)).toBe(`unknown time zone ${name}`);
  }
  expect(timeZoneProblem('America/Argentina')).toBe('is a directory');
});
