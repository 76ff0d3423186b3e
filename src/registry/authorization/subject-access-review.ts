// May this user do that. https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/subject-access-review-v1/
import type { SubjectAccessReview } from '../../../openapi/types/authorization.v1.js';
import type { Draft } from '../../apimachinery/object.js';
import type { KindDefinition } from '../kind.js';
import { attributeErrors, metadataErrors, userErrors } from './rules.js';

export const subjectAccessReview: KindDefinition = {
  group: 'authorization.k8s.io',
  version: 'v1',
  resource: 'subjectaccessreviews',
  nameRule: 'any',
  strategy: {
    validate: (object) => {
      const spec = (object as Draft<SubjectAccessReview>).spec ?? {};
      return [...attributeErrors(spec), ...userErrors(spec), ...metadataErrors(object, false)];
    },
  },
};
