// Bootstrap tokens: what machines that join a cluster show first.
// https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Secret } from '../../../openapi/types/core.v1.js';
import type { Clock } from '../../clock/clock.js';
import type { TokenAuthenticator } from './token-authenticator.js';
import { authenticatedGroup } from './groups.js';

export interface BootstrapTokenOptions {
  readonly clock: Clock;
  /** The API server's own audiences. */
  readonly audiences: readonly string[];
  /** A secret of kube-system, or undefined. */
  readonly secret: (name: string) => Promise<Secret | undefined>;
}

const form = /^([a-z0-9]{6})\.([a-z0-9]{16})$/;
/** With its zone. */
const timeForm = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:[.,]\d{1,20})?(?:Z|[+-]\d{2}:\d{2})$/;
const everyone = 'system:bootstrappers';
const groupForm = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/;

/** Knows the tokens in secrets of the type `bootstrap.kubernetes.io/token`. */
export function createBootstrapTokens({ clock, audiences, secret }: BootstrapTokenOptions): TokenAuthenticator {
  return {
    async authenticateToken(token, asked = audiences) {
      const [, id, key] = form.exec(token) ?? [];
      if (id === undefined || key === undefined) return { user: undefined };
      const found = await secret(`bootstrap-token-${id}`);
      const groups = found === undefined ? undefined : groupsOf(found, id, key, clock.now());
      const accepted = asked.filter((audience) => audiences.includes(audience));
      if (groups === undefined || accepted.length === 0) return { user: undefined };
      return { user: { name: `system:bootstrap:${id}`, groups: [...groups, authenticatedGroup] }, audiences: accepted };
    },
  };
}

/** The groups of the token's user; undefined when the secret does not vouch for the token. */
function groupsOf(secret: Secret, id: string, key: string, now: number): readonly string[] | undefined {
  const text = (field: string): string => Buffer.from(secret.data?.[field] ?? '', 'base64').toString('utf8');
  const good =
    secret.type === 'bootstrap.kubernetes.io/token' &&
    secret.metadata.deletionTimestamp === undefined &&
    text('token-id') === id &&
    sameText(text('token-secret'), key) &&
    text('usage-bootstrap-authentication') === 'true' &&
    !isOver(text('expiration'), now);
  if (!good) return undefined;
  const more = text('auth-extra-groups') === '' ? [] : text('auth-extra-groups').split(',');
  // One group that is not theirs to give spoils the token.
  return more.every((group) => groupForm.test(group)) ? [...new Set([everyone, ...more])].sort() : undefined;
}

/** A time that cannot be read is over. */
function isOver(expiration: string, now: number): boolean {
  if (expiration === '') return false;
  const time = timeForm.test(expiration) ? Date.parse(expiration) : NaN;
  return !(time > now);
}

/** Compares in a time that tells nothing. */
function sameText(a: string, b: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(a), hash(b));
}
