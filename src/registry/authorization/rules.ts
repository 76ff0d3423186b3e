// What the access reviews share.
// https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access
import type { ResourceAttributes, SubjectAccessReviewSpec } from '../../../openapi/types/authorization.v1.js';
import { invalid, required } from '../../apimachinery/errors/field-error.js';
import type { Draft, KubeObject } from '../../apimachinery/object.js';
import { checkQualifiedName, eachAlone, type Errors } from '../rules/fields.js';

type Selector = NonNullable<Draft<ResourceAttributes>['fieldSelector']> | NonNullable<Draft<ResourceAttributes>['labelSelector']>;

function selectorErrors(field: string, selector: Selector | undefined, labels: boolean): Errors {
  if (selector === undefined) return [];
  const { rawSelector = '', requirements = [] } = selector;
  const errors: Errors[number][] = [];
  if (rawSelector !== '' && requirements.length > 0) {
    errors.push(invalid(`${field}.rawSelector`, rawSelector, 'may not specified at the same time as requirements'));
  }
  if (rawSelector === '' && requirements.length === 0) {
    errors.push(required(`${field}.requirements`, `when ${field} is specified, requirements or rawSelector is required`));
  }
  return [
    ...errors,
    ...eachAlone(`${field}.requirements`, requirements, (path, { key = '' }) => {
      if (labels) return checkQualifiedName(`${path}.key`, key);
      return key === '' ? [required(`${path}.key`, 'must be specified')] : [];
    }),
  ];
}

/** The attributes that a review asks about: of a resource or of a path. */
export function attributeErrors(spec: Draft<Pick<SubjectAccessReviewSpec, 'resourceAttributes' | 'nonResourceAttributes'>>): Errors {
  const { resourceAttributes: resource, nonResourceAttributes: path } = spec;
  if (resource !== undefined && path !== undefined) {
    const shown = { Path: path.path ?? '', Verb: path.verb ?? '' };
    return [invalid('spec.nonResourceAttributes', shown, 'cannot be specified in combination with resourceAttributes')];
  }
  if (resource === undefined && path === undefined) {
    return [invalid('spec.resourceAttributes', null, 'exactly one of nonResourceAttributes or resourceAttributes must be specified')];
  }
  return [
    ...selectorErrors('spec.resourceAttributes.fieldSelector', resource?.fieldSelector, false),
    ...selectorErrors('spec.resourceAttributes.labelSelector', resource?.labelSelector, true),
  ];
}

/** Reviews of another user name one, or groups. */
export function userErrors(spec: Draft<SubjectAccessReviewSpec>): Errors {
  return (spec.user ?? '') === '' && (spec.groups ?? []).length === 0
    ? [invalid('spec.user', '', 'at least one of user or group must be specified')]
    : [];
}

/** A review has no metadata; a local one has the namespace. */
export function metadataErrors(object: KubeObject, local: boolean): Errors {
  const present = Object.entries(object.metadata).filter(([field, value]) => value !== undefined && !(local && field === 'namespace'));
  if (present.length === 0) return [];
  return [invalid('metadata', object.metadata, local ? 'must be empty except for namespace' : 'must be empty')];
}
