import type { KubeObject } from '../../apimachinery/object.js';
import type { ApiRequest } from './api-request.js';
import { checkSize } from './object-size.js';

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
