// Authorization checks of admission policies and webhooks' match conditions. https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-authorizer-library

import { failure } from '../evaluate/errors.js';
import { opaqueType } from '../types.js';
import type { CelType } from '../types.js';
import type { CelValue } from '../values/value.js';
import { OpaqueValue } from '../values/value.js';
import type { Costs, Library } from './overload.js';
import { library, overload } from './overload.js';

/** What is asked about: a path, or a resource. Empty texts are those that were not said. */
export interface AuthorizationQuestion {
  readonly user: AuthorizationUser;
  readonly verb: string;
  /** Of a question about a path; absent: the question is about a resource. */
  readonly path?: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly fieldSelector: string;
  readonly labelSelector: string;
}

/** Whose rights are asked about: the request's own user, or a service account. */
export type AuthorizationUser = 'request' | { readonly namespace: string; readonly serviceAccount: string };

export interface AuthorizationAnswer {
  readonly allowed: boolean;
  readonly reason: string;
  /** What went wrong in finding the answer; absent: nothing. */
  readonly error?: string;
}

/** Answers at once: expressions do not wait. Throw nothing. */
export type AskAuthorizer = (question: AuthorizationQuestion) => AuthorizationAnswer;

const authorizerType = opaqueType('kubernetes.authorization.Authorizer');
const pathType = opaqueType('kubernetes.authorization.PathCheck');
const groupType = opaqueType('kubernetes.authorization.GroupCheck');
const resourceType = opaqueType('kubernetes.authorization.ResourceCheck');
const decisionType = opaqueType('kubernetes.authorization.Decision');

interface Check {
  readonly ask: AskAuthorizer;
  readonly question: AuthorizationQuestion;
}

/** The types of the variables `authorizer` and `authorizer.requestResource`. */
export const authorizerTypes: { readonly authorizer: CelType; readonly resourceCheck: CelType } = {
  authorizer: authorizerType,
  resourceCheck: resourceType,
};

const nothing: AuthorizationQuestion = {
  user: 'request',
  verb: '',
  group: '',
  version: '*',
  resource: '',
  subresource: '',
  namespace: '',
  name: '',
  fieldSelector: '',
  labelSelector: '',
};

/** The value of the variable `authorizer`. */
export function authorizerValue(ask: AskAuthorizer): OpaqueValue {
  return new OpaqueValue(authorizerType, { ask, question: nothing } satisfies Check);
}

/** The value of the variable `authorizer.requestResource`: the question is about what the request is about. */
export function resourceCheckValue(ask: AskAuthorizer, about: Partial<AuthorizationQuestion>): OpaqueValue {
  return new OpaqueValue(resourceType, { ask, question: { ...nothing, ...about } } satisfies Check);
}

function refine(type: CelType, change: (...args: string[]) => Partial<AuthorizationQuestion>): (...args: CelValue[]) => CelValue {
  return (target, ...args) => {
    const { ask, question } = (target as OpaqueValue).content as Check;
    return new OpaqueValue(type, { ask, question: { ...question, ...change(...(args as string[])) } } satisfies Check);
  };
}

function check(target: CelValue, verb: CelValue): CelValue {
  const { ask, question } = (target as OpaqueValue).content as Check;
  return new OpaqueValue(decisionType, ask({ ...question, verb: verb as string }));
}

const decision = (value: CelValue): AuthorizationAnswer => (value as OpaqueValue).content as AuthorizationAnswer;

/** A question costs as much as a few hundred thousand comparisons. */
const askingCost = 350_000;
const asking: Costs = { cost: () => askingCost, estimate: () => ({ cost: { min: askingCost, max: askingCost } }) };

export function authorizerLibrary(): Library {
  const authorizer = authorizerType.name;
  const group = groupType.name;
  const resource = resourceType.name;
  const answer = decisionType.name;
  return library([
    overload(`${authorizer}.path(string): ${pathType.name}`, (target, path) => {
      if (path === '') throw failure('path must not be empty');
      return refine(pathType, (text = '') => ({ path: text }))(target, path);
    }),
    overload(
      `${authorizer}.group(string): ${group}`,
      refine(groupType, (text = '') => ({ group: text })),
    ),
    overload(
      `${authorizer}.serviceAccount(string, string): ${authorizer}`,
      refine(authorizerType, (namespace = '', serviceAccount = '') => ({ user: { namespace, serviceAccount } })),
    ),
    overload(
      `${group}.resource(string): ${resource}`,
      refine(resourceType, (text = '') => ({ resource: text })),
    ),
    overload(
      `${resource}.subresource(string): ${resource}`,
      refine(resourceType, (text = '') => ({ subresource: text })),
    ),
    overload(
      `${resource}.namespace(string): ${resource}`,
      refine(resourceType, (text = '') => ({ namespace: text })),
    ),
    overload(
      `${resource}.name(string): ${resource}`,
      refine(resourceType, (text = '') => ({ name: text })),
    ),
    overload(
      `${resource}.fieldSelector(string): ${resource}`,
      refine(resourceType, (text = '') => ({ fieldSelector: text })),
    ),
    overload(
      `${resource}.labelSelector(string): ${resource}`,
      refine(resourceType, (text = '') => ({ labelSelector: text })),
    ),
    overload(`${pathType.name}.check(string): ${answer}`, check, asking),
    overload(`${resource}.check(string): ${answer}`, check, asking),
    overload(`${answer}.allowed(): bool`, (value) => decision(value).allowed),
    overload(`${answer}.reason(): string`, (value) => decision(value).reason),
    overload(`${answer}.errored(): bool`, (value) => decision(value).error !== undefined),
    overload(`${answer}.error(): string`, (value) => decision(value).error ?? ''),
  ]);
}
