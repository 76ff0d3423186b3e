// Reading PKCS#10 requests, right and wrong ones.
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { DerError } from './der.js';
import { readCertificateRequest } from './certificate-request.js';
import { pemBlocks } from './pem.js';

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const length = content.length < 128 ? [content.length] : [0x82, content.length >> 8, content.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}

const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));

/** A request of the organization `team`, signed with this hash and algorithm. */
function request(publicKey: KeyObject, privateKey: KeyObject, hash: string | null, algorithm: string): Buffer {
  const organization = der(0x31, der(0x30, oid('55040a'), der(0x0c, Buffer.from('team'))));
  const info = der(
    0x30,
    der(0x02, Buffer.from([0])),
    der(0x30, organization),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa0),
  );
  const signature = sign(hash, info, privateKey);
  return der(0x30, info, der(0x30, oid(algorithm)), der(0x03, Buffer.from([0]), signature));
}

const why = (bytes: Buffer): string => {
  try {
    readCertificateRequest(bytes);
    return '';
  } catch (error) {
    if (error instanceof DerError) return error.message;
    throw error;
  }
};

const curve = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const good = request(curve.publicKey, curve.privateKey, 'sha256', '2a8648ce3d040302');

test('the organizations of the subject', () => {
  expect(readCertificateRequest(good)).toEqual({ organizations: ['team'] });
  const edwards = generateKeyPairSync('ed25519');
  expect(why(request(edwards.publicKey, edwards.privateKey, null, '2b6570'))).toBe('');
  const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 });
  expect(why(request(rsa.publicKey, rsa.privateKey, 'sha256', '2a864886f70d01010b'))).toBe('');
});

test('a signature by another key is none', () => {
  const other = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  expect(why(request(curve.publicKey, other.privateKey, 'sha256', '2a8648ce3d040302'))).toBe('x509: ECDSA verification failure');
});

test.each([
  ['nothing', Buffer.alloc(0), 'asn1: syntax error: sequence truncated'],
  ['half of it', good.subarray(0, 40), 'asn1: syntax error: data truncated'],
  ['more than it', Buffer.concat([good, Buffer.from([0])]), 'asn1: syntax error: trailing data'],
  ['no end of the length', Buffer.from([0x30, 0x84]), 'asn1: syntax error: truncated tag or length'],
  ['a length that is too large', Buffer.from([0x30, 0x88, 1, 1, 1, 1, 1, 1, 1, 1]), 'asn1: structure error: length too large'],
])("%s is told in the real server's words", (_name, bytes, message) => {
  expect(why(bytes)).toBe(message);
});

test('blocks of PEM among other text, with and without headers', () => {
  const text = 'x\n-----BEGIN A B-----\nAAEC\n-----END A B-----\n-----BEGIN C-----\nk: v\n\nAw==\n-----END C-----\n-----BEGIN D-----\n';
  expect(pemBlocks(text).map(({ type, hasHeaders, der: bytes }) => [type, hasHeaders, [...bytes]])).toEqual([
    ['A B', false, [0, 1, 2]],
    ['C', true, [3]],
  ]);
});

test('blocks that never end take no longer than others', () => {
  // Each would have its end looked for in all of the text.
  const begun = Array.from({ length: 60_000 }, (_, index) => `-----BEGIN ${index}-----\n`).join('');
  expect(pemBlocks(`${begun}-----END 7-----\n`)).toEqual([]);
  expect(pemBlocks('-----BEGIN '.repeat(130_000))).toEqual([]);
  expect(pemBlocks('-----BEGIN A-----\n-----BEGIN B-----\nAw==\n-----END B-----\n').map(({ type }) => type)).toEqual(['B']);
});
