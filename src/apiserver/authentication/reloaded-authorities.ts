// Authorities of client certificates that may change while the server runs.
import { certificateAuthorities, type CertificateAuthorities } from './certificate-authorities.js';

export interface ReloadedAuthorities extends CertificateAuthorities {
  /** From now on these count, and no others. Throws an Error, and changes nothing, for a text in which there is none. */
  replace(pem: string): void;
}

/** Throws an Error when there is no certificate in the text or one that cannot be read. */
export function reloadedAuthorities(pem: string): ReloadedAuthorities {
  let now = certificateAuthorities(pem);
  return {
    get pem() {
      return now.pem;
    },
    signed: (certificate) => now.signed(certificate),
    replace: (text) => void (now = certificateAuthorities(text)),
  };
}
