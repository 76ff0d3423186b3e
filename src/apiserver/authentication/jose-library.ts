// The library for signatures of JSON web tokens, in a file of its own to be loaded late: most clusters have no issuer but their own.
export { compactVerify, createLocalJWKSet, errors } from 'jose';
