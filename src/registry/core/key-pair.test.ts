import { generateKeyPairSync } from 'node:crypto';
import { keyPairProblem } from './key-pair.js';

const block = (type: string, body = 'aGVsbG8='): string => `-----BEGIN ${type}-----\n${body}\n-----END ${type}-----\n`;
const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

test.each([
  ['x', 'x', 'tls: failed to find any PEM data in certificate input'],
  [block('CERTIFICATE', 'x'), 'x', 'tls: failed to find any PEM data in certificate input'],
  [block('CERTIFICATE'), 'x', 'tls: failed to find any PEM data in key input'],
  [
    key,
    key,
    'tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched',
  ],
  [block('CERTIFICATE'), block('CERTIFICATE'), 'tls: found a certificate rather than a key in the PEM for the private key'],
  [block('CERTIFICATE'), key, 'x509: malformed certificate'],
  ['-----BEGIN CERTIFICATE-----\nno end', key, 'tls: failed to find any PEM data in certificate input'],
])('%j with %j', (certificate, privateKey, why) => {
  expect(keyPairProblem(certificate, privateKey)).toBe(why);
});

test('many unfinished blocks cost no more than reading them', () => {
  expect(keyPairProblem('-----BEGIN '.repeat(100_000), key)).toBe('tls: failed to find any PEM data in certificate input');
});
