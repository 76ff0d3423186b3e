import { processorTime } from '../../../test/support/processor-time.js';
import { formatCheck } from './formats.js';

/** By format: what a real kube-apiserver v1.36.3 took, and what it refused. */
const seen: readonly (readonly [format: string, good: readonly string[], bad: readonly string[]])[] = [
  ['bsonobjectid', ['507f1f77bcf86cd799439011'], ['x', '']],
  ['byte', ['YQ=='], ['a', '', '@@']],
  ['cidr', ['10.0.0.0/8', '10.0.0.1/8', '::/0', '010.0.0.0/8'], ['1.2.3.4', '10.0.0.0/33']],
  ['creditcard', ['4111111111111111'], ['1', '']],
  ['date', ['2020-01-01'], ['2020-1-1', 'x', '2020-13-01']],
  ['date-time', ['2020-01-01T00:00:00Z', '2020-01-01T00:00:00.123+02:00', '2020-01-01t00:00:00z'], ['2020-01-01', '']],
  ['datetime', ['2020-01-01T00:00:00Z'], ['x']],
  ['duration', ['1h', '1.5h', '22 ns', '3 days', '1w', '-1s', '1h30m', 'P1D'], ['5', 'x', '']],
  ['email', ['a@b.c', 'A <a@b>', 'a@b'], ['a', '']],
  ['hexcolor', ['#fff', 'fff'], ['#ffff', '#GGG']],
  [
    'hostname',
    [
      'é',
      'a',
      'a-b',
      'example.com',
      'a.bc',
      '1.bc',
      '1',
      'a1',
      'A.COM',
      'xn--a.com',
      'é.com',
      'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
      'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.com',
      'ab',
    ],
    [
      'a.b',
      'a_b',
      '-a',
      'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
      '',
      '1.2.3.4',
      'a..b',
      'a.',
      'a_b.com',
      'a-.com',
      '-a.com',
      '1.2.3.44',
      'a.b1',
      'ab.c1d',
      'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.com',
      'a b',
    ],
  ],
  ['ipv4', ['1.2.3.4', '01.2.3.4'], ['::1', '1.2.3']],
  ['ipv6', ['::1', '::ffff:1.2.3.4'], ['1.2.3.4', 'x']],
  ['isbn', ['0321751043', '978-0321751041'], ['x']],
  ['isbn10', ['0321751043'], ['978-0321751041']],
  ['isbn13', ['978-0321751041'], ['0321751043']],
  ['k8s-long-name', ['a.b'], ['A']],
  ['k8s-short-name', ['a'], ['a.b', 'A']],
  ['mac', ['00:00:5e:00:53:01', '00-00-5e-00-53-01', '0000.5e00.5301'], ['x']],
  ['password', ['x', ''], []],
  ['rgbcolor', ['rgb(1,2,3)', 'rgb(1, 2, 3)'], ['rgb(300,1,1)', 'x']],
  ['ssn', ['123-45-6789'], ['123456789', 'x']],
  ['uri', ['http://a/b', '/a', 'mailto:x', 'http://'], ['a', '', 'a b']],
  ['uuid', ['123e4567-e89b-12d3-a456-426614174000', '123e4567e89b12d3a456426614174000', '123E4567-E89B-12D3-A456-426614174000'], ['x']],
  ['uuid3', ['123e4567-e89b-32d3-a456-426614174000'], ['123e4567-e89b-12d3-a456-426614174000']],
  ['uuid4', ['123e4567-e89b-42d3-a456-426614174000'], ['123e4567-e89b-42d3-c456-426614174000']],
  ['uuid5', ['123e4567-e89b-52d3-a456-426614174000'], ['x']],
];

test.each(seen)('%s', (format, good, bad) => {
  const check = formatCheck(format) ?? ((): boolean => true);
  expect(good.filter((text) => !check(text))).toEqual([]);
  expect(bad.filter((text) => check(text))).toEqual([]);
});

test('a format that nobody knows is not checked', () => expect(formatCheck('nonsense')).toBeUndefined());

test('hostile texts are checked in time', () => {
  const long = 'a'.repeat(500_000);
  const { milliseconds } = processorTime(() => {
    for (const [format] of seen)
      for (const text of [long, `${long}!`, '1'.repeat(100_000), `${'a-'.repeat(100_000)}.`]) formatCheck(format)?.(text);
  });
  expect(milliseconds).toBeLessThan(60_000);
});
