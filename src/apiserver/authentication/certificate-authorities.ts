// Whether a client's certificate comes from certain authorities, where several are trusted for different things.
import { X509Certificate } from 'node:crypto';
import { certificateBlocks, onlyCertificates } from '../certificates/pem.js';
import type { ClientCertificate } from './client-certificate.js';

export interface CertificateAuthorities {
  /** In PEM, one after the other; nothing but certificates. */
  readonly pem: string;
  /** Whether the certificate's chain leads to one of them. Its validity is the handshake's affair. Remembered for each connection. */
  signed(certificate: ClientCertificate): boolean;
}

/** Longer chains are not followed. */
const longestChain = 8;

/** Throws an Error when there is no certificate in the text or one that cannot be read. */
export function certificateAuthorities(pem: string): CertificateAuthorities {
  const authorities = certificateBlocks(pem).map((text) => new X509Certificate(text));
  if (authorities.length === 0) throw new Error('data does not contain any valid RSA or ECDSA certificates');
  const known = new WeakMap<ClientCertificate, boolean>();
  const issued = (certificate: X509Certificate): boolean =>
    authorities.some((authority) => certificate.checkIssued(authority) && certificate.verify(authority.publicKey));
  const leads = (certificate: X509Certificate | undefined): boolean => {
    for (let at = certificate, left = longestChain; at !== undefined && left > 0; left--) {
      if (issued(at)) return true;
      const issuer = at.issuerCertificate;
      if (issuer === undefined || issuer.fingerprint256 === at.fingerprint256) return false;
      at = issuer;
    }
    return false;
  };
  return {
    pem: onlyCertificates(pem),
    signed(certificate) {
      let answer = known.get(certificate);
      if (answer === undefined) known.set(certificate, (answer = leads(certificate.x509)));
      return answer;
    },
  };
}
