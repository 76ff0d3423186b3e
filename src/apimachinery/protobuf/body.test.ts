// Bodies as clients send them, good and bad; the errors are the real server's (v1.36.3).
import { ApiError } from '../errors/api-error.js';
import type { Mutable } from '../object.js';
import { decodeProtobufBody, decodeProtobufOptions } from './body.js';
import { envelope, header } from './envelope.js';
import { recordedCodec } from './testing/codec.js';

const { codec, schemas } = recordedCodec();
const node = schemas.schemaFor('io.k8s.api.core.v1.ConfigMap');
const expected = { group: '', version: 'v1', kind: 'ConfigMap' };

function field(number: number, content: Uint8Array | string): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([header(number * 8 + 2, bytes.length), bytes]);
}

const metadata = field(1, field(1, 'a'));

function decode(bytes: Uint8Array): Mutable {
  return decodeProtobufBody(codec, bytes, expected, node);
}

function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof ApiError && error.code === 400) return error.message;
    throw error;
  }
  throw new Error('no error');
}

const named = { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'a' } };

describe('a body', () => {
  it.each([
    ['a whole envelope', envelope('v1', 'ConfigMap', metadata)],
    ['no kind', envelope('v1', '', metadata)],
    ['no version', envelope('', 'ConfigMap', metadata)],
    ['no type at all', Buffer.concat([Buffer.from('k8s\0'), field(2, metadata)])],
    ['a malformed version', envelope('a/b/c', 'ConfigMap', metadata)],
    ['an unknown field', envelope('v1', 'ConfigMap', Buffer.concat([metadata, field(15, 'abc')]))],
    ['an unknown group of fields', envelope('v1', 'ConfigMap', Buffer.concat([metadata, Buffer.from([0x9b, 6, 8, 1, 0x9c, 6])]))],
    [
      'zeros of fields that are no pointers',
      envelope('v1', 'ConfigMap', field(1, Buffer.concat([field(1, 'a'), field(2, ''), field(8, ''), Buffer.from([0x38, 0])]))),
    ],
  ])('with %s is read', (_name, bytes) => {
    expect(decode(bytes)).toEqual(named);
  });

  it('has kind and apiVersion first', () => {
    expect(
      Object.keys(decode(envelope('', '', Buffer.concat([field(2, Buffer.concat([field(1, 'k'), field(2, 'v')])), metadata])))),
    ).toEqual(['kind', 'apiVersion', 'metadata', 'data']);
  });

  it('shows bytes that are no UTF-8 as the real server does', () => {
    const data = field(2, Buffer.concat([field(1, 'k'), field(2, Buffer.from([0x61, 0xff, 0xfe, 0x62]))]));
    expect(decode(envelope('v1', 'ConfigMap', data))['data']).toEqual({ k: 'a\ufffd\ufffdb' });
  });

  it('makes a key __proto__ a plain key', () => {
    const { data } = decode(envelope('v1', 'ConfigMap', field(2, Buffer.concat([field(1, '__proto__'), field(2, 'v')]))));
    expect(Object.entries(data as object)).toEqual([['__proto__', 'v']]);
    expect(Object.getPrototypeOf(data)).toBe(Object.prototype);
  });
});

const unrecognized = 'the object provided is unrecognized (must be of type ConfigMap): ';
const handled = 'ConfigMap in version "v1" cannot be handled as a ConfigMap: ';

describe('a bad body', () => {
  it.each([
    ['nothing', Buffer.alloc(0), `${unrecognized}empty data (<empty>)`],
    [
      'two bytes',
      Buffer.from('k8'),
      `${unrecognized}provided data does not appear to be a protobuf message, expected prefix [107 56 115 0] (6b38)`,
    ],
    ['the four bytes alone', Buffer.from('k8s\0'), `${unrecognized}empty body (6b387300)`],
    [
      'JSON',
      Buffer.from('{"kind":"ConfigMap"}'),
      `${unrecognized}provided data does not appear to be a protobuf message, expected prefix [107 56 115 0] ({"kind":"ConfigMap"})`,
    ],
    ['a broken envelope', Buffer.from('k8s\0\xff\xff', 'latin1'), `${unrecognized}unexpected EOF (6b387300ffff)`],
    [
      'something after the envelope',
      Buffer.concat([envelope('v1', 'ConfigMap', metadata), Buffer.from([0xff])]),
      `${unrecognized}unexpected EOF (6b3873000a0f0a0276311209436f6e6669674d617012050a030a01611a00 ...)`,
    ],
    ['a message cut short', envelope('v1', 'ConfigMap', metadata.subarray(0, -1)), `${handled}unexpected EOF`],
    ['a wrong wire type', envelope('v1', 'ConfigMap', Buffer.from([8, 1])), `${handled}proto: wrong wireType = 0 for field ObjectMeta`],
    [
      'a wrong wire type inside',
      envelope('v1', 'ConfigMap', field(1, Buffer.from([8, 1]))),
      `${handled}proto: wrong wireType = 0 for field Name`,
    ],
    ['field 0', envelope('v1', 'ConfigMap', Buffer.from([0, 1])), `${handled}proto: ConfigMap: illegal tag 0 (wire type 0)`],
    [
      'the end of no group',
      envelope('v1', 'ConfigMap', Buffer.from([0x0c])),
      `${handled}proto: ConfigMap: wiretype end group for non-group`,
    ],
    ['a number without end', envelope('v1', 'ConfigMap', Buffer.alloc(11, 0xff)), `${handled}proto: integer overflow`],
    [
      'a negative length',
      envelope('v1', 'ConfigMap', Buffer.concat([Buffer.from([0x0a]), Buffer.alloc(9, 0xff), Buffer.from([1])])),
      `${handled}proto: negative length found during unmarshaling`,
    ],
    ['wire type 6', envelope('v1', 'ConfigMap', Buffer.from([0x9e, 6])), `${handled}proto: illegal wireType 6`],
    [
      'another kind',
      envelope('v1', 'Secret', metadata),
      'Secret in version "v1" cannot be handled as a ConfigMap: converting (v1.Secret) to (core.ConfigMap): unknown conversion',
    ],
    [
      'an unknown kind',
      envelope('v1', 'Foo', metadata),
      'Foo in version "v1" cannot be handled as a ConfigMap: no kind "Foo" is registered for version "v1" in scheme "pkg/runtime/scheme.go:111"',
    ],
    [
      'an unknown version',
      envelope('v2', 'ConfigMap', metadata),
      'ConfigMap in version "v2" cannot be handled as a ConfigMap: no kind "ConfigMap" is registered for version "v2" in scheme "pkg/runtime/scheme.go:111"',
    ],
  ])('(%s) is refused', (_name, bytes, message) => {
    expect(messageOf(() => decode(bytes))).toBe(message);
  });

  it('that nests without end is refused', () => {
    let schema: Buffer = Buffer.alloc(0);
    // `not` is field 28.
    for (let depth = 0; depth < 3000; depth++) schema = not(schema);
    const crd = schemas.schemaFor('io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps');
    expect(() => codec.decodeMessage(crd, schema)).toThrow('exceeded max depth');
  });

  it('cut anywhere is refused or read, never a crash', () => {
    const whole = envelope(
      'v1',
      'ConfigMap',
      Buffer.concat([metadata, field(2, Buffer.concat([field(1, 'k'), field(2, 'v')])), field(3, field(2, 'x'))]),
    );
    for (let end = 0; end < whole.length; end++) {
      try {
        decode(whole.subarray(0, end));
      } catch (error) {
        expect(error).toBeInstanceOf(ApiError);
      }
    }
  });
});

/** A field 28, whose tag takes two bytes. */
function not(content: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([0xe2]), header(1, content.length), content]);
}

describe('DeleteOptions', () => {
  const options = Buffer.concat([Buffer.from([8, 0]), field(2, field(1, 'u')), field(4, 'Orphan'), field(5, 'All')]);

  it.each(['v1', 'apps/v1', 'meta.k8s.io/v1', ''])('of %j are read', (apiVersion) => {
    const value = decodeProtobufOptions(codec, envelope(apiVersion, apiVersion === '' ? '' : 'DeleteOptions', options));
    expect(value).toEqual({ gracePeriodSeconds: 0, preconditions: { uid: 'u' }, propagationPolicy: 'Orphan', dryRun: ['All'] });
  });

  it.each([
    ['another kind', envelope('v1', 'Pod', options), 'no kind "Pod" is registered for version "v1" in scheme "pkg/runtime/scheme.go:111"'],
    ['JSON', Buffer.from('{}'), 'provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]'],
    ['the four bytes alone', Buffer.from('k8s\0'), 'empty body'],
    ['a message cut short', envelope('v1', 'DeleteOptions', field(2, 'xxx')), 'unexpected EOF'],
  ])('(%s) are refused', (_name, bytes, message) => {
    expect(messageOf(() => decodeProtobufOptions(codec, bytes))).toBe(message);
  });
});
