// The kinds of the group: reviews that are answered and never stored. Who answers them is registered with the API server.
// https://kubernetes.io/docs/reference/access-authn-authz/authorization/
import type { KindDefinition } from '../kind.js';
import { localSubjectAccessReview } from './local-subject-access-review.js';
import { selfSubjectAccessReview } from './self-subject-access-review.js';
import { selfSubjectRulesReview } from './self-subject-rules-review.js';
import { subjectAccessReview } from './subject-access-review.js';

export const authorizationKinds: readonly KindDefinition[] = [
  localSubjectAccessReview,
  selfSubjectAccessReview,
  selfSubjectRulesReview,
  subjectAccessReview,
];
