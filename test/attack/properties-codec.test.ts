// The readers of JSON, YAML and protobuf on their own: for any bytes they give a value or an error of theirs, and soon.
import fc from 'fast-check';
import { parseJson, SyntaxProblem } from '../../src/apimachinery/codec/json.js';
import { parseYaml, YamlProblem } from '../../src/apimachinery/codec/yaml.js';
import { ProtobufError } from '../../src/apimachinery/protobuf/codec.js';
import { recordedCodec } from '../../src/apimachinery/protobuf/testing/codec.js';
import { decodeObject, DecodeError } from '../../src/apimachinery/schema/decode.js';
import { hostileYaml } from './hostile-bodies.js';

const seed = Number(process.env['ATTACK_SEED'] ?? 36);
const { codec, schemas, facts } = recordedCodec();
const definitions = Object.entries(facts.kinds).filter(([kind]) =>
  /^(v1|apps\/v1|apiextensions.*)\/(Pod|Secret|Deployment|CustomResourceDefinition|Event)$/.test(kind),
);

/** Runs; an error must be of one of these classes. */
function attempt<T>(run: () => T, ...expected: readonly (new (message: string) => Error)[]): T | undefined {
  try {
    return run();
  } catch (error) {
    if (!expected.some((one) => error instanceof one)) throw error;
    return undefined;
  }
}

function expectOwnPrototypes(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  expect([Object.prototype, Array.prototype]).toContain(Object.getPrototypeOf(value));
  for (const one of Object.values(value)) expectOwnPrototypes(one);
}

const punctuation = fc.constantFrom(...'{}[]:,-?&*!|>\'"%@`#\n \t\\ab1.~=<_\u0085\u2028é😀\ufeff\r');

test('texts of YAML characters are read or refused', () => {
  let read = 0;
  fc.assert(
    fc.property(fc.string({ unit: punctuation, maxLength: 40 }), (text) => {
      const parsed = attempt(() => parseYaml(Buffer.from(text), true), YamlProblem);
      if (parsed === undefined) return;
      read++;
      expect(parsed.duplicates.every((line) => line.startsWith('line '))).toBe(true);
    }),
    { seed, numRuns: 2000 },
  );
  expect(read).toBeGreaterThan(500);
});

test('any bytes are YAML or not', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      attempt(() => parseYaml(bytes), YamlProblem);
      attempt(() => parseJson(bytes), SyntaxProblem);
    }),
    { seed, numRuns: 2000 },
  );
});

test('what is JSON is YAML that means the same, with its keys in order', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
      const text = JSON.stringify(value).replace(/[\u007f-\u009f\ufffe\uffff\ufeff]/g, 'x');
      // Too long for a key that is told by its colon only.
      fc.pre(text.length < 1000 && !text.includes('\\ud'));
      expect(parseYaml(Buffer.from(text)).value).toEqual(JSON.parse(text, (_key, one: unknown) => (one === 0 ? 0 : one)));
    }),
    { seed, numRuns: 1000 },
  );
});

test.each(hostileYaml)('YAML: $name takes no long time', ({ body }) => {
  const started = performance.now();
  attempt(() => parseYaml(Buffer.from(body)), YamlProblem);
  expect(performance.now() - started).toBeLessThan(20_000);
});

test('half a mebibyte of YAML takes no time that grows with its square', () => {
  const size = 512 * 1024;
  for (const [start, piece] of [
    ['', '- a\n'],
    ['', 'a: b\n'],
    ['[', 'a,'],
    ['{', 'a: b,'],
    ['', '#\n'],
    ['', '---\n'],
    ['', ': '],
    ['a: &a b\nc: [', '*a,'],
    ['"', 'x\n'],
    ['- ', '- '],
    ['- |\n', ' x\n'],
  ] as const) {
    const started = performance.now();
    attempt(() => parseYaml(Buffer.from(start + piece.repeat(size / piece.length))), YamlProblem);
    expect([piece, performance.now() - started < 20_000]).toEqual([piece, true]);
  }
});

test.each(definitions)('%s: any bytes are a message or not', (_kind, definition) => {
  const node = schemas.schemaFor(definition);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat(30), (bytes, number) => {
      // Most fields have a length: that gets further in than bytes alone.
      const message = Buffer.concat([Buffer.from([(number % 15) * 8 + 10, bytes.length]), bytes]);
      const value = attempt(() => codec.decodeMessage(node, message), ProtobufError, DecodeError);
      if (value === undefined) return;
      const decoded = attempt(() => decodeObject(node, value).object, DecodeError);
      if (decoded !== undefined) expectOwnPrototypes(decoded);
    }),
    { seed, numRuns: 600 },
  );
});

test.each(definitions)('%s: a decoded value is decoded to itself', (_kind, definition) => {
  const node = schemas.schemaFor(definition);
  const fields = [...node.fields.keys(), ...(node.fields.get('spec')?.node.fields.keys() ?? [])];
  const value = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 5, depthSize: 'medium' },
      fc.constantFrom<unknown>(null, '', 'x', 0, 1, true, '1Gi', '2026-01-01T00:00:00Z', 'YQ=='),
      fc.array(tie('value'), { maxLength: 2 }),
      fc.dictionary(fc.constantFrom(...fields, 'name', 'labels', '__proto__'), tie('value'), { maxKeys: 4, noNullPrototype: true }),
    ),
  })).value;
  fc.assert(
    fc.property(value, (input) => {
      const once = attempt(() => decodeObject(node, input).object, DecodeError);
      if (once === undefined) return;
      expectOwnPrototypes(once);
      expect(decodeObject(node, once).object).toEqual(once);
    }),
    { seed, numRuns: 400 },
  );
});
