// Tokens of service accounts that live in secrets and do not expire: as good as their secret.
// https://kubernetes.io/docs/concepts/security/service-accounts/#manually-create-a-long-lived-api-token-for-a-serviceaccount
import type { Secret } from '../../../openapi/types/core.v1.js';
import type { Clock } from '../../clock/clock.js';
import type { TokenAuthenticator } from '../authentication/authenticator.js';
import { authenticatedGroup, serviceAccountGroups, serviceAccountName } from '../authentication/groups.js';
import type { ServiceAccountKeyPair } from '../certificates/cluster-certificates.js';
import { parseToken, signatureError, signingKey, type SigningKey } from './jwt.js';
import type { BoundObjectLookup } from './bound-objects.js';

export interface LegacyTokenOptions {
  readonly clock: Clock;
  readonly keys: ServiceAccountKeyPair | Promise<ServiceAccountKeyPair>;
  readonly lookup: BoundObjectLookup;
  /** The API server's own audiences: these tokens name none. */
  readonly audiences: readonly string[];
  readonly secret: (namespace: string, name: string) => Promise<Secret | undefined>;
  /** Whether the service account names the secret, as it does those that were made for it. */
  readonly isReferenced: (namespace: string, account: string, secret: string) => Promise<boolean>;
  /** Notes that the secret's token was used on this day (`2026-11-21`). Must not throw. */
  readonly used: (namespace: string, name: string, day: string) => void;
}

const issuer = 'kubernetes/serviceaccount';
const prefix = `kubernetes.io/serviceaccount/`;
const oldFashioned =
  'Use tokens from the TokenRequest API or manually created secret-based tokens instead of auto-generated secret-based tokens.';
const lastUsed = 'kubernetes.io/legacy-token-last-used';
const invalidSince = 'kubernetes.io/legacy-token-invalid-since';

interface LegacyClaims {
  readonly namespace: string;
  readonly secret: string;
  readonly account: string;
  readonly uid: string;
}

/** Knows the tokens that the token controller signs. Every look asks for the secret: a token ends with it. */
export function createLegacyTokens(options: LegacyTokenOptions): TokenAuthenticator {
  const { clock, lookup, audiences } = options;
  const signing: Promise<SigningKey> = Promise.resolve(options.keys).then(({ privateKey }) => signingKey(privateKey));
  // The error reaches whoever shows a token; unasked it must not end the process.
  signing.catch(() => undefined);

  /** Why the token is not good (any more); undefined when it is. */
  const wrong = async (token: string, { namespace, secret, account, uid }: LegacyClaims): Promise<string | undefined> => {
    const found = await options.secret(namespace, secret);
    if (found === undefined || found.metadata.deletionTimestamp !== undefined) return 'Token has been invalidated';
    if (Buffer.from(found.data?.['token'] ?? '', 'base64').toString('utf8') !== token) return "Token does not match server's copy";
    const owner = await lookup('ServiceAccount', namespace, account);
    if (owner === undefined) return `serviceaccounts ${JSON.stringify(account)} not found`;
    if (owner.deletionTimestamp !== undefined) return 'ServiceAccount has been deleted';
    if (owner.uid !== uid) return `ServiceAccount UID (${owner.uid}) does not match claim (${uid})`;
    const { labels } = found.metadata;
    if (labels?.[invalidSince] !== undefined)
      return `the token in secret ${namespace}/${secret} for service account ${namespace}/${account} has been marked invalid. Use tokens from the TokenRequest API or manually created secret-based tokens, or remove the '${invalidSince}' label from the secret to temporarily allow use of this token`;
    const today = new Date(clock.now()).toISOString().slice(0, 10);
    if (labels?.[lastUsed] !== today) options.used(namespace, secret, today);
    return undefined;
  };
  return {
    async authenticateToken(token, asked = audiences, note) {
      const parsed = parseToken(token);
      if (parsed?.claims['iss'] !== issuer) return { user: undefined };
      const forged = signatureError(parsed, await signing);
      if (forged !== undefined) return { user: undefined, error: forged };
      const claims = readClaims(parsed.claims);
      if (claims === undefined) return { user: undefined, error: 'the token does not name its secret and service account' };
      const accepted = asked.filter((audience) => audiences.includes(audience));
      const shown = (list: readonly string[]): string => `[${list.map((one) => JSON.stringify(one)).join(' ')}]`;
      if (accepted.length === 0)
        return { user: undefined, error: `token audiences ${shown(audiences)} is invalid for the target audiences ${shown(asked)}` };
      const error = await wrong(token, claims);
      if (error !== undefined) return { user: undefined, error };
      const { namespace, account, uid, secret } = claims;
      const wasMade = await options.isReferenced(namespace, account, secret);
      note?.('authentication.k8s.io/legacy-token', serviceAccountName(namespace, account));
      note?.(`authentication.k8s.io/legacy-token-${wasMade ? 'autogenerated' : 'manual'}-secret`, secret);
      return {
        user: { name: serviceAccountName(namespace, account), uid, groups: [...serviceAccountGroups(namespace), authenticatedGroup] },
        audiences: accepted,
        ...(wasMade ? { warnings: [oldFashioned] } : {}),
      };
    },
  };
}

function readClaims(claims: Readonly<Record<string, unknown>>): LegacyClaims | undefined {
  const text = (name: string): string => {
    const value = claims[`${prefix}${name}`];
    return typeof value === 'string' ? value : '';
  };
  const read = {
    namespace: text('namespace'),
    secret: text('secret.name'),
    account: text('service-account.name'),
    uid: text('service-account.uid'),
  };
  const whole = Object.values(read).every((value) => value !== '');
  return whole && claims['sub'] === serviceAccountName(read.namespace, read.account) ? read : undefined;
}
