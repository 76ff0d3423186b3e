// May they: the question, the answer, and those who are always allowed.
// https://kubernetes.io/docs/reference/access-authn-authz/authorization/
import { mastersGroup } from '../authentication/groups.js';
import type { NonResourceRule, ResourceRule } from '../../../openapi/types/authorization.v1.js';
import type { UserInfo } from '../../registry/kind.js';

/** A request for a resource. */
export interface ResourceAttributes {
  readonly user: UserInfo;
  /** get, list, watch, create, update, patch, delete, deletecollection, impersonate, bind, … */
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  /** '' for the resource itself. */
  readonly subresource: string;
  /** '' for a cluster-scoped resource, or all namespaces. */
  readonly namespace: string;
  /** '' for none (list, create, …); of a list also the one that its field selector names. */
  readonly name: string;
  /** What a list, watch or deletecollection is narrowed to; absent: nothing. Read only by those who look at it. */
  readonly selectors?: RequestSelectors;
}

/** One requirement of a selector as access reviews write it. */
export interface SelectorRequirement {
  readonly key: string;
  /** In, NotIn; of labels also Exists and DoesNotExist. */
  readonly operator: string;
  /** None for Exists and DoesNotExist. */
  readonly values: readonly string[];
}

/** Selectors that can be read; one that cannot narrows nothing. https://kep.k8s.io/4601 */
export interface RequestSelectors {
  readonly fields: readonly SelectorRequirement[];
  readonly labels: readonly SelectorRequirement[];
}

/** A request for a path that is no resource: `/version`. */
export interface NonResourceAttributes {
  readonly user: UserInfo;
  /** The HTTP method in lower case. */
  readonly verb: string;
  readonly path: string;
}

export type Attributes = ResourceAttributes | NonResourceAttributes;

export function isResourceRequest(attributes: Attributes): attributes is ResourceAttributes {
  return 'resource' in attributes;
}

export interface Decision {
  readonly allowed: boolean;
  /** Nobody else is asked. Neither allowed nor denied: no opinion. */
  readonly denied?: boolean;
  /** Why, as access reviews and messages show it; may be ''. */
  readonly reason: string;
  /** What went wrong in finding out. A request that is not allowed is then answered with a 500. */
  readonly error?: string;
}

/** Decides. Those who have to ask others do it later. Never rejects: what goes wrong is the decision's `error`. */
export interface Authorizer {
  authorize(attributes: Attributes): Decision | Promise<Decision>;
  /** All that the user may do in the namespace, as far as this authorizer can tell; absent: it has nothing to say. */
  rulesFor?(user: UserInfo, namespace: string): UserRules;
}

/** What a SelfSubjectRulesReview shows. */
export interface UserRules {
  readonly resourceRules: readonly ResourceRule[];
  readonly nonResourceRules: readonly NonResourceRule[];
  /** There may be more. */
  readonly incomplete: boolean;
  readonly errors: readonly string[];
}

/** Decides from memory. */
export interface SyncAuthorizer extends Authorizer {
  authorize(attributes: Attributes): Decision;
}

/** The members of `system:masters` may do everything: the API server itself, and who holds an administrator's certificate of old. */
const mastersAllowed: Decision = { allowed: true, reason: '' };

/** Asks one after the other; the first who allows or denies decides. When nobody does, all reasons and errors are told. */
export function createAuthorizer(authorizers: readonly SyncAuthorizer[]): SyncAuthorizer;
export function createAuthorizer(authorizers: readonly Authorizer[]): Authorizer;
export function createAuthorizer(authorizers: readonly Authorizer[]): Authorizer {
  return {
    authorize(attributes) {
      if (attributes.user.groups.includes(mastersGroup)) return mastersAllowed;
      return askFrom(authorizers, 0, attributes, [], []);
    },
    rulesFor(user, namespace) {
      const all = authorizers.flatMap((authorizer) => authorizer.rulesFor?.(user, namespace) ?? []);
      return {
        resourceRules: all.flatMap(({ resourceRules }) => resourceRules),
        nonResourceRules: all.flatMap(({ nonResourceRules }) => nonResourceRules),
        incomplete: all.some(({ incomplete }) => incomplete),
        errors: all.flatMap(({ errors }) => errors),
      };
    },
  };
}

function askFrom(
  authorizers: readonly Authorizer[],
  first: number,
  attributes: Attributes,
  reasons: string[],
  errors: string[],
): Decision | Promise<Decision> {
  for (let index = first; index < authorizers.length; index++) {
    const decision = authorizers[index]!.authorize(attributes);
    if (decision instanceof Promise) {
      return decision.then((answer) =>
        decides(answer, reasons, errors) ? answer : askFrom(authorizers, index + 1, attributes, reasons, errors),
      );
    }
    if (decides(decision, reasons, errors)) return decision;
  }
  const error = joined(errors);
  return { allowed: false, reason: reasons.join('\n'), ...(error === undefined ? {} : { error }) };
}

/** Whether this is the last word. What else was said is noted. */
function decides({ allowed, denied, reason, error }: Decision, reasons: string[], errors: string[]): boolean {
  if (allowed || denied === true) return true;
  if (reason !== '') reasons.push(reason);
  if (error !== undefined && !errors.includes(error)) errors.push(error);
  return false;
}

/** Several errors as one text. */
export function joined(errors: readonly string[]): string | undefined {
  return errors.length > 1 ? `[${errors.join(', ')}]` : errors[0];
}

/** What an authorizer says that cannot list rules. */
export function unknownRules(error: string): UserRules {
  return { resourceRules: [], nonResourceRules: [], incomplete: true, errors: [error] };
}

/** What an authorizer says that gives nobody anything by rules. */
export const noRules: UserRules = { resourceRules: [], nonResourceRules: [], incomplete: false, errors: [] };
