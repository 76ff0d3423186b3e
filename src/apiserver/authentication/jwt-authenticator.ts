// JSON web tokens of issuers outside the cluster: OpenID Connect.
// https://kubernetes.io/docs/reference/access-authn-authz/authentication/#openid-connect-tokens
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { isRecord } from '../../apimachinery/object.js';
import type { Clock } from '../../clock/clock.js';
import { parseToken } from '../serviceaccounts/jwt.js';
import type { UserInfo } from '../../registry/kind.js';
import type { JwtAuthenticator } from './authentication-configuration.js';
import type { TokenAuthenticator } from './authenticator.js';
import { algorithms, createIssuerKeys } from './issuer-keys.js';

type Claims = Readonly<Record<string, unknown>>;

/** A token says something that it must not; the message is the real server's. */
class TokenError extends Error {}

/** Clocks may be so far apart for a token that is not valid yet, in seconds. One that is over is over. */
const notBeforeLeeway = 300;
const mostKnown = 2000;

/** @param audiences the API server's own, for which a good token is accepted; @param clock real time, as issuers have it */
export function createJwtAuthenticator(settings: JwtAuthenticator, audiences: readonly string[], clock: Clock): TokenAuthenticator {
  const { issuer } = settings;
  const keys = createIssuerKeys(issuer, clock);
  /** Tokens whose signature was good, by their hash. */
  const known = new LRUCache<string, UserInfo>({ max: mostKnown });
  return {
    async authenticateToken(token, asked = audiences) {
      const parsed = parseToken(token);
      if (parsed === undefined || parsed.claims['iss'] !== issuer.url) return { user: undefined };
      try {
        checkClaims(parsed.claims, issuer.audiences, clock.now() / 1000);
        const hash = createHash('sha256').update(token).digest('base64');
        let user = known.get(hash);
        if (user === undefined) {
          checkAlgorithm(parsed.header['alg']);
          if (!(await keys.signed(token)))
            throw new TokenError('verify token: failed to verify signature: failed to verify id token signature');
          user = userOf(settings, parsed.claims);
          known.set(hash, user);
        }
        const accepted = asked.filter((audience) => audiences.includes(audience));
        return accepted.length === 0 ? { user: undefined } : { user, audiences: accepted };
      } catch (error) {
        const why =
          error instanceof TokenError ? error.message : `authenticator for issuer ${JSON.stringify(issuer.url)} is not initialized`;
        return { user: undefined, error: `oidc: ${why}` };
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
    fail(`failed to unmarshal claims: json: cannot unmarshal ${nameOf(claims['sub'])} into Go struct field idToken.sub of type string`);
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

function userOf({ username, groups, uid, requiredClaims }: JwtAuthenticator, claims: Claims): UserInfo {
  const name = textClaim(claims, username.claim, `parse username claims ${JSON.stringify(username.claim)}`);
  if (username.claim === 'email') checkVerified(claims);
  const memberships = groups === undefined ? [] : groupsIn(claims, groups.claim);
  for (const { claim, value } of requiredClaims) {
    if (claims[claim] === undefined) throw new TokenError(`required claim ${claim} not present in ID token`);
    const got = textClaim(claims, claim, `parse claim ${claim}`);
    if (got !== value) throw new TokenError(`required claim ${claim} value does not match. Got = ${got}, want = ${value}`);
  }
  const id = uid === undefined ? '' : textClaim(claims, uid, `parse uid claim ${JSON.stringify(uid)}`);
  const { jti } = claims;
  return {
    name: `${username.prefix}${name}`,
    groups: memberships.map((group) => `${groups?.prefix ?? ''}${group}`),
    ...(id === '' ? {} : { uid: id }),
    ...(typeof jti === 'string' && jti !== '' ? { extra: { 'authentication.kubernetes.io/credential-id': [`JTI=${jti}`] } } : {}),
  };
}

function textClaim(claims: Claims, name: string, doing: string): string {
  // A name such as `constructor` is no claim.
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
  if (value === undefined) throw new TokenError(`${doing}: claim not present`);
  if (typeof value !== 'string') throw new TokenError(`${doing}: json: cannot unmarshal ${nameOf(value)} into Go value of type string`);
  return value;
}

/** A user must not be somebody by an address that nobody has checked. */
function checkVerified(claims: Claims): void {
  const verified = claims['email_verified'];
  if (verified === undefined) return;
  if (typeof verified !== 'boolean')
    throw new TokenError(`parse 'email_verified' claim: json: cannot unmarshal ${nameOf(verified)} into Go value of type bool`);
  if (!verified) throw new TokenError('email not verified');
}

function groupsIn(claims: Claims, name: string): readonly string[] {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
  if (value === undefined) return [];
  if (typeof value === 'string') return [value];
  if (Array.isArray(value) && value.every((one): one is string => typeof one === 'string')) return value;
  throw new TokenError(`parse groups claim ${JSON.stringify(name)}: json: cannot unmarshal ${nameOf(value)} into Go value of type string`);
}

function nameOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (isRecord(value)) return 'object';
  return typeof value === 'boolean' ? 'bool' : value === null ? 'null' : typeof value;
}

/** A time as Go prints it; the year 1 for none. */
function timeText(seconds: number | undefined): string {
  if (seconds === undefined || !Number.isFinite(seconds) || Math.abs(seconds) > 8.64e12) return '0001-01-01 00:00:00 +0000 UTC';
  return new Date(Math.floor(seconds) * 1000).toISOString().replace('T', ' ').replace(/\.\d+Z$/, ' +0000 UTC'); // prettier-ignore
}
