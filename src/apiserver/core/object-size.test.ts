import type { KubeObject } from '../../apimachinery/object.js';
import type { ApiRequest } from './api-request.js';
import type { Entry } from '../../storage/store.js';
import { finish } from '../../clock/slices.js';
import { encodeAhead } from './encode-ahead.js';
import { encodeObject } from './object-encoder.js';
import { checkSize as checkSizeWork } from './object-size.js';

const checkSize = (asked: ApiRequest, stored: KubeObject, existing?: Entry<KubeObject>): void =>
  finish(checkSizeWork(asked, stored, existing));

const object = (size: number): KubeObject => ({ kind: 'K', data: 'x'.repeat(size) }) as unknown as KubeObject;
const request = (bytes: number): ApiRequest =>
  ({ body: { bytes: new Uint8Array(bytes), mediaType: 'application/json' } }) as unknown as ApiRequest;
const mebibyte = 1024 * 1024;

it('refuses what etcd refuses, in the words for either limit', () => {
  expect(() => checkSize(request(mebibyte), object(1.4 * mebibyte))).not.toThrow();
  expect(() => checkSize(request(mebibyte), object(1.6 * mebibyte))).toThrow('etcdserver: request is too large');
  expect(() => checkSize(request(mebibyte), object(2 * mebibyte))).toThrow(
    /^rpc error: code = ResourceExhausted desc = trying to send message larger than max \(20971\d\d vs\. 2097152\)$/,
  );
});

it('measures a small change of a large object, and nothing that cannot come to be large', () => {
  const existing = { bytes: () => new Uint8Array(mebibyte) } as never;
  expect(() => checkSize(request(10), object(1.6 * mebibyte), existing)).toThrow('too large');
  expect(() => checkSize(request(10), object(1.6 * mebibyte))).not.toThrow();
  expect(() => checkSize({ body: { value: {} } } as unknown as ApiRequest, object(1.6 * mebibyte))).not.toThrow();
});

describe('the long parts of an object', () => {
  const long = (text: string): Record<string, unknown> =>
    Object.fromEntries(Array.from({ length: 3000 }, (_, index) => [`k${index}`, text]));
  const objectOf = (text: string): KubeObject =>
    ({
      kind: 'K',
      apiVersion: 'v1',
      metadata: {
        name: 'n',
        managedFields: [
          { manager: 'm', fieldsV1: long('x') },
          { manager: 'short', fieldsV1: { 'f:a': {} } },
        ],
      },
      data: long(text),
      nested: {
        list: [[], {}, null, undefined, 'x', ...Array.from({ length: 2000 }, () => ({ a: [1, text] })), long(text)],
        gone: undefined,
      },
      short: { a: text },
      nothing: undefined,
    }) as unknown as KubeObject;

  test.each(['plain', 'Zürich <&> \u2028', '"\\u003c\n'])('are encoded ahead as they are encoded: %j', (text) => {
    const object = objectOf(text);
    // Another object with the same text, of which nothing is encoded ahead.
    const expected = encodeObject(objectOf(text));
    const work = encodeAhead(object);
    let steps = 0;
    let step = work.next();
    for (; step.done !== true; step = work.next()) steps++;
    expect(steps).toBeGreaterThan(100);
    expect(step.value).toBe(Buffer.byteLength(JSON.stringify(object)));
    expect(encodeObject(object).equals(expected)).toBe(true);
  });
});
