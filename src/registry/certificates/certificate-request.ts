// What a PKCS#10 request says, and whether it is signed by the key that it is for. https://www.rfc-editor.org/rfc/rfc2986
import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { bitString, DerError, DerReader, objectIdentifier, oidText } from './der.js';

/** Signature algorithms: the hash, and what a wrong signature is told as. */
const rsa = 'crypto/rsa: verification error';
const ecdsa = 'x509: ECDSA verification failure';
const algorithms: ReadonlyMap<string, readonly [hash: string | null, failure: string]> = new Map([
  ['1.2.840.113549.1.1.5', ['sha1', rsa]],
  ['1.2.840.113549.1.1.11', ['sha256', rsa]],
  ['1.2.840.113549.1.1.12', ['sha384', rsa]],
  ['1.2.840.113549.1.1.13', ['sha512', rsa]],
  ['1.2.840.10045.4.1', ['sha1', ecdsa]],
  ['1.2.840.10045.4.3.2', ['sha256', ecdsa]],
  ['1.2.840.10045.4.3.3', ['sha384', ecdsa]],
  ['1.2.840.10045.4.3.4', ['sha512', ecdsa]],
  ['1.3.101.112', [null, 'x509: Ed25519 verification failure']],
]);

const organization = '2.5.4.10';

export interface CertificateRequest {
  /** Each `O` of the subject. */
  readonly organizations: readonly string[];
}

/** Reads a request and checks its signature. Throws DerError with the real server's text. */
export function readCertificateRequest(der: Buffer): CertificateRequest {
  const outer = new DerReader(der);
  const request = new DerReader(outer.sequence('certificateRequest').content);
  const info = request.sequence('tbsCertificateRequest');
  const fields = new DerReader(info.content);
  fields.next();
  const subject = fields.next();
  const publicKey = fields.sequence('publicKeyInfo');
  const algorithm = new DerReader(request.sequence('AlgorithmIdentifier').content);
  const signature = request.next();
  if (!outer.done) throw new DerError('asn1: syntax error: trailing data');
  const identifier = algorithm.next();
  if (signature.tag !== bitString || identifier.tag !== objectIdentifier) throw new DerError("asn1: structure error: tags don't match");
  checkSignature(info.raw, publicKey.raw, oidText(identifier.content), signature.content.subarray(1));
  return { organizations: organizationsOf(subject.content) };
}

function checkSignature(signed: Buffer, publicKey: Buffer, algorithm: string, signature: Buffer): void {
  const known = algorithms.get(algorithm);
  if (known === undefined) throw new DerError('x509: cannot verify signature: algorithm unimplemented');
  const [hash, failure] = known;
  if (!isSigned(hash, signed, keyOf(publicKey), signature)) throw new DerError(failure);
}

function isSigned(hash: string | null, signed: Buffer, key: KeyObject, signature: Buffer): boolean {
  try {
    return verify(hash, signed, key, signature);
  } catch {
    // A key of another sort than the algorithm's.
    return false;
  }
}

function keyOf(publicKey: Buffer): KeyObject {
  try {
    return createPublicKey({ key: publicKey, format: 'der', type: 'spki' });
  } catch {
    throw new DerError('x509: failed to parse public key');
  }
}

function organizationsOf(subject: Buffer): readonly string[] {
  const found: string[] = [];
  const names = new DerReader(subject);
  while (!names.done) {
    const attributes = new DerReader(names.next().content);
    while (!attributes.done) {
      const attribute = new DerReader(attributes.next().content);
      const type = attribute.next();
      if (oidText(type.content) === organization) found.push(attribute.next().content.toString('utf8'));
    }
  }
  return found;
}
