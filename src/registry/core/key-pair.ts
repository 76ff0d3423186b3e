// Whether a certificate and a private key fit together, told in the words of the real server's TLS library.
// https://kubernetes.io/docs/concepts/configuration/secret/#tls-secrets
import { createPrivateKey, X509Certificate } from 'node:crypto';

interface Block {
  readonly type: string;
  readonly text: string;
}

const begin = '-----BEGIN ';
const dashes = '-----';

/** The PEM blocks of a text; what is no block is passed over. https://www.rfc-editor.org/rfc/rfc7468 */
function blocksOf(text: string): readonly Block[] {
  const blocks: Block[] = [];
  let at = 0;
  for (;;) {
    const start = text.indexOf(begin, at);
    if (start < 0) return blocks;
    const typeEnd = text.indexOf(dashes, start + begin.length);
    if (typeEnd < 0) return blocks;
    const type = text.slice(start + begin.length, typeEnd);
    const closing = `-----END ${type}-----`;
    const end = text.indexOf(closing, typeEnd);
    if (end < 0) return blocks;
    const body = text.slice(typeEnd + dashes.length, end).replace(/\s/g, '');
    if (body.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(body)) blocks.push({ type, text: text.slice(start, end + closing.length) });
    at = end + closing.length;
  }
}

function isKey({ type }: Block): boolean {
  return type === 'PRIVATE KEY' || type.endsWith(' PRIVATE KEY');
}

function skipped(blocks: readonly Block[]): string {
  return `after skipping PEM blocks of the following types: [${blocks.map(({ type }) => type).join(' ')}]`;
}

function noCertificate(blocks: readonly Block[]): string {
  if (blocks.length === 0) return 'tls: failed to find any PEM data in certificate input';
  if (blocks.length === 1 && isKey(blocks[0]!)) {
    const found = 'did find a private key; PEM inputs may have been switched';
    return `tls: failed to find certificate PEM data in certificate input, but ${found}`;
  }
  return `tls: failed to find "CERTIFICATE" PEM block in certificate input ${skipped(blocks)}`;
}

function noKey(blocks: readonly Block[]): string {
  if (blocks.length === 0) return 'tls: failed to find any PEM data in key input';
  if (blocks.length === 1 && blocks[0]!.type === 'CERTIFICATE') {
    return 'tls: found a certificate rather than a key in the PEM for the private key';
  }
  return `tls: failed to find PEM block with type ending in "PRIVATE KEY" in key input ${skipped(blocks)}`;
}

/** What is wrong with a certificate and its key, both PEM; undefined when they fit. */
export function keyPairProblem(certificate: string, key: string): string | undefined {
  const blocks = blocksOf(certificate);
  const leaf = blocks.find(({ type }) => type === 'CERTIFICATE');
  if (leaf === undefined) return noCertificate(blocks);
  const keys = blocksOf(key);
  const found = keys.find(isKey);
  if (found === undefined) return noKey(keys);
  let parsed: X509Certificate;
  try {
    parsed = new X509Certificate(leaf.text);
  } catch {
    return 'x509: malformed certificate';
  }
  try {
    return parsed.checkPrivateKey(createPrivateKey(found.text)) ? undefined : 'tls: private key does not match public key';
  } catch {
    return 'tls: failed to parse private key';
  }
}
