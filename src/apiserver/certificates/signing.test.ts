import { createPrivateKey, createPublicKey, generateKeyPairSync, X509Certificate, type KeyObject } from 'node:crypto';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { realClock } from '../../clock/real-clock.js';
import { realRandom } from '../../clock/random.js';
import { CertificateError } from './certificate-error.js';
import { loadClusterCertificates, type ClusterCertificates, type KeyPair } from './cluster-certificates.js';
import { newKey, selfSign, signCertificateRequest, signClientCertificate } from './signing.js';

const context = { clock: realClock(), random: realRandom() };
let certificates: ClusterCertificates;
beforeAll(async () => {
  certificates = await loadClusterCertificates(context);
});

describe('a client certificate', () => {
  it('carries the name and all groups, and is good for clients only', async () => {
    const { certificate, key } = await signClientCertificate(
      certificates.ca,
      { name: 'jane, ü', groups: ['one', 'two'], days: 3 },
      context,
    );
    const parsed = new X509Certificate(certificate);
    expect(parsed.toLegacyObject().subject).toMatchObject({ CN: 'jane, ü', O: ['one', 'two'] });
    expect(parsed.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
    expect(parsed.checkPrivateKey(createPrivateKey(key))).toBe(true);
    expect(Date.parse(parsed.validTo)).toBeLessThan(context.clock.now() + 4 * 86_400_000);
  });

  it('has a key in the form that client libraries read: fabric8 takes a PKCS#8 key for RSA', async () => {
    const { key } = await signClientCertificate(certificates.ca, { name: 'jane' }, context);
    expect([key, certificates.admin.key].map((pem) => pem.split('\n')[0])).toEqual(Array(2).fill('-----BEGIN EC PRIVATE KEY-----'));
  });

  it('is accepted by a TLS server, and so is the server by the client', async () => {
    const { ca, server } = certificates;
    const client = await signClientCertificate(ca, { name: 'jane' }, context);
    const listener = createServer({
      cert: server.certificate,
      key: server.key,
      ca: ca.certificate,
      requestCert: true,
      rejectUnauthorized: false,
    });
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const accepted = once(listener, 'secureConnection') as Promise<[TLSSocket]>;
    const socket = connect({
      port: (listener.address() as AddressInfo).port,
      host: '127.0.0.1',
      ca: ca.certificate,
      cert: client.certificate,
      key: client.key,
    });
    const [peer] = await accepted;
    expect(peer.authorized).toBe(true);
    expect(peer.getPeerX509Certificate()?.subject).toBe('CN=jane');
    socket.destroy();
    peer.destroy();
    listener.close();
    await once(listener, 'close');
  });
});

describe('an authority that a user brings', () => {
  const keys: readonly [string, () => string][] = [
    ['RSA', () => pem(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey)],
    ['P-384', () => pem(generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey)],
    ['Ed25519', () => pem(generateKeyPairSync('ed25519').privateKey)],
  ];
  const pem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();

  it.each(keys)('signs with an %s key', async (_kind, make) => {
    const key = make();
    const ca: KeyPair = { key, certificate: await selfSign(key, { name: 'mine', days: 10 }, context) };
    const { certificate } = await signClientCertificate(ca, { name: 'jane', days: 100 }, context);
    const [leaf, authority] = [new X509Certificate(certificate), new X509Certificate(ca.certificate)];
    expect(leaf.verify(authority.publicKey)).toBe(true);
    expect(leaf.checkIssued(authority)).toBe(true);
    // Never longer than the authority itself.
    expect(leaf.validTo).toBe(authority.validTo);
  });
});

describe('a certificate request', () => {
  const algorithms: readonly [string, { name: string; [key: string]: unknown }][] = [
    ['EC', { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }],
    ['RSA', { name: 'RSASSA-PKCS1-v1_5', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' }],
    ['Ed25519', { name: 'Ed25519' }],
  ];
  const signing = { seconds: 3600, usages: ['digital signature', 'server auth'] };

  async function request(algorithm: { name: string; [key: string]: unknown }): Promise<{ csr: string; publicKey: string }> {
    await import('reflect-metadata');
    const x509 = await import('@peculiar/x509');
    const { webcrypto } = await import('node:crypto');
    const keys = (await webcrypto.subtle.generateKey(algorithm as never, true, ['sign', 'verify'])) as never as {
      privateKey: never;
      publicKey: never;
    };
    const csr = await x509.Pkcs10CertificateRequestGenerator.create(
      {
        name: 'O=system:nodes, CN=system:node:node-0',
        keys,
        signingAlgorithm: algorithm,
        extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: 'node-0' }])],
      },
      webcrypto,
    );
    const der = Buffer.from(await webcrypto.subtle.exportKey('spki', keys.publicKey));
    return {
      csr: csr.toString('pem'),
      publicKey: createPublicKey({ key: der, type: 'spki', format: 'der' }).export({ type: 'spki', format: 'pem' }).toString(),
    };
  }

  it.each(algorithms)('with an %s key gets a certificate for that key, subject and names', async (_kind, algorithm) => {
    const { csr, publicKey } = await request(algorithm);
    const certificate = new X509Certificate(await signCertificateRequest(certificates.ca, csr, signing, context));
    expect(certificate.publicKey.export({ type: 'spki', format: 'pem' })).toBe(publicKey);
    expect(certificate.toLegacyObject().subject).toMatchObject({ CN: 'system:node:node-0', O: 'system:nodes' });
    expect(certificate.checkHost('node-0')).toBe('node-0');
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    expect(certificate.ca).toBe(false);
    expect(certificate.verify(new X509Certificate(certificates.ca.certificate).publicKey)).toBe(true);
  });

  it('is refused when it is none, is changed, or asks for an unknown usage', async () => {
    const { csr } = await request(algorithms[0]![1]);
    const lines = csr.trim().split('\n');
    const body = Buffer.from(lines.slice(1, -1).join(''), 'base64');
    body[body.length - 5] = body[body.length - 5]! ^ 1;
    const changed = [lines[0], body.toString('base64'), lines.at(-1), ''].join('\n');
    const wrong = [newKey(), '', 'x'.repeat(100_000), `${lines[0]}\nAAAA\n${lines.at(-1)}\n`, changed];
    for (const text of wrong)
      await expect(signCertificateRequest(certificates.ca, text, signing, context)).rejects.toThrow(CertificateError);
    await expect(signCertificateRequest(certificates.ca, csr, { seconds: 60, usages: ['magic'] }, context)).rejects.toThrow(
      'unknown key usage "magic"',
    );
  });
});
