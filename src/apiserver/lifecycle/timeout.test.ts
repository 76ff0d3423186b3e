import { ApiError } from '../../apimachinery/errors/api-error.js';
import { resolveRequest } from '../request/request-info.js';
import { isLongRunning, longestRequest, parseDuration, timeoutOf } from './timeout.js';

const of = (text: string): number => timeoutOf(new URLSearchParams({ timeout: text }));

test.each([
  ['1ns', 1n],
  ['1us', 1_000n],
  ['1µs', 1_000n],
  ['1μs', 1_000n],
  ['1h2m3.5s', 3_723_500_000_000n],
  ['.5s', 500_000_000n],
  ['1.s', 1_000_000_000n],
  ['-1m', -60_000_000_000n],
  ['+0', 0n],
  ['9223372036.854775807s', 2n ** 63n - 1n],
  ['-9223372036.854775808s', -(2n ** 63n)],
])('reads %s', (text, nanoseconds) => expect(parseDuration(text)).toBe(nanoseconds));

test.each([
  ['', 'time: invalid duration ""'],
  ['-', 'time: invalid duration "-"'],
  ['.s', 'time: invalid duration ".s"'],
  ['5', 'time: missing unit in duration "5"'],
  ['1d', 'time: unknown unit "d" in duration "1d"'],
  ['1h-1s', 'time: unknown unit "h-" in duration "1h-1s"'],
  ['"\\ü\t', 'time: invalid duration "\\"\\\\\\xc3\\xbc\\x09"'],
  ['9223372036.854775808s', 'time: invalid duration "9223372036.854775808s"'],
])('refuses %j', (text, problem) => expect(parseDuration(text)).toBe(problem));

it('refuses a duration without an end at once', () => {
  expect(parseDuration('9'.repeat(1_000_000))).toContain('invalid duration');
});

it('gives a request what it asks for, and a minute at most', () => {
  expect(of('1500ms')).toBe(1500);
  expect(of('2h')).toBe(longestRequest);
  expect(of('0')).toBe(longestRequest);
  expect(of('-5s')).toBe(longestRequest);
  expect(of('')).toBe(longestRequest);
  expect(timeoutOf(new URLSearchParams())).toBe(longestRequest);
  expect(() => of('soon')).toThrow(ApiError);
});

test.each([
  ['GET', '/api/v1/pods', true, true],
  ['GET', '/api/v1/pods', false, false],
  ['GET', '/api/v1/namespaces/n/pods/p/log', false, true],
  ['POST', '/api/v1/namespaces/n/pods/p/exec', false, true],
  ['PUT', '/api/v1/namespaces/n/pods/p/status', false, false],
  ['GET', '/debug/pprof/heap', false, true],
  ['GET', '/livez', false, false],
])('%s %s (watch: %p) goes on: %p', (method, path, watch, expected) => {
  expect(isLongRunning(resolveRequest(method, path, watch))).toBe(expected);
});
