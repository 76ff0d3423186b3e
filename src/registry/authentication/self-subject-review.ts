// Who am I. https://kubernetes.io/docs/reference/access-authn-authz/authentication/#self-subject-review
import type { KindDefinition } from '../kind.js';

export const selfSubjectReview: KindDefinition = {
  group: 'authentication.k8s.io',
  version: 'v1',
  resource: 'selfsubjectreviews',
  nameRule: 'any',
};
