import { NumberLiteral } from '../schema/problems.js';
import { parseYaml, YamlProblem } from './yaml.js';

const value = (text: string): unknown => parseYaml(Buffer.from(text)).value;

test('the scalars of YAML 1.1, as kubectl reads them', () => {
  expect(value('a: yes\nb: off\nc: 0123\nd: 0x50\ne: 1_000\nf: 80.0\ng: 1e3\nh: ~\ni: "yes"')).toEqual({
    a: true,
    b: false,
    c: 83,
    d: 80,
    e: 1000,
    f: 80,
    g: 1000,
    h: null,
    i: 'yes',
  });
});

test('dates and times of day stay text', () => {
  expect(value('a: 2020-01-01\nb: 2020-01-01T00:00:00Z\nc: 1:30')).toEqual({ a: '2020-01-01', b: '2020-01-01T00:00:00Z', c: '1:30' });
});

test('anchors, merges and binary data', () => {
  expect(value('a: &a {x: 1}\nb: {<<: *a, z: 2}\nc: !!binary YQ==')).toEqual({ a: { x: 1 }, b: { x: 1, z: 2 }, c: 'a' });
});

test('only the first document counts; none is null', () => {
  expect(value('a: 1\n---\nb: 2\n')).toEqual({ a: 1 });
  expect(value('')).toBeNull();
  expect(value('# nothing\n')).toBeNull();
});

test('large integers are rounded, or kept as written', () => {
  expect(value('a: 12345678901234567890')).toEqual({ a: 12345678901234567000 });
  expect(parseYaml(Buffer.from('a: 12345678901234567890\nb: 5'), true).value).toEqual({
    a: new NumberLiteral('12345678901234567890'),
    b: 5,
  });
});

test('a key that occurs twice is told with its line; the last one counts', () => {
  expect(parseYaml(Buffer.from('x: 1\na: b\na: c\n'))).toEqual({
    value: { x: 1, a: 'c' },
    duplicates: ['line 3: key "a" already set in map'],
  });
});

test('__proto__ is a key like others', () => {
  const parsed = value('__proto__: {polluted: 1}');
  expect(Object.keys(parsed as object)).toEqual(['__proto__']);
  expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype);
});

test('bombs of aliases and of nesting are refused', () => {
  const bomb = ['a: &a [x,x,x,x,x,x,x,x,x,x]'];
  for (let level = 1; level < 9; level++) {
    const [before, now] = [level - 1, level].map((one) => String.fromCharCode(97 + one));
    bomb.push(`${now}: &${now} [${Array.from({ length: 10 }, () => `*${before}`).join(',')}]`);
  }
  expect(() => value(bomb.join('\n'))).toThrow(new YamlProblem('yaml: document contains excessive aliasing'));
  expect(() => value('['.repeat(100_000))).toThrow(YamlProblem);
  expect(() => value('- '.repeat(100_000))).toThrow(YamlProblem);
  expect(() => value('a: &a [*a]')).toThrow(new YamlProblem("yaml: anchor 'a' value contains itself"));
});
