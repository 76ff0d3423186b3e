// Certificate requests for new users: what `kubectl certificate approve` and the signer then make a certificate of.
import { createPrivateKey, createPublicKey, webcrypto } from 'node:crypto';
import { newKey } from './signing.js';

export interface CertificateRequest {
  /** PEM, PKCS #10. */
  readonly request: string;
  /** PEM, of the request's key. */
  readonly key: string;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** A request with a key of its own: `CN` is the user's name, each `O` a group. */
export async function makeCertificateRequest(name: string, groups: readonly string[]): Promise<CertificateRequest> {
  const { x509 } = await import('./x509-library.js');
  const key = newKey();
  const [privateKey, publicKey] = await Promise.all([
    webcrypto.subtle.importKey('pkcs8', createPrivateKey(key).export({ type: 'pkcs8', format: 'der' }), algorithm, false, ['sign']),
    webcrypto.subtle.importKey('spki', createPublicKey(key).export({ type: 'spki', format: 'der' }), algorithm, true, ['verify']),
  ]);
  const subject = [...groups.map((group) => ({ O: [{ utf8String: group }] })), { CN: [{ utf8String: name }] }];
  const request = await x509.Pkcs10CertificateRequestGenerator.create(
    { name: new x509.Name(subject), keys: { privateKey, publicKey }, signingAlgorithm: algorithm },
    webcrypto,
  );
  return { request: `${request.toString('pem')}\n`, key };
}
