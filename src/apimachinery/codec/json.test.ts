import fc from 'fast-check';
import { NumberLiteral } from '../schema/problems.js';
import { jsonLine, jsonText, parseJson, SyntaxProblem } from './json.js';
import { readJson } from './json-reader.js';
import { countKeys, scanJson } from './scan.js';

const bytes = (text: string): Uint8Array => Buffer.from(text);

test('both readers give what JSON.parse gives, and the scan counts its keys', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 6 }), (text) => {
      const value = JSON.parse(text) as unknown;
      expect(parseJson(bytes(text))).toEqual(value);
      expect(readJson(bytes(text), { literals: false }).value).toEqual(value);
      expect(JSON.parse(jsonLine(value).toString())).toEqual(value);
    }),
  );
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
      const text = JSON.stringify(value);
      expect(scanJson(Buffer.from(text)).keys).toBe(countKeys(JSON.parse(text)));
    }),
  );
});

test('a broken text is refused by both in the same way', () => {
  fc.assert(
    fc.property(fc.json(), fc.nat(), fc.constantFrom('"', '{', ']', ',', 'x', '\u0001', ''), (text, where, put) => {
      const at = where % (text.length + 1);
      const broken = text.slice(0, at) + put + text.slice(at + 1);
      let valid = true;
      try {
        JSON.parse(broken);
      } catch {
        valid = false;
      }
      if (valid) expect(() => readJson(bytes(broken), { literals: false })).not.toThrow();
      else expect(() => parseJson(bytes(broken))).toThrow(SyntaxProblem);
    }),
  );
});

test('__proto__ is a key like others', () => {
  for (const value of [parseJson(bytes('{"__proto__":{"a":1}}')), readJson(bytes('{"__proto__":{"a":1}}'), { literals: true }).value]) {
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.keys(value as object)).toEqual(['__proto__']);
  }
});

test('nesting over a thousand levels is refused, however it is written', () => {
  const lists = (levels: number): Uint8Array => bytes('['.repeat(levels) + ']'.repeat(levels));
  expect(() => parseJson(lists(1000))).not.toThrow();
  expect(() => parseJson(lists(1001))).toThrow(new SyntaxProblem("invalid character '[' exceeded max depth"));
  expect(() => parseJson(lists(1_000_000))).toThrow('exceeded max depth');
  expect(() => parseJson(bytes('{"a":'.repeat(100_000)))).toThrow(new SyntaxProblem("invalid character '{' exceeded max depth"));
});

test('what is no UTF-8 becomes U+FFFD', () => {
  expect(parseJson(Buffer.from([0x22, 0xff, 0xfe, 0x22]))).toBe('\ufffd\ufffd');
  expect(parseJson(bytes('["\\ud800","\\ud83d\\ude00"]'))).toEqual(['\ufffd', '😀']);
});

test('numbers that a double changes are kept as written when asked for', () => {
  const text = bytes('[1,1.0,1e3,12345678901234567890,-0,1.5]');
  expect(readJson(text, { literals: true }).value).toEqual([
    1,
    new NumberLiteral('1.0'),
    new NumberLiteral('1e3'),
    new NumberLiteral('12345678901234567890'),
    -0,
    1.5,
  ]);
  expect(scanJson(Buffer.from('{"a":1.5}')).fractions).toBe(true);
  expect(scanJson(Buffer.from('{"a":1e3}')).fractions).toBe(true);
  expect(scanJson(Buffer.from('{"a":"1.5e3","b":true,"c":false}')).fractions).toBe(false);
});

test('keys that occur twice are found where they are', () => {
  const twice = (text: string): readonly (readonly string[])[] =>
    [...readJson(bytes(text), { literals: false }).duplicates.values()].map((list) => list.map(({ key }) => key));
  expect(twice('{"a":{"b":1,"b":2},"c":[{"d":1,"d":1,"d":1}],"a\\"":1,"a\\"":2}')).toEqual([['b'], ['d'], ['a"']]);
  expect(twice('{"a":{"a":"\\"a\\":1"}}')).toEqual([]);
});

test('what could end a script or begin markup is escaped, in keys and strings alone, and a line ends', () => {
  const value = { '<a>&': '\u2028\u2029</script>', b: ['é😀\u007f"\\\n'] };
  expect(jsonLine(value).toString()).toBe('{"\\u003ca\\u003e\\u0026":"\\u2028\\u2029\\u003c/script\\u003e","b":["é😀\u007f\\"\\\\\\n"]}\n');
  expect(JSON.parse(jsonText(value, true))).toEqual(value);
});
