// The keys of an issuer of JSON web tokens: found by OpenID discovery, and fetched again when a token's key is not among them.
// https://openid.net/specs/openid-connect-discovery-1_0.html
import type { JSONWebKeySet } from 'jose';
import { isRecord } from '../../apimachinery/object.js';
import type { Clock } from '../../clock/clock.js';
import type { JwtIssuer } from './jwt-configuration.js';
import { ask } from './outbound.js';

export interface IssuerKeys {
  /** Whether the token's signature is one of the issuer's. Rejects with an Error when the issuer cannot be asked. */
  signed(token: string): Promise<boolean>;
}

/** What may sign; neither `none` nor secrets that both sides know. */
export const algorithms: readonly string[] = ['ES256', 'ES384', 'ES512', 'PS256', 'PS384', 'PS512', 'RS256', 'RS384', 'RS512'];

const patience = 30_000;
/** Keys are not fetched more often, whatever tokens are shown; in milliseconds. */
const pause = 1000;

export function createIssuerKeys(issuer: JwtIssuer, clock: Clock): IssuerKeys {
  let keys: JSONWebKeySet | undefined;
  let fetching: Promise<JSONWebKeySet> | undefined;
  let fetched = -Infinity;
  const get = async (url: string): Promise<Readonly<Record<string, unknown>>> => {
    const { status, text } = await ask(url, undefined, { clock, timeout: patience, certificateAuthority: issuer.certificateAuthority });
    if (status !== 200) throw new Error(`${url} answered ${status}`);
    const body: unknown = JSON.parse(text);
    if (!isRecord(body)) throw new Error(`${url} answered with no JSON object`);
    return body;
  };
  const fetchKeys = async (): Promise<JSONWebKeySet> => {
    const document = await get(issuer.discoveryURL ?? `${issuer.url.replace(/\/$/, '')}/.well-known/openid-configuration`);
    if (document['issuer'] !== issuer.url)
      throw new Error(`issuer URL provided to client (${JSON.stringify(issuer.url)}) did not match the issuer URL returned by provider (${JSON.stringify(document['issuer'])})`); // prettier-ignore
    const uri = document['jwks_uri'];
    if (typeof uri !== 'string' || !URL.canParse(uri) || new URL(uri).protocol !== 'https:')
      throw new Error('the jwks_uri is no https URL');
    const set = await get(uri);
    if (!Array.isArray(set['keys'])) throw new Error(`${uri} answered with no keys`);
    return { keys: set['keys'].filter(isRecord) as unknown as JSONWebKeySet['keys'] };
  };
  /** Newer keys. Those that there are serve on meanwhile, and when there are none to be had. */
  const fetchAgain = (): Promise<JSONWebKeySet> => {
    if (fetching === undefined) {
      fetched = clock.monotonic();
      fetching = fetchKeys()
        .then((fresh) => (keys = fresh))
        .finally(() => (fetching = undefined));
    }
    return fetching;
  };
  return {
    async signed(token) {
      const known = keys;
      const mayFetch = fetching !== undefined || clock.monotonic() - fetched >= pause;
      if (known === undefined && !mayFetch) throw new Error('the issuer has just failed to answer');
      if (known === undefined) return isSigned(token, await fetchAgain());
      if (await isSigned(token, known)) return true;
      // Somebody else may have fetched them meanwhile; nobody makes the issuer be asked all the time.
      if (keys !== known) return isSigned(token, keys!);
      return mayFetch && isSigned(token, await fetchAgain());
    },
  };
}

/** A token without a key's name may be signed by any that fits. */
async function isSigned(token: string, set: JSONWebKeySet): Promise<boolean> {
  const { compactVerify, createLocalJWKSet, errors } = await import('./jose-library.js');
  const options = { algorithms: [...algorithms] };
  try {
    await compactVerify(token, createLocalJWKSet(set), options);
    return true;
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) return false;
    for await (const key of error) {
      try {
        await compactVerify(token, key, options);
        return true;
      } catch {
        continue;
      }
    }
    return false;
  }
}
