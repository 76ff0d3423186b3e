// JSON web tokens as service accounts have them: RS256 and nothing else. RFC 7519, RFC 7515.
// Written on node:crypto: the one algorithm is a call of it, and no library has to be loaded for it.
import { createHash, createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { isRecord } from '../../apimachinery/object.js';

/** A token's three parts, read but not believed. */
export interface ParsedToken {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  /** What is signed: the first two parts as they came. */
  readonly signed: string;
  readonly signature: Buffer;
}

/** A key as tokens name it. */
export interface SigningKey {
  readonly id: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** A real token is about 1 KB; one with many audiences a few more. */
const longest = 16 * 1024;

export function signingKey(privatePem: string): SigningKey {
  const publicKey = createPublicKey(privatePem);
  return { id: keyId(publicKey), privateKey: createPrivateKey(privatePem), publicKey };
}

/** How the real server names a key: SHA-256 of its public half in DER. */
export function keyId(publicKey: KeyObject): string {
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64url');
}

/** Undefined for what is no token. */
export function parseToken(token: string): ParsedToken | undefined {
  if (token.length > longest) return undefined;
  const parts = token.split('.', 4);
  if (parts.length !== 3) return undefined;
  const header = part(parts[0]!);
  const claims = part(parts[1]!);
  if (header === undefined || claims === undefined) return undefined;
  return { header, claims, signed: `${parts[0]}.${parts[1]}`, signature: Buffer.from(parts[2]!, 'base64url') };
}

const base64url = /^[A-Za-z0-9_-]+$/;

function part(text: string): Record<string, unknown> | undefined {
  if (!base64url.test(text)) return undefined;
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The real server's words for every signature that is not the key's. */
const forged = 'go-jose/go-jose: error in cryptographic primitive';

/** Undefined when the signature is the key's, or why not. Only RS256: a token cannot choose how it is checked. */
export function signatureError(token: ParsedToken, key: SigningKey): string | undefined {
  const { alg, kid, crit } = token.header;
  if (kid !== undefined && kid !== '' && kid !== key.id) return 'invalid signature, no keys found';
  const good = alg === 'RS256' && crit === undefined && verify('sha256', Buffer.from(token.signed), key.publicKey, token.signature);
  return good ? undefined : forged;
}

/** Signs claims; resolves with the token. The signature (1 ms) is made on another thread. */
export function signToken(claims: object, key: SigningKey): Promise<string> {
  const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${encoded({ alg: 'RS256', kid: key.id })}.${encoded(claims)}`;
  return new Promise((resolve, reject) => {
    sign('sha256', Buffer.from(signed), key.privateKey, (error, signature) => {
      if (error === null) resolve(`${signed}.${signature.toString('base64url')}`);
      else reject(error);
    });
  });
}
