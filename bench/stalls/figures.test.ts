// The table of the attacks.
import { distinctCodes, figuresOf, messageOf, summaryOf, tableOf, type Row } from './figures.js';
import type { Sample } from './reading.js';

const sample = (delay: number, clock: number, beside: number): Sample => ({ delay, clock, beside, processor: delay, total: 100 });
const row = (title: string, codes: readonly number[], ...samples: Sample[]): Row => ({ group: 'tokens', title, codes, said: '', samples });

test('the least of the rounds counts, of each figure by itself', () => {
  expect(figuresOf([sample(60, 20, 70), sample(12, 25, 90)])).toEqual({ delay: 12, clock: 20, beside: 70, reached: true });
});

test('a delay of exactly the target is missed', () => {
  expect(figuresOf([sample(50, 1, 1)]).reached).toBe(false);
  expect(figuresOf([sample(49.99, 1, 1)]).reached).toBe(true);
});

test('each code is told once', () => {
  expect(distinctCodes([{ status: 401 }, { status: 0 }, { status: 401 }])).toEqual([0, 401]);
});

test('the table names a group once, and says what was reached', () => {
  const rows = [row('forged | signed', [401], sample(3.14, 2, 4)), row('none', [0, 401], sample(70, 69, 80))];
  expect(tableOf(rows).split('\n')).toEqual([
    '|  | attack | answered | worst delay | … by the clock | a GET beside it | target |  |',
    '| --- | --- | ---: | ---: | ---: | ---: | ---: | --- |',
    '| tokens | forged \\| signed | 401 | 3.1 ms | 2.0 ms | 4.0 ms | < 50 ms | reached |',
    '|  | none | closed, 401 | 70.0 ms | 69.0 ms | 80.0 ms | < 50 ms | missed |',
  ]);
  expect(summaryOf(rows)).toBe('2 attacks, the worst delay 70.0 ms, 1 of 50 ms or more');
});

test('of no attacks there is a summary all the same', () => {
  expect(summaryOf([])).toBe('0 attacks, the worst delay 0.0 ms, 0 of 50 ms or more');
});

test('of a Status its message is told, of other answers how they begin', () => {
  expect(messageOf('{"kind":"Status","message":"no such thing","code":404}')).toBe('no such thing","code":404}');
  expect(messageOf('x'.repeat(500))).toBe('x'.repeat(160));
});
