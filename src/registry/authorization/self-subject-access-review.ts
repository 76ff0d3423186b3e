// May I do that. https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/self-subject-access-review-v1/
import type { SelfSubjectAccessReview } from '../../../openapi/types/authorization.v1.js';
import type { Draft } from '../../apimachinery/object.js';
import type { KindDefinition } from '../kind.js';
import { attributeErrors, metadataErrors } from './rules.js';

export const selfSubjectAccessReview: KindDefinition = {
  group: 'authorization.k8s.io',
  version: 'v1',
  resource: 'selfsubjectaccessreviews',
  nameRule: 'any',
  strategy: {
    validate: (object) => [...attributeErrors((object as Draft<SelfSubjectAccessReview>).spec ?? {}), ...metadataErrors(object, false)],
  },
};
