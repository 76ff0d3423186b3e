// The create-only kinds of authentication.k8s.io: who am I, and whose is this token.
// https://kubernetes.io/docs/reference/access-authn-authz/authentication/#self-subject-review
import type { SelfSubjectReview, TokenReview, UserInfo as ReviewedUser } from '../../../openapi/types/authentication.v1.js';
import type { ObjectMeta } from '../../../openapi/types/meta.v1.js';
import { formatTime } from '../../clock/clock.js';
import { badRequest } from '../../apimachinery/errors/api-error.js';
import type { Draft } from '../../apimachinery/object.js';
import type { UserInfo } from '../../registry/kind.js';
import { authenticateToken, type TokenAuthenticator } from './authenticator.js';
import { authenticated } from './groups.js';

/** `kubectl auth whoami`. Nothing of what was sent comes back. `now` in milliseconds since the epoch. */
export function reviewSelfSubject(_review: Draft<SelfSubjectReview>, user: UserInfo, now: number): SelfSubjectReview {
  return {
    kind: 'SelfSubjectReview',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { creationTimestamp: formatTime(now) } as ObjectMeta,
    status: { userInfo: shown(user) },
  };
}

/** Whose token it is: the answer to webhooks that have tokens checked. Rejects with 400 for a review without a token. */
export async function reviewToken(review: Draft<TokenReview>, tokens: readonly TokenAuthenticator[]): Promise<TokenReview> {
  const token = review.spec?.token ?? '';
  if (token === '') throw badRequest('token is required for TokenReview in authentication');
  const asked = review.spec?.audiences?.filter((audience) => audience !== undefined) ?? [];
  const answer = await authenticateToken(tokens, token, asked.length === 0 ? undefined : asked);
  return {
    kind: 'TokenReview',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: withoutNamespace(review.metadata),
    spec: { token, ...(asked.length === 0 ? {} : { audiences: asked }) },
    status:
      answer.user === undefined
        ? { user: {}, error: errorText(['invalid bearer token', ...answer.errors]) }
        : { authenticated: true, user: shown(authenticated(answer.user)), audiences: answer.audiences },
  };
}

/** Token reviews belong to no namespace; one that is named is forgotten. */
function withoutNamespace(metadata: Draft<ObjectMeta> | undefined): ObjectMeta {
  const { namespace: _, ...rest } = metadata ?? {};
  return rest as unknown as ObjectMeta;
}

function errorText(errors: readonly string[]): string {
  return errors.length === 1 ? errors[0]! : `[${errors.join(', ')}]`;
}

function shown({ name, uid, groups, extra }: UserInfo): ReviewedUser {
  return {
    username: name,
    ...(uid === undefined || uid === '' ? {} : { uid }),
    ...(groups.length === 0 ? {} : { groups }),
    ...(extra === undefined || Object.keys(extra).length === 0 ? {} : { extra }),
  };
}
