import * as fc from 'fast-check';
import type { SchemaField, SchemaNode, WhenEmpty } from '../schema/node.js';
import { readJson } from './json-reader.js';

function node(type: SchemaNode['type'], more: Partial<SchemaNode> = {}): SchemaNode {
  return { type, name: '', fields: new Map(), items: undefined, additional: undefined, format: undefined, enum: undefined, ...more };
}

function field(name: string, of: SchemaNode, whenEmpty: WhenEmpty): [string, SchemaField] {
  const rest = {
    required: false,
    default: undefined,
    listType: 'atomic',
    listMapKeys: [],
    mapType: 'granular',
    patchStrategy: '',
  } as const;
  return [name, { name, node: of, whenEmpty, patchMergeKey: '', ...rest }];
}

const text = node('string');
const inner = node('object', { fields: new Map([field('held', text, 'omitted'), field('pointer', text, 'kept')]) });
const whole = node('object', {
  fields: new Map([
    field('held', text, 'omitted'),
    field('pointer', text, 'kept'),
    field('struct', inner, 'zero'),
    field('structPointer', inner, 'kept'),
    field('list', node('array', { items: inner }), 'omitted'),
    field('map', node('map', { additional: inner }), 'omitted'),
    field('port', node('intOrString'), 'zero'),
    field('time', node('time'), 'omitted'),
    field('raw', node('any', { name: 'io.k8s.apimachinery.pkg.runtime.RawExtension' }), 'kept'),
  ]),
});

function read(json: string): unknown {
  return readJson(Buffer.from(json), { literals: false, merge: whole }).value;
}

test.each([
  ['{"held":"a","held":null}', { held: 'a' }],
  ['{"held":null,"held":"a"}', { held: 'a' }],
  ['{"pointer":"a","pointer":null}', { pointer: null }],
  ['{"struct":{"held":"a"},"struct":null}', { struct: { held: 'a' } }],
  ['{"struct":{"held":"a","pointer":"b"},"struct":{"held":null,"pointer":null}}', { struct: { held: 'a', pointer: null } }],
  ['{"structPointer":{"held":"a"},"structPointer":null}', { structPointer: null }],
  ['{"structPointer":{"held":"a"},"structPointer":{"pointer":"b"}}', { structPointer: { held: 'a', pointer: 'b' } }],
  ['{"list":[{"held":"a"},{"held":"b"}],"list":[null]}', { list: [{ held: 'a' }] }],
  ['{"list":[{"held":"a"}],"list":[{"pointer":"b"},{"held":"c"}]}', { list: [{ held: 'a', pointer: 'b' }, { held: 'c' }] }],
  ['{"list":[{"held":"a"}],"list":null}', { list: null }],
  ['{"map":{"x":{"held":"a"},"y":{}},"map":{"x":{"pointer":"b"}}}', { map: { x: { pointer: 'b' }, y: {} } }],
  ['{"map":{"x":{}},"map":null}', { map: null }],
  ['{"port":80,"port":null}', { port: 80 }],
  ['{"port":"http","port":null}', { port: 0 }],
  ['{"time":"2020-01-01T00:00:00Z","time":null}', { time: null }],
  ['{"raw":{"a":1},"raw":null}', { raw: { a: 1 } }],
  ['{"raw":{"a":1},"raw":{"b":2}}', { raw: { b: 2 } }],
  ['{"unknown":1,"unknown":null}', { unknown: null }],
])('%s', (json, value) => {
  expect(read(json)).toEqual(value);
});

test('names like __proto__ stay names', () => {
  const value = read('{"map":{"__proto__":{"held":"a"}},"map":{"__proto__":{"pointer":"b"},"constructor":null}}') as { map: object };
  expect(Object.getPrototypeOf(value.map)).toBe(Object.prototype);
  expect(Object.keys(value.map)).toEqual(['__proto__', 'constructor']);
});

test('without a key that comes twice the value is what JSON.parse makes of it, whatever the types say', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const json = JSON.stringify({ list: value, map: value, struct: value });
      expect(read(json)).toEqual(JSON.parse(json));
    }),
  );
});

test('very many keys that come very many times are merged in time', () => {
  const count = 20_000;
  const keys = Array.from({ length: count }, (_, index) => `"k${index}":"x"`).join(',');
  const again = Array.from({ length: count }, (_, index) => `"map":{"a":"1","k${index}":"y","a":"2"}`).join(',');
  const { map } = read(`{"map":{${keys}},${again}}`) as { map: Record<string, string> };
  expect(Object.keys(map)).toHaveLength(count + 1);
  expect([map['a'], map['k0'], map['k19999']]).toEqual(['2', 'y', 'y']);
});
