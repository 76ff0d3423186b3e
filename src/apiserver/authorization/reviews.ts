// The create-only kinds of authorization.k8s.io: may I, may they, what may I.
// https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access
import type {
  LocalSubjectAccessReview,
  SelfSubjectAccessReview,
  SelfSubjectRulesReview,
  SubjectAccessReview,
  SubjectAccessReviewSpec,
  SubjectAccessReviewStatus,
} from '../../../openapi/types/authorization.v1.js';
import type { ObjectMeta } from '../../../openapi/types/meta.v1.js';
import { ApiError, badRequest } from '../../apimachinery/errors/api-error.js';
import { invalid, invalidObject, type FieldError } from '../../apimachinery/errors/field-error.js';
import type { Draft } from '../../apimachinery/object.js';
import type { UserInfo } from '../../registry/kind.js';
import { joined, noRules, type Attributes, type Authorizer } from './authorizer.js';
import { readableSelectors, selectorProblems, selectorsErrors } from './review-selectors.js';

const apiVersion = 'authorization.k8s.io/v1';

type Spec = Draft<SubjectAccessReviewSpec>;

/** `kubectl auth can-i`. Rejects with 422 for a review that asks nothing or two things. */
export async function reviewSelfSubjectAccess(
  review: Draft<SelfSubjectAccessReview>,
  user: UserInfo,
  authorizer: Authorizer,
): Promise<SelfSubjectAccessReview> {
  const spec = review.spec ?? {};
  const metadata = settled(review.metadata, '');
  refuse([...questionErrors(spec), ...metadataErrors(metadata, false)]);
  return {
    kind: 'SelfSubjectAccessReview',
    apiVersion,
    metadata,
    spec: spec as SelfSubjectAccessReview['spec'],
    status: await statusOf(authorizer, spec, user),
  };
}

/** May this user. Rejects with 422 as above, and for a review without a user or group. */
export async function reviewSubjectAccess(review: Draft<SubjectAccessReview>, authorizer: Authorizer): Promise<SubjectAccessReview> {
  const spec = review.spec ?? {};
  const metadata = settled(review.metadata, '');
  refuse([...questionErrors(spec), ...subjectErrors(spec), ...metadataErrors(metadata, false)]);
  return {
    kind: 'SubjectAccessReview',
    apiVersion,
    metadata,
    spec: spec as SubjectAccessReviewSpec,
    status: await statusOf(authorizer, spec, userOf(spec)),
  };
}

/** May this user, in one namespace. `namespace` is the one of the URL. */
export async function reviewLocalSubjectAccess(
  review: Draft<LocalSubjectAccessReview>,
  namespace: string,
  authorizer: Authorizer,
): Promise<LocalSubjectAccessReview> {
  const spec = review.spec ?? {};
  const metadata = settled(review.metadata, namespace);
  const errors = [
    // Paths have an error of their own below.
    ...(spec.nonResourceAttributes != null && spec.resourceAttributes == null ? [] : questionErrors(spec)),
    ...subjectErrors(spec),
    ...metadataErrors(metadata, true),
  ];
  const asked = spec.resourceAttributes?.namespace ?? '';
  if (spec.resourceAttributes != null && asked !== namespace)
    errors.push(invalid('spec.resourceAttributes.namespace', asked, 'must match metadata.namespace'));
  if (spec.nonResourceAttributes != null)
    errors.push(invalid('spec.nonResourceAttributes', shownPath(spec), 'disallowed on this kind of request'));
  refuse(errors);
  return {
    kind: 'LocalSubjectAccessReview',
    apiVersion,
    metadata,
    spec: spec as SubjectAccessReviewSpec,
    status: await statusOf(authorizer, spec, userOf(spec)),
  };
}

/** `kubectl auth can-i --list`. Nothing of what was sent comes back. Throws 400 without a namespace. */
export function reviewSelfSubjectRules(
  review: Draft<SelfSubjectRulesReview>,
  user: UserInfo,
  authorizer: Authorizer,
): SelfSubjectRulesReview {
  const namespace = review.spec?.namespace ?? '';
  if (namespace === '') throw badRequest('no namespace on request');
  const { resourceRules, nonResourceRules, incomplete, errors } = authorizer.rulesFor?.(user, namespace) ?? noRules;
  const evaluationError = joined(errors);
  return {
    kind: 'SelfSubjectRulesReview',
    apiVersion,
    metadata: {} as ObjectMeta,
    spec: {},
    status: { resourceRules, nonResourceRules, incomplete, ...(evaluationError === undefined ? {} : { evaluationError }) },
  };
}

async function statusOf(authorizer: Authorizer, spec: Spec, user: UserInfo): Promise<SubjectAccessReviewStatus> {
  const { allowed, denied, reason, error } = await authorizer.authorize(attributesOf(spec, user));
  const problems = selectorProblems(spec.resourceAttributes);
  const evaluationError = [...(error === undefined ? [] : [error]), ...problems].join('; ');
  return {
    allowed,
    ...(denied === true ? { denied } : {}),
    ...(reason === '' ? {} : { reason }),
    ...(evaluationError === '' ? {} : { evaluationError }),
  };
}

function attributesOf({ resourceAttributes, nonResourceAttributes }: Spec, user: UserInfo): Attributes {
  if (resourceAttributes == null) return { user, verb: nonResourceAttributes?.verb ?? '', path: nonResourceAttributes?.path ?? '' };
  const { verb = '', group = '', version = '', resource = '', subresource = '', namespace = '', name = '' } = resourceAttributes;
  const selectors = readableSelectors(resourceAttributes);
  return {
    user,
    verb,
    group,
    version: version === '' ? '*' : version,
    resource,
    subresource,
    namespace,
    name,
    ...(selectors === undefined ? {} : { selectors }),
  };
}

function userOf({ user = '', uid, groups = [], extra }: Spec): UserInfo {
  return {
    name: user,
    groups: groups.filter((group) => group !== undefined),
    ...(uid === undefined ? {} : { uid }),
    ...(extra === undefined ? {} : { extra: extra as NonNullable<UserInfo['extra']> }),
  };
}

function questionErrors(spec: Spec): FieldError[] {
  const { resourceAttributes, nonResourceAttributes } = spec;
  if (resourceAttributes != null && nonResourceAttributes != null)
    return [invalid('spec.nonResourceAttributes', shownPath(spec), 'cannot be specified in combination with resourceAttributes')];
  if (resourceAttributes == null && nonResourceAttributes == null)
    return [invalid('spec.resourceAttributes', null, 'exactly one of nonResourceAttributes or resourceAttributes must be specified')];
  return selectorsErrors(resourceAttributes);
}

function subjectErrors({ user = '', groups = [] }: Spec): FieldError[] {
  return user === '' && groups.length === 0 ? [invalid('spec.user', '', 'at least one of user or group must be specified')] : [];
}

/** Fields of metadata in the order in which messages show them. */
const metadataFields = [
  'name',
  'generateName',
  'namespace',
  'labels',
  'annotations',
  'ownerReferences',
  'finalizers',
  'managedFields',
] as const;

/** Metadata as a write would have it: what only the server sets is forgotten, the namespace is the request's. Throws 400 when another is named. */
export function settled(metadata: Draft<ObjectMeta> | undefined, namespace: string): ObjectMeta {
  const given = metadata?.namespace ?? '';
  if (namespace !== '' && given !== '' && given !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  const kept: Record<string, unknown> = {};
  for (const field of metadataFields) {
    const value = field === 'namespace' ? (namespace === '' ? undefined : namespace) : metadata?.[field];
    if (value !== undefined) kept[field] = value;
  }
  return kept as unknown as ObjectMeta;
}

/** A review has no metadata but what the server itself puts there, and of a local one the namespace. */
function metadataErrors(metadata: ObjectMeta, local: boolean): FieldError[] {
  const said = Object.entries(metadata).filter(([key, value]) => {
    if (key === 'managedFields' || (local && key === 'namespace')) return false;
    return value !== null && value !== '' && !(typeof value === 'object' && Object.keys(value as object).length === 0);
  });
  return said.length === 0 ? [] : [invalid('metadata', metadata, local ? 'must be empty except for namespace' : 'must be empty')];
}

/** The real server shows the fields under the names they have inside it. */
function shownPath({ nonResourceAttributes }: Spec): object {
  return { Path: nonResourceAttributes?.path ?? '', Verb: nonResourceAttributes?.verb ?? '' };
}

/** The real server's 422 of reviews names no kind. */
function refuse(errors: readonly FieldError[]): void {
  if (errors.length === 0) return;
  const { status } = invalidObject({ group: 'authorization.k8s.io', kind: '' }, '', errors);
  const { group, causes } = status.details ?? {};
  throw new ApiError(422, 'Invalid', status.message ?? '', {
    ...(group === undefined ? {} : { group }),
    ...(causes === undefined ? {} : { causes }),
  });
}
