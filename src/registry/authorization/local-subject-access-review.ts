// May this user do that in this namespace.
// https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/local-subject-access-review-v1/
import type { LocalSubjectAccessReview } from '../../../openapi/types/authorization.v1.js';
import { invalid } from '../../apimachinery/errors/field-error.js';
import type { Draft } from '../../apimachinery/object.js';
import type { KindDefinition } from '../kind.js';
import type { Errors } from '../rules/fields.js';
import { attributeErrors, metadataErrors, userErrors } from './rules.js';

function localErrors(review: Draft<LocalSubjectAccessReview>): Errors {
  const { resourceAttributes: resource, nonResourceAttributes: path } = review.spec ?? {};
  const errors: Errors[number][] = [];
  if (resource !== undefined && (resource.namespace ?? '') !== (review.metadata?.namespace ?? '')) {
    errors.push(invalid('spec.resourceAttributes.namespace', resource.namespace ?? '', 'must match metadata.namespace'));
  }
  if (path !== undefined) {
    errors.push(
      invalid('spec.nonResourceAttributes', { Path: path.path ?? '', Verb: path.verb ?? '' }, 'disallowed on this kind of request'),
    );
  }
  return errors;
}

export const localSubjectAccessReview: KindDefinition = {
  group: 'authorization.k8s.io',
  version: 'v1',
  resource: 'localsubjectaccessreviews',
  nameRule: 'any',
  strategy: {
    validate: (object) => {
      const review = object as Draft<LocalSubjectAccessReview>;
      const spec = review.spec ?? {};
      return [...attributeErrors(spec), ...userErrors(spec), ...metadataErrors(object, true), ...localErrors(review)];
    },
  },
};
