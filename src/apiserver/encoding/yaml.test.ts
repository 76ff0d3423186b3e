// What is written is read back as it was, by our own reader and by a library.
import fc from 'fast-check';
import { parse } from 'yaml';
import { parseYaml } from '../../apimachinery/codec/yaml.js';
import { yamlBytes } from './yaml.js';

const text = (value: unknown): string => Buffer.from(yamlBytes(value)).toString();

it('writes objects as the real server does', () => {
  const value = { kind: 'List', items: [{ b: [], a: {}, c: [1, [true, null]], d: { e: 'x' } }], data: { t: 'true', n: '1', m: 'a\nb\n' } };
  expect(text(value)).toBe(
    [
      'data:',
      '  m: |',
      '    a',
      '    b',
      '  "n": "1"',
      '  t: "true"',
      'items:',
      '- a: {}',
      '  b: []',
      '  c:',
      '  - 1',
      '  - - true',
      '    - null',
      '  d:',
      '    e: x',
      'kind: List',
      '',
    ].join('\n'),
  );
});

it.each([
  [null, 'null\n'],
  [[], '[]\n'],
  [{}, '{}\n'],
  ['', '""\n'],
  ['a: b', "'a: b'\n"],
  ["it's #1", "'it''s #1'\n"],
  ['2020-01-01T00:00:00Z', '"2020-01-01T00:00:00Z"\n'],
  ['nginx:1.25', 'nginx:1.25\n'],
  ['http://x/y', 'http://x/y\n'],
  ['tab\there', '"tab\\there"\n'],
  ['\u007f\u2028😀', '"\\u007f\\u2028😀"\n'],
])('writes %j', (value, written) => {
  expect(text(value)).toBe(written);
});

const strings = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.string({
    unit: fc.constantFrom('\n', ' ', 'a', '\t', ':', '#', '-', '"', "'", '\\', '\u2028', '\u0085', '?', '|', '\r', '\ufeff'),
    maxLength: 12,
  }),
  fc.constantFrom(
    'y',
    'NO',
    'null',
    '~',
    '0x1',
    '1e3',
    '.5',
    '.inf',
    '<<',
    '=',
    '---',
    '...',
    '1:30',
    '0o7',
    '__proto__',
    'x'.repeat(1500),
  ),
);
const values = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    strings,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(strings, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;

it('is read back as it was', () => {
  fc.assert(
    fc.property(values, (value) => {
      const written = text(value);
      expect(parseYaml(Buffer.from(written)).value).toEqual(value);
    }),
    { seed: 36, numRuns: 500 },
  );
});

it('is read by a library as it was', () => {
  fc.assert(
    fc.property(values, (value) => {
      const written = text(value);
      // The library does not know NEL for a line's end, and makes a prototype of one key.
      fc.pre(!/__proto__|<</.test(written));
      expect(parse(written, { version: '1.1', merge: false })).toEqual(value);
    }),
    { seed: 36, numRuns: 300 },
  );
});
