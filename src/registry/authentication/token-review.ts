// Whose token is this. An empty token is a plain 400 of whoever answers, not a broken field.
// https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-review-v1/
import type { KindDefinition } from '../kind.js';

export const tokenReview: KindDefinition = {
  group: 'authentication.k8s.io',
  version: 'v1',
  resource: 'tokenreviews',
  nameRule: 'any',
};
