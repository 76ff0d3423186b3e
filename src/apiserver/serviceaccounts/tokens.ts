// Bound service account tokens: issued and checked.
// https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#bound-service-account-tokens
import type { Clock } from '../../clock/clock.js';
import type { Random } from '../../clock/random.js';
import type { TokenAnswer, TokenAuthenticator } from '../authentication/authenticator.js';
import { serviceAccountName } from '../authentication/groups.js';
import type { ServiceAccountKeyPair } from '../certificates/cluster-certificates.js';
import type { BoundName, BoundObjectLookup } from './bound-objects.js';
import { boundError, readClaims, timeError, userOf, type ReadClaims } from './claims.js';
import { parseToken, signatureError, signingKey, signToken, type SigningKey } from './jwt.js';
import type { UserInfo } from '../../registry/kind.js';

export type { BoundName, BoundObject, BoundObjectLookup } from './bound-objects.js';

/** kubeadm's issuer, and the audience of the API server. */
export const defaultIssuer = 'https://kubernetes.default.svc.cluster.local';

export interface TokenOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly keys: ServiceAccountKeyPair | Promise<ServiceAccountKeyPair>;
  readonly lookup: BoundObjectLookup;
  /** `https://kubernetes.default.svc.cluster.local` when absent. */
  readonly issuer?: string;
  /** The API server's own audiences; the issuer when absent. */
  readonly audiences?: readonly string[];
}

export interface TokenClaims {
  readonly namespace: string;
  readonly serviceAccount: BoundName;
  readonly pod?: BoundName;
  /** The node that the pod is on, or that the token itself is bound to. The uid is left out when it is not known. */
  readonly node?: { readonly name: string; readonly uid?: string };
  readonly secret?: BoundName;
  readonly audiences: readonly string[];
  /** How long the token is valid. */
  readonly seconds: number;
  /** Set when the token outlives what was asked: a real server warns of its use after this many seconds. */
  readonly warnAfterSeconds?: number;
}

export interface ServiceAccountTokens extends TokenAuthenticator {
  readonly issuer: string;
  readonly audiences: readonly string[];
  /** Resolves with a signed JWT (RS256). */
  issue(claims: TokenClaims): Promise<string>;
  /** The public key in PEM, for the issuer's documents. */
  publicKey(): Promise<string>;
}

/** Tokens whose signature has been checked: as many as are in use at once in a large cluster, at about 2 KB each. */
const mostKnown = 2000;

interface Known {
  readonly claims: ReadClaims;
  /** One object a token, so that decisions can be remembered by it. */
  readonly user: UserInfo;
}

/** Issues and checks tokens of one key. */
export function createServiceAccountTokens(options: TokenOptions): ServiceAccountTokens {
  const { clock, random, lookup, issuer = defaultIssuer } = options;
  const audiences = options.audiences ?? [issuer];
  const known = new Map<string, Known>();
  const pair = Promise.resolve(options.keys);
  const signing: Promise<SigningKey> = pair.then(({ privateKey }) => signingKey(privateKey));
  // The error reaches whoever asks for a token; unasked it must not end the process.
  signing.catch(() => undefined);

  /** Checks the signature once; what may change (time, objects) is checked each time. */
  async function checked(token: string): Promise<Known | string | undefined> {
    const found = known.get(token);
    if (found !== undefined) return found;
    const parsed = parseToken(token);
    if (parsed === undefined || parsed.claims.iss !== issuer) return undefined;
    const wrong = signatureError(parsed, await signing);
    if (wrong !== undefined) return wrong;
    const claims = readClaims(parsed.claims, audiences);
    if (typeof claims === 'string') return claims;
    if (known.size >= mostKnown) known.delete(known.keys().next().value!);
    const fresh = { claims, user: userOf(claims) };
    known.set(token, fresh);
    return fresh;
  }

  return {
    issuer,
    audiences,
    publicKey: () => pair.then(({ publicKey }) => publicKey),
    async authenticateToken(token, asked = audiences): Promise<TokenAnswer> {
      const found = await checked(token);
      if (found === undefined) return { user: undefined };
      if (typeof found === 'string') return { user: undefined, error: found };
      const { claims, user } = found;
      const accepted = claims.audiences.length === 0 ? [] : asked.filter((audience) => claims.audiences.includes(audience));
      const error =
        accepted.length === 0
          ? `token audiences ${list(claims.audiences)} is invalid for the target audiences ${list(asked)}`
          : (timeError(claims, clock.now()) ?? (await boundError(claims, lookup, clock.now())));
      if (error !== undefined) {
        known.delete(token);
        return { user: undefined, error };
      }
      // Kept in the order of use: the first is the one that has not been seen for longest.
      known.delete(token);
      known.set(token, found);
      return { user, audiences: accepted };
    },
    async issue(claims) {
      return signToken(claimsOf(claims, issuer, clock, random), await signing);
    },
  };
}

function list(audiences: readonly string[]): string {
  return `[${audiences.map((audience) => JSON.stringify(audience)).join(' ')}]`;
}

/** The claims in the order in which the real server writes them. */
function claimsOf(claims: TokenClaims, issuer: string, clock: Clock, random: Random): object {
  const { namespace, serviceAccount, pod, node, secret } = claims;
  const now = Math.floor(clock.now() / 1000);
  return {
    aud: claims.audiences,
    exp: now + claims.seconds,
    iat: now,
    iss: issuer,
    jti: random.uid(),
    'kubernetes.io': {
      namespace,
      ...(node === undefined ? {} : { node }),
      ...(pod === undefined ? {} : { pod }),
      ...(secret === undefined ? {} : { secret }),
      serviceaccount: serviceAccount,
      ...(claims.warnAfterSeconds === undefined ? {} : { warnafter: now + claims.warnAfterSeconds }),
    },
    nbf: now,
    sub: serviceAccountName(namespace, serviceAccount.name),
  };
}
