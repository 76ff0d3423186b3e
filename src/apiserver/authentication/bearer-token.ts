// Where a request carries a bearer token, and tokens that are given with the options.
import { createHash } from 'node:crypto';
import type { UserInfo } from '../../registry/kind.js';
import { authenticated } from './groups.js';
import type { TokenAuthenticator } from './token-authenticator.js';

/** Header values by lower-case name. */
export type RequestHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Browsers cannot set headers on a WebSocket, so the token may come as a subprotocol, base64url. */
const webSocketPrefix = 'base64url.bearer.authorization.k8s.io.';

/** The token of `Authorization: Bearer …`, or of a WebSocket's subprotocols; undefined when there is none. */
export function bearerToken(headers: RequestHeaders): string | undefined {
  const header = one(headers.authorization);
  if (header !== undefined) {
    // The word after one space: with two spaces there is none, and what follows the token does not count.
    const [scheme, token] = header.trim().split(' ', 2);
    if (scheme?.toLowerCase() === 'bearer' && token !== undefined && token !== '') return token;
  }
  if (one(headers.upgrade)?.toLowerCase() !== 'websocket') return undefined;
  for (const protocol of (one(headers['sec-websocket-protocol']) ?? '').split(',')) {
    const name = protocol.trim();
    if (!name.startsWith(webSocketPrefix)) continue;
    const token = Buffer.from(name.slice(webSocketPrefix.length), 'base64url').toString('utf8');
    if (token !== '') return token;
  }
  return undefined;
}

/** The values of a header. One text is one value, commas or not: what Node joins of several headers must not be given here. */
export function headerValues(value: string | readonly string[] | undefined): readonly string[] {
  return value === undefined ? [] : typeof value === 'string' ? [value] : value;
}

function one(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.join(',');
}

/** Tokens whose users are given: for tests and simple tools. `audiences` are the API server's own. */
export function staticTokens(users: ReadonlyMap<string, UserInfo>, audiences: readonly string[]): TokenAuthenticator {
  // Looked up by hash, so that how long it takes tells nothing of the tokens.
  const byHash = new Map([...users].map(([token, user]) => [hash(token), authenticated(user)]));
  return {
    async authenticateToken(token, asked = audiences) {
      const user = byHash.get(hash(token));
      const accepted = asked.filter((audience) => audiences.includes(audience));
      return user === undefined || accepted.length === 0 ? { user: undefined } : { user, audiences: accepted };
    },
  };
}

function hash(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}
