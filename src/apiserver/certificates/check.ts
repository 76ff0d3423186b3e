// Whether certificates and keys that lie in a folder can be used.
import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { isIP, SocketAddress } from 'node:net';
import { join } from 'node:path';
import { CertificateError } from './certificate-error.js';
import type { CertificateFolder } from './folder.js';
import type { KeyPair } from './key-pair.js';
import { onlyCertificates } from './pem.js';

/** The certificate of a PEM text. */
export function certificateIn(path: string, pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw new CertificateError(`${path} is not a whole certificate in PEM: remove it so that a new one is made, or restore it`);
  }
}

/** The private key of a PEM text. */
export function keyIn(path: string, pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    throw new CertificateError(`${path} is not a whole private key in PEM: restore it, or remove it and the certificates made with it`);
  }
}

/** Returns the pair if it is an authority that signs from `now` on. `name`: of its files. */
export function checkAuthority(folder: string, pair: KeyPair, now: number, name = 'ca'): KeyPair {
  const [certificateFile, keyFile] = [join(folder, `${name}.crt`), join(folder, `${name}.key`)];
  const certificate = certificateIn(certificateFile, pair.certificate);
  if (!certificate.checkPrivateKey(keyIn(keyFile, pair.key)))
    throw new CertificateError(
      `${keyFile} is not the key of ${certificateFile}: restore the pair, or empty ${folder} so that all is made anew`,
    );
  if (!certificate.ca) throw new CertificateError(`${certificateFile} is no certificate authority: restore it, or empty ${folder}`);
  if (Date.parse(certificate.validTo) <= now)
    throw new CertificateError(`${certificateFile} expired on ${certificate.validTo}: empty ${folder} so that all is made anew`);
  if (Date.parse(certificate.validFrom) > now)
    throw new CertificateError(
      `${certificateFile} is valid only from ${certificate.validFrom}: set the system's time right, or empty ${folder}`,
    );
  return { ...pair, certificate: onlyCertificates(pair.certificate) };
}

/** Throws when a certificate is not of this key or not signed by this authority, whose files are called `authorityName`. */
export function checkLeaf(
  folder: CertificateFolder,
  name: string,
  certificate: X509Certificate,
  key: string,
  ca: KeyPair,
  authorityName = 'ca',
): void {
  const [certificateFile, keyFile] = [folder.path(`${name}.crt`), folder.path(`${name}.key`)];
  if (!certificate.checkPrivateKey(keyIn(keyFile, key)))
    throw new CertificateError(`${keyFile} is not the key of ${certificateFile}: remove both so that new ones are made`);
  const authority = new X509Certificate(ca.certificate);
  if (!certificate.checkIssued(authority) || !certificate.verify(authority.publicKey))
    throw new CertificateError(
      `${certificateFile} was signed by another authority than ${folder.path(`${authorityName}.crt`)}: remove it so that a new one is made`,
    );
}

/** Whether a server certificate is good for all these names and addresses. */
export function coversAll(certificate: X509Certificate, names: readonly string[]): boolean {
  const known = new Set(namesOf(certificate));
  return names.every((name) => known.has(name));
}

/** The DNS names and addresses (in their shortest form) of a certificate. */
export function namesOf(certificate: X509Certificate): readonly string[] {
  const names: string[] = [];
  for (const part of (certificate.subjectAltName ?? '').split(', ')) {
    const name = part.slice(part.indexOf(':') + 1);
    if (part.startsWith('IP Address:')) names.push(shortAddress(name));
    else if (part.startsWith('DNS:') && (isDnsName(name) || isIP(name) !== 0)) names.push(name);
  }
  return names;
}

/**
 * An IP address as it is usually written: `::1`. Other texts are returned as they are. Node's `isIP` would have to compile its expression
 * for IPv6 first, which takes 4 ms of every start.
 */
export function shortAddress(address: string): string {
  if (!address.includes(':')) return address;
  try {
    return new SocketAddress({ address, family: 'ipv6' }).address;
  } catch {
    return address;
  }
}

const label = /^[a-z0-9_]([-a-z0-9_]{0,61}[a-z0-9_])?$/i;

/** A DNS name as certificates carry it; its first label may be `*`. */
export function isDnsName(name: string): boolean {
  if (name.length === 0 || name.length > 253) return false;
  const labels = name.split('.');
  if (labels.length > 1 && labels[0] === '*') labels.shift();
  return labels.every((part) => label.test(part));
}
