// The kinds of the group: reviews that are answered and never stored. Who answers them is registered with the API server.
// https://kubernetes.io/docs/reference/access-authn-authz/authentication/
import type { KindDefinition } from '../kind.js';
import { selfSubjectReview } from './self-subject-review.js';
import { tokenReview } from './token-review.js';

export const authenticationKinds: readonly KindDefinition[] = [selfSubjectReview, tokenReview];
