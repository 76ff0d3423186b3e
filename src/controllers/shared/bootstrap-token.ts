// What secrets with bootstrap tokens say.
// https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/#bootstrap-token-secret-format
import type { Secret } from '../../../openapi/types/core.v1.js';

/** Chooses bootstrap tokens in lists and watches. */
export const bootstrapSecretSelector = { namespace: 'kube-system', fieldSelector: 'type=bootstrap.kubernetes.io/token' } as const;

/** A field of the secret as text; '' when it is not there. */
export function secretText({ data }: Secret, field: string): string {
  return Buffer.from(data?.[field] ?? '', 'base64').toString('utf8');
}

/** When the token ends, in milliseconds since the epoch; 0 for a time that cannot be read (it is over), undefined for none. */
export function expirationOf(secret: Secret): number | undefined {
  const text = secretText(secret, 'expiration');
  if (text === '') return undefined;
  const time = /^\d{4}-\d{2}-\d{2}T/.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(time) ? 0 : time;
}

const idForm = /^[a-z0-9]{6}$/;
const secretForm = /^[a-z0-9]{16}$/;

/** The id and secret of a token that may be used to sign at this time; undefined otherwise. */
export function signingToken(secret: Secret, now: number): { readonly id: string; readonly secret: string } | undefined {
  const id = secretText(secret, 'token-id');
  const key = secretText(secret, 'token-secret');
  const expiration = expirationOf(secret);
  const usable =
    idForm.test(id) &&
    secretForm.test(key) &&
    secret.metadata.name === `bootstrap-token-${id}` &&
    secretText(secret, 'usage-bootstrap-signing') === 'true' &&
    (expiration === undefined || expiration > now);
  return usable ? { id, secret: key } : undefined;
}
