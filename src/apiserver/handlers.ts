// The table of what the generic verbs do not answer: create-only kinds and subresources with a meaning of their own.
import type {
  LocalSubjectAccessReview,
  SelfSubjectAccessReview,
  SelfSubjectRulesReview,
  SubjectAccessReview,
} from '../../openapi/types/authorization.v1.js';
import type { SelfSubjectReview, TokenReview } from '../../openapi/types/authentication.v1.js';
import type { Draft, KubeObject, Mutable } from '../apimachinery/object.js';
import type { Work } from '../clock/slices.js';
import { reviewSelfSubject, reviewToken } from './authentication/reviews.js';
import type { TokenAuthenticator } from './authentication/authenticator.js';
import type { Authorizer } from './authorization/authorizer.js';
import { reviewLocalSubjectAccess, reviewSelfSubjectAccess, reviewSelfSubjectRules, reviewSubjectAccess } from './authorization/reviews.js';
import type { ApiRequest, ObjectResult } from './core/api-request.js';
import type { Core, ResourceHandler } from './core/core.js';
import { decodeRequestBodyWork, isLongBody, metadataOf } from './core/decode.js';
import { keepManagedFieldsWork } from './core/managers.js';
import type { BoundObjectLookup, ServiceAccountTokens } from './serviceaccounts/tokens.js';
import { admissionOf } from './subresources/admission.js';
import { bind } from './subresources/binding.js';
import { componentStatuses, type ComponentHealth } from './subresources/component-statuses.js';
import { evict } from './subresources/eviction.js';
import { getScale, patchScale, updateScale } from './subresources/scale.js';
import { tokenHandler } from './subresources/token.js';
import { workOf } from './verbs/turns.js';

export interface HandlerParts {
  readonly authorizer: Authorizer;
  readonly tokens: ServiceAccountTokens;
  readonly tokenAuthenticators: readonly TokenAuthenticator[];
  readonly lookup: BoundObjectLookup;
  readonly componentHealth: ComponentHealth;
}

export function createHandlers({
  authorizer,
  tokens,
  tokenAuthenticators,
  lookup,
  componentHealth,
}: HandlerParts): ReadonlyMap<string, ResourceHandler> {
  const components = componentStatuses(componentHealth);
  const authorization = 'create authorization.k8s.io';
  const authentication = 'create authentication.k8s.io';
  return new Map<string, ResourceHandler>([
    ['get */scale', getScale],
    ['update */scale', updateScale],
    ['patch */scale', patchScale],
    ['get /componentstatuses', components.get],
    ['list /componentstatuses', components.list],
    ['create /bindings', bind],
    ['create /pods/binding', bind],
    ['create /pods/eviction', evict],
    ['create /serviceaccounts/token', tokenHandler(tokens, lookup)],
    [
      `${authorization}/selfsubjectaccessreviews`,
      review((draft, { user }) => reviewSelfSubjectAccess(draft as Draft<SelfSubjectAccessReview>, user, authorizer)),
    ],
    [`${authorization}/subjectaccessreviews`, review((draft) => reviewSubjectAccess(draft as Draft<SubjectAccessReview>, authorizer))],
    [
      `${authorization}/localsubjectaccessreviews`,
      review((draft, { namespace }) => reviewLocalSubjectAccess(draft as Draft<LocalSubjectAccessReview>, namespace, authorizer)),
    ],
    [
      `${authorization}/selfsubjectrulesreviews`,
      review((draft, { user }) => reviewSelfSubjectRules(draft as Draft<SelfSubjectRulesReview>, user, authorizer)),
    ],
    [
      `${authentication}/selfsubjectreviews`,
      review((draft, { user }, core) => reviewSelfSubject(draft as Draft<SelfSubjectReview>, user, core.clock.now())),
    ],
    [`${authentication}/tokenreviews`, review((draft) => reviewToken(draft as Draft<TokenReview>, tokenAuthenticators))],
  ]);
}

type Review = (draft: unknown, request: ApiRequest, core: Core) => KubeObject | Promise<KubeObject>;

/** What is asked, with its managers. */
function* draftOf(core: Core, request: ApiRequest): Work<Mutable> {
  const draft = yield* decodeRequestBodyWork(core, request, request.kind, request.kind.schema());
  if (isLongBody(request)) yield;
  yield* keepManagedFieldsWork(core, request, draft, metadataOf(draft), undefined, isLongBody(request));
  return draft;
}

/** A kind whose create is a question: nothing is stored, the answer is the object with its status. */
function review(answer: Review): ResourceHandler {
  return async (core, request): Promise<ObjectResult> => {
    const read = workOf(request, draftOf(core, request));
    const draft = read instanceof Promise ? await read : read;
    await core.admission.admitSubresource(admissionOf(request, draft, request.options.dryRun === true));
    return { type: 'object', code: 201, kind: request.kind, object: await answer(draft, request, core) };
  };
}
