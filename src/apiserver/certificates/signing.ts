// Signs certificates with the cluster's authority.
import { createPrivateKey, createPublicKey, generateKeyPairSync, webcrypto, type KeyObject } from 'node:crypto';
import { isIP } from 'node:net';
import type * as Library from '@peculiar/x509';
import type { Clock } from '../../clock/clock.js';
import type { Random } from '../../clock/random.js';
import { CertificateError } from './certificate-error.js';
import type { KeyPair } from './key-pair.js';
import { extendedUsages, keyUsages } from './usages.js';
import type { X509 } from './x509-library.js';

/** A server that finds its certificates never loads the library. */
async function loadX509(): Promise<X509> {
  return (await import('./x509-library.js')).x509;
}

export interface SigningContext {
  readonly clock: Clock;
  readonly random: Random;
}

const day = 24 * 60 * 60 * 1000;
/** Certificates are valid from an hour before, for clients whose clocks are behind. */
const leeway = 60 * 60 * 1000;

/** A new ECDSA P-256 key in SEC 1 PEM (`EC PRIVATE KEY`), which every client reads; fabric8 takes any PKCS#8 key for RSA. */
export function newKey(): string {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'sec1', format: 'pem' }).toString();
}

/** A client certificate with a key of its own: `CN` is the user's name, each `O` a group. Valid for `days` (365). */
export async function signClientCertificate(
  ca: KeyPair,
  subject: { readonly name: string; readonly groups?: readonly string[]; readonly days?: number },
  context: SigningContext,
): Promise<KeyPair> {
  const key = newKey();
  const usages = ['digital signature', 'key encipherment', 'client auth'];
  return { certificate: await signLeaf(ca, key, { days: 365, ...subject, usages }, context), key };
}

/** What a certificate of our own making says. */
export interface LeafSubject {
  readonly name: string;
  readonly groups?: readonly string[];
  /** DNS names and IP addresses. */
  readonly names?: readonly string[];
  readonly usages: readonly string[];
  readonly days: number;
}

/** A certificate for a private key. Returns PEM. */
export async function signLeaf(ca: KeyPair, key: string, subject: LeafSubject, context: SigningContext): Promise<string> {
  const x509 = await loadX509();
  const names = (subject.names ?? []).map((value) => ({ type: isIP(value) === 0 ? ('dns' as const) : ('ip' as const), value }));
  return issue(x509, ca, context, {
    publicKey: new x509.PublicKey(createPublicKey(key).export({ type: 'spki', format: 'der' })),
    subject: new x509.Name(subjectOf(subject)),
    milliseconds: subject.days * day,
    extensions: [
      ...usageExtensions(x509, subject.usages),
      ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)]),
    ],
  });
}

function subjectOf({ name, groups = [] }: LeafSubject): Record<string, { utf8String: string }[]>[] {
  // One set a group, then the name: the order in which the real tools write them.
  return [...groups.map((group) => ({ O: [{ utf8String: group }] })), { CN: [{ utf8String: name }] }];
}

/** A certificate of an authority for its own key. Returns PEM. */
export async function selfSign(
  key: string,
  subject: { readonly name: string; readonly days: number },
  context: SigningContext,
): Promise<string> {
  const x509 = await loadX509();
  const { privateKey, publicKey, algorithm } = await importKey(createPrivateKey(key));
  const now = context.clock.now();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: serialNumber(context.random),
      name: new x509.Name([{ CN: [{ utf8String: subject.name }] }]),
      notBefore: new Date(now - leeway),
      notAfter: new Date(now + subject.days * day),
      signingAlgorithm: algorithm,
      keys: { privateKey, publicKey },
      extensions: [
        new x509.BasicConstraintsExtension(true, undefined, true),
        ...usageExtensions(x509, ['digital signature', 'key encipherment', 'cert sign']),
        await x509.SubjectKeyIdentifierExtension.create(publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  );
  return pemOf(certificate.toString('pem'));
}

export interface RequestSigning {
  /** How long the certificate is valid, in seconds. */
  readonly seconds: number;
  /** As in a CertificateSigningRequest's `spec.usages`: `client auth`, `server auth`, `digital signature`, `key encipherment`, … */
  readonly usages: readonly string[];
  /** From how many seconds before now the certificate is valid; an hour when absent. */
  readonly backdateSeconds?: number;
}

/** The extension's object identifier. RFC 5280, 4.2.1.6. */
const subjectAlternativeName = '2.5.29.17';
/** A request is a few hundred bytes; nothing near this is one. */
const largestRequest = 64 * 1024;

/**
 * Signs a PEM certificate request (EC, RSA or Ed25519 key) with its subject and its subject alternative names; returns the PEM certificate.
 * Rejects with {@link CertificateError} for what is no request, a wrong signature, or an unknown usage.
 * https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/
 */
export async function signCertificateRequest(
  ca: KeyPair,
  request: string,
  signing: RequestSigning,
  context: SigningContext,
): Promise<string> {
  const x509 = await loadX509();
  if (request.length > largestRequest || !request.includes('-----BEGIN CERTIFICATE REQUEST-----'))
    throw new CertificateError('not a PEM certificate request');
  try {
    const parsed = new x509.Pkcs10CertificateRequest(request);
    if (!(await parsed.verify(webcrypto))) throw new CertificateError('the certificate request is not signed with its own key');
    const names = parsed.getExtension(subjectAlternativeName);
    return await issue(x509, ca, context, {
      publicKey: parsed.publicKey,
      subject: parsed.subjectName,
      milliseconds: signing.seconds * 1000,
      ...(signing.backdateSeconds === undefined ? {} : { backdate: signing.backdateSeconds * 1000 }),
      extensions: [...usageExtensions(x509, signing.usages), ...(names === null ? [] : [names])],
    });
  } catch (error) {
    if (error instanceof CertificateError) throw error;
    throw new CertificateError('the certificate request cannot be read');
  }
}

interface Issue {
  readonly publicKey: Library.PublicKey;
  readonly subject: Library.Name;
  readonly milliseconds: number;
  /** Milliseconds before now from which on it is valid; an hour's when absent. */
  readonly backdate?: number;
  readonly extensions: readonly Library.Extension[];
}

async function issue(x509: X509, ca: KeyPair, { clock, random }: SigningContext, what: Issue): Promise<string> {
  const authority = new x509.X509Certificate(ca.certificate);
  const { privateKey, algorithm } = await importKey(createPrivateKey(ca.key));
  const now = clock.now();
  const certificate = await x509.X509CertificateGenerator.create(
    {
      serialNumber: serialNumber(random),
      subject: what.subject,
      // The authority's own bytes: clients compare issuer and subject byte by byte.
      issuer: authority.subjectName,
      notBefore: new Date(Math.max(now - (what.backdate ?? leeway), authority.notBefore.getTime())),
      notAfter: new Date(Math.min(now + what.milliseconds, authority.notAfter.getTime())),
      signingKey: privateKey,
      signingAlgorithm: algorithm,
      publicKey: what.publicKey,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        ...what.extensions,
        await x509.AuthorityKeyIdentifierExtension.create(authority.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  );
  return pemOf(certificate.toString('pem'));
}

function usageExtensions(x509: X509, usages: readonly string[]): Library.Extension[] {
  let flags = 0;
  const extended: string[] = [];
  for (const usage of usages) {
    const flag = keyUsages.get(usage);
    const oid = extendedUsages.get(usage);
    if (flag !== undefined) flags |= flag;
    else if (oid !== undefined) extended.push(oid);
    else throw new CertificateError(`unknown key usage ${JSON.stringify(usage)}`);
  }
  return [
    ...(flags === 0 ? [] : [new x509.KeyUsagesExtension(flags, true)]),
    ...(extended.length === 0 ? [] : [new x509.ExtendedKeyUsageExtension(extended)]),
  ];
}

/** 127 random bits, positive and never with a leading zero byte. */
function serialNumber(random: Random): string {
  const bytes = random.bytes(16);
  bytes[0] = (bytes[0]! & 0x3f) | 0x40;
  return Buffer.from(bytes).toString('hex');
}

const curves: ReadonlyMap<string, readonly [curve: string, hash: string]> = new Map([
  ['prime256v1', ['P-256', 'SHA-256']],
  ['secp384r1', ['P-384', 'SHA-384']],
  ['secp521r1', ['P-521', 'SHA-512']],
]);

/** What Web Crypto's algorithms of all three kinds are told; each reads what it needs. */
interface SigningAlgorithm {
  readonly name: string;
  readonly namedCurve: string;
  readonly hash: string;
}

/** The key as Web Crypto takes it: an authority that a user brings may be RSA, EC or Ed25519. */
async function importKey(
  key: KeyObject,
): Promise<{ privateKey: webcrypto.CryptoKey; publicKey: webcrypto.CryptoKey; algorithm: SigningAlgorithm }> {
  const algorithm = algorithmOf(key);
  const [privateDer, publicDer] = [
    key.export({ type: 'pkcs8', format: 'der' }),
    createPublicKey(key).export({ type: 'spki', format: 'der' }),
  ];
  const [privateKey, publicKey] = await Promise.all([
    webcrypto.subtle.importKey('pkcs8', privateDer, algorithm, false, ['sign']),
    webcrypto.subtle.importKey('spki', publicDer, algorithm, true, ['verify']),
  ]);
  return { privateKey: privateKey, publicKey: publicKey, algorithm };
}

function algorithmOf(key: KeyObject): SigningAlgorithm {
  if (key.asymmetricKeyType === 'ec') {
    const found = curves.get(key.asymmetricKeyDetails?.namedCurve ?? '');
    if (found !== undefined) return { name: 'ECDSA', namedCurve: found[0], hash: found[1] };
  }
  const [namedCurve, hash] = ['', 'SHA-256'];
  if (key.asymmetricKeyType === 'rsa') return { name: 'RSASSA-PKCS1-v1_5', namedCurve, hash };
  if (key.asymmetricKeyType === 'ed25519') return { name: 'Ed25519', namedCurve, hash };
  throw new CertificateError(
    `the authority's key is of a kind that cannot sign here (${key.asymmetricKeyType ?? 'unknown'}): use EC, RSA or Ed25519`,
  );
}

function pemOf(pem: string): string {
  return pem.endsWith('\n') ? pem : `${pem}\n`;
}
