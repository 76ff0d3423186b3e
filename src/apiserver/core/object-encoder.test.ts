import { jsonLine } from '../../apimachinery/codec/json.js';
import type { KubeObject } from '../../apimachinery/object.js';
import { encodeObject } from './object-encoder.js';

const long = 'x'.repeat(300);
const sharedSet = { 'f:spec': { [`f:${long}ü`]: {} } };
const object = (labels: object, rest: object): KubeObject =>
  ({ kind: 'Pod', apiVersion: 'v1', metadata: { name: 'p', labels }, ...rest }) as unknown as KubeObject;

it.each([
  ['short parts', { spec: { a: 1 }, status: {} }],
  ['long parts', { spec: { a: long }, status: { b: [long] } }],
  ['more than ASCII, and what HTML escapes', { spec: { a: `${long}ü€😀<&>\u2028` }, status: { b: `\ud800${long}` } }],
  ['scalars, null and absent fields', { immutable: true, data: null, gone: undefined, items: [long, long], 'odd "name"': { a: long } }],
  ['a name like a prototype', JSON.parse(`{"__proto__":{"a":"${long}"}}`) as object],
])('writes the same bytes as without a memory: %s', (_what, rest) => {
  for (const labels of [{}, { a: 'ü' }, { a: '<b>', c: long }]) {
    const one = object(labels, rest);
    expect(encodeObject(one).toString()).toBe(jsonLine(one).toString());
    // The parts are known now.
    expect(encodeObject({ ...one }).toString()).toBe(jsonLine(one).toString());
  }
});

it('does not take a part that has changed for the one before', () => {
  const spec = { a: long };
  encodeObject(object({}, { spec }));
  const changed = object({}, { spec: { ...spec, b: 1 } });
  expect(encodeObject(changed).toString()).toBe(jsonLine(changed).toString());
});

it.each([
  [
    'entries with long and short sets',
    [
      { manager: 'a', fieldsV1: { [`f:${long}`]: {} } },
      { manager: 'b<', fieldsV1: { 'f:a': {} } },
    ],
  ],
  ['one set twice', [1, 2].map((time) => ({ time, fieldsV1: sharedSet }))],
  ['entries without fields', [{}, { fieldsV1: null, time: undefined }, { time: '1' }]],
  ['no entries', []],
])('writes managedFields: %s', (_what, managedFields) => {
  const one = object({}, { spec: { a: long } });
  for (const metadata of [
    { ...one.metadata, managedFields },
    { managedFields, name: 'p', gone: undefined },
  ]) {
    const managed = { ...one, metadata } as unknown as KubeObject;
    expect(encodeObject(managed).toString()).toBe(jsonLine(managed).toString());
    expect(encodeObject({ ...managed, spec: {} } as KubeObject).toString()).toBe(jsonLine({ ...managed, spec: {} }).toString());
  }
});
