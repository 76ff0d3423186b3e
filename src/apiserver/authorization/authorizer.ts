// May they: the question, the answer, and those who are always allowed.
// https://kubernetes.io/docs/reference/access-authn-authz/authorization/
import { mastersGroup } from '../authentication/groups.js';
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
  /** '' for none (list, create, …). */
  readonly name: string;
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
  /** Why, as access reviews and messages show it; may be ''. */
  readonly reason: string;
}

/** Synchronous: decides from memory. */
export interface Authorizer {
  authorize(attributes: Attributes): Decision;
}

/** The members of `system:masters` may do everything: the API server itself, and who holds an administrator's certificate of old. */
const mastersAllowed: Decision = { allowed: true, reason: '' };

/** Asks one after the other; the first who allows decides. When nobody does, all reasons are told. */
export function createAuthorizer(authorizers: readonly Authorizer[]): Authorizer {
  return {
    authorize(attributes) {
      if (attributes.user.groups.includes(mastersGroup)) return mastersAllowed;
      const reasons: string[] = [];
      for (const authorizer of authorizers) {
        const decision = authorizer.authorize(attributes);
        if (decision.allowed) return decision;
        if (decision.reason !== '') reasons.push(decision.reason);
      }
      return { allowed: false, reason: reasons.join('\n') };
    },
  };
}
