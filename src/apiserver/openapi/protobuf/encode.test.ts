import { decodeMessage } from '../testing/decode.js';
import { Entries, jsonBytes } from '../entries.js';
import { encodeMessage, type Messages } from './encode.js';

const messages: Messages = {
  Root: {
    fields: {
      name: [1, 'string'],
      count: [2, 'integer'],
      half: [3, 'double'],
      on: [4, 'bool'],
      tree: [5, 'Tree'],
      many: [20, 'string', 'repeated'],
    },
    extensions: 30,
  },
  Tree: { map: [1, 'Root'] },
};

describe('protobuf', () => {
  test('bytes as the encoding guide has them', () => {
    expect([...encodeMessage(messages, 'Root', { count: 150 })]).toEqual([0x10, 0x96, 0x01]);
    expect([...encodeMessage(messages, 'Root', { name: 'testing' })]).toEqual([0x0a, 7, ...Buffer.from('testing')]);
    expect([...encodeMessage(messages, 'Root', { tree: { a: { count: 150 } } })]).toEqual([
      0x2a, 10, 0x0a, 8, 0x0a, 1, 0x61, 0x12, 3, 0x10, 0x96, 0x01,
    ]);
    expect([...encodeMessage(messages, 'Root', { many: ['b'] })]).toEqual([0xa2, 0x01, 1, 0x62]);
  });

  test('lengths of any size round-trip', () => {
    for (const size of [0, 1, 100, 127, 128, 129, 5000, 16383, 16384, 200_000, 2_100_000]) {
      const document = { tree: { ä: { name: 'é'.repeat(size), half: 0.5, on: true }, b: { many: ['x', 'y'] } } };
      expect(decodeMessage(messages, 'Root', encodeMessage(messages, 'Root', document))).toEqual(document);
    }
  });

  test('what the table does not know is left out, extensions are YAML', () => {
    const document = { name: 1, toString: 'x', other: 2, count: -1, 'x-a': { 'b\u2028"': [1, null] } };
    expect(decodeMessage(messages, 'Root', encodeMessage(messages, 'Root', document))).toEqual({ 'x-a': { 'b\u2028"': [1, null] } });
  });

  test('entries are made one by one, for JSON too', () => {
    const document = {
      tree: new Entries(function* () {
        yield ['a', { name: 'x' }];
        yield ['b', {}];
      }),
      name: 'y',
    };
    const plain = { tree: { a: { name: 'x' }, b: {} }, name: 'y' };
    expect(new TextDecoder().decode(jsonBytes(document))).toBe(JSON.stringify(plain));
    expect(decodeMessage(messages, 'Root', encodeMessage(messages, 'Root', document))).toEqual(plain);
    expect(new TextDecoder().decode(jsonBytes({ tree: new Entries(() => []), none: undefined }))).toBe('{"tree":{}}');
  });
});
