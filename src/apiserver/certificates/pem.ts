// Certificates in PEM text, which may hold more than certificates.

const block = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Each certificate's block of a text. */
export function certificateBlocks(pem: string): readonly string[] {
  return pem.match(block) ?? [];
}

/** The text itself when there is nothing but certificates in it; else their blocks alone: what is published may hold no private key. */
export function onlyCertificates(pem: string): string {
  return pem.replace(block, '').includes('-----BEGIN') ? `${certificateBlocks(pem).join('\n')}\n` : pem;
}
