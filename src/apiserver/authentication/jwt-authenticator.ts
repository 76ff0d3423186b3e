// JSON web tokens of issuers outside the cluster: OpenID Connect.
// https://kubernetes.io/docs/reference/access-authn-authz/authentication/#openid-connect-tokens
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../../clock/clock.js';
import { parseToken } from '../serviceaccounts/jwt.js';
import type { UserInfo } from '../../registry/kind.js';
import type { JwtAuthenticator } from './jwt-configuration.js';
import type { TokenAuthenticator } from './token-authenticator.js';
import { algorithms, createIssuerKeys } from './issuer-keys.js';
import { claimKind, TokenError, userOf, type Claims } from './jwt-user.js';

/** Clocks may be so far apart for a token that is not valid yet, in seconds. One that is over is over. */
const notBeforeLeeway = 300;
const mostKnown = 2000;
/** After so many milliseconds a signature is looked at again: its key may be the issuer's no more. */
const knownFor = 10_000;

/** @param audiences the API server's own, for which a good token is accepted; @param clock real time, as issuers have it */
export function createJwtAuthenticator(settings: JwtAuthenticator, audiences: readonly string[], clock: Clock): TokenAuthenticator {
  const { issuer } = settings;
  const keys = createIssuerKeys(issuer, clock);
  /** Tokens whose signature was good, by their hash. */
  const known = new LRUCache<string, { readonly user: UserInfo; readonly until: number }>({ max: mostKnown });
  return {
    async authenticateToken(token, asked = audiences) {
      const parsed = parseToken(token);
      if (parsed === undefined || parsed.claims['iss'] !== issuer.url) return { user: undefined };
      try {
        checkClaims(parsed.claims, issuer.audiences, clock.now() / 1000);
        const hash = createHash('sha256').update(token).digest('base64');
        const before = known.get(hash);
        let user = before?.user;
        if (user === undefined || before!.until <= clock.monotonic()) {
          checkAlgorithm(parsed.header['alg']);
          if (!(await keys.signed(token)))
            throw new TokenError('verify token: failed to verify signature: failed to verify id token signature');
          user = userOf(settings, parsed.claims);
          known.set(hash, { user, until: clock.monotonic() + knownFor });
        }
        const accepted = asked.filter((audience) => audiences.includes(audience));
        return accepted.length === 0 ? { user: undefined } : { user, audiences: accepted };
      } catch (error) {
        const why =
          error instanceof TokenError ? error.message : `authenticator for issuer ${JSON.stringify(issuer.url)} is not initialized`;
        return { user: undefined, error: error instanceof TokenError && error.bare ? why : `oidc: ${why}` };
      }
    },
  };
}

function checkAlgorithm(algorithm: unknown): void {
  if (typeof algorithm === 'string' && algorithms.includes(algorithm)) return;
  const expected = algorithms.map((name) => JSON.stringify(name)).join(' ');
  throw new TokenError(
    `verify token: oidc: id token signed with unsupported algorithm, expected [${expected}] got ${JSON.stringify(algorithm ?? '')}`,
  );
}

/** What every token must say, whoever it is for. */
function checkClaims(claims: Claims, audiences: readonly string[], now: number): void {
  const fail = (why: string): never => {
    throw new TokenError(`verify token: oidc: ${why}`);
  };
  const seconds = (name: string): number | undefined => {
    const value = claims[name];
    if (value === undefined || value === null) return undefined;
    return typeof value === 'number' ? value : fail(`failed to unmarshal claims: the claim ${name} is no number`);
  };
  if (claims['sub'] !== undefined && typeof claims['sub'] !== 'string')
    fail(`failed to unmarshal claims: json: cannot unmarshal ${claimKind(claims['sub'])} into Go struct field idToken.sub of type string`);
  const { aud } = claims;
  const said = typeof aud === 'string' ? [aud] : Array.isArray(aud) ? aud.filter((one) => typeof one === 'string') : [];
  if (!said.some((audience) => audiences.includes(audience))) {
    const shown = (list: readonly string[]): string => list.map((one) => JSON.stringify(one)).join(' ');
    fail(`expected audience ${audiences.length === 1 ? shown(audiences) : `in [${shown(audiences)}]`} got [${shown(said)}]`);
  }
  const expires = seconds('exp');
  if (expires === undefined || expires < now) fail(`token is expired (Token Expiry: ${timeText(expires)})`);
  const notBefore = seconds('nbf');
  if (notBefore !== undefined && notBefore > now + notBeforeLeeway)
    fail(`current time ${timeText(now)} before the nbf (not before) time: ${timeText(notBefore)}`);
}

/** A time as Go prints it; the year 1 for none. */
function timeText(seconds: number | undefined): string {
  if (seconds === undefined || !Number.isFinite(seconds) || Math.abs(seconds) > 8.64e12) return '0001-01-01 00:00:00 +0000 UTC';
  return new Date(Math.floor(seconds) * 1000).toISOString().replace('T', ' ').replace(/\.\d+Z$/, ' +0000 UTC'); // prettier-ignore
}
