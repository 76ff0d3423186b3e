// What lets others check service account tokens: the issuer's OpenID documents.
// https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#service-account-issuer-discovery
import { createPublicKey } from 'node:crypto';
import { keyId } from './jwt.js';

/** The body of `/.well-known/openid-configuration` (`application/json`). `server` is where the keys are fetched: `https://127.0.0.1:6443`. */
export function openidConfiguration(issuer: string, server: string): object {
  return {
    issuer,
    jwks_uri: `${server}/openid/v1/jwks`,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
  };
}

/** The body of `/openid/v1/jwks` (`application/jwk-set+json`), from the public key in PEM. */
export function jsonWebKeySet(publicKey: string): object {
  const key = createPublicKey(publicKey);
  const { n, e } = key.export({ format: 'jwk' });
  return { keys: [{ use: 'sig', kty: 'RSA', kid: keyId(key), alg: 'RS256', n, e }] };
}
