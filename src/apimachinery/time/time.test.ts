import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { canonicalMicroTime, canonicalTime, parseTime, TimeError } from './time.js';

type Recorded = ['time' | 'microTime', string, string | null, string?];
const recorded = JSON.parse(readFileSync('src/apimachinery/time/testdata/reference.json', 'utf8')) as Recorded[];

test.each(recorded.map(([type, text, canonical, problem = '']) => [type, text, canonical, problem] as const))(
  '%s %j is %j for the reference',
  (type, text, canonical, problem) => {
    const canonicalise = type === 'time' ? canonicalTime : canonicalMicroTime;
    if (canonical === null) expect(() => canonicalise(text)).toThrow(new TimeError(problem));
    else expect(canonicalise(text)).toBe(canonical);
  },
);

test('a time is parsed to milliseconds', () => {
  expect(parseTime('1970-01-01T00:00:01Z')).toBe(1000);
  expect(parseTime('1970-01-01T00:00:01.2Z')).toBe(1200);
  expect(parseTime('1970-01-01T01:00:00.123456+01:00')).toBe(123);
});

test('what a Date writes is read back exactly', () => {
  const dates = fc.date({ min: new Date('0001-01-02T00:00:00Z'), max: new Date('9999-12-30T00:00:00Z'), noInvalidDate: true });
  fc.assert(
    fc.property(dates, (date) => {
      const text = date.toISOString();
      expect(parseTime(text)).toBe(date.getTime());
      expect(canonicalTime(text)).toBe(`${text.slice(0, 19)}Z`);
      expect(canonicalMicroTime(`${text.slice(0, 23)}456Z`)).toBe(`${text.slice(0, 23)}456Z`);
    }),
  );
});
