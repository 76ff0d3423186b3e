// What may I do in this namespace. A request without a namespace is a plain 400 of whoever answers.
// https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/self-subject-rules-review-v1/
import type { KindDefinition } from '../kind.js';

export const selfSubjectRulesReview: KindDefinition = {
  group: 'authorization.k8s.io',
  version: 'v1',
  resource: 'selfsubjectrulesreviews',
  nameRule: 'any',
};
