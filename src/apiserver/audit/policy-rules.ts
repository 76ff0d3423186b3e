// Which rule of a policy a request comes under.
// https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/#audit-policy
import type { UserInfo } from '../../registry/kind.js';
import type { AuditLevel } from './context.js';
import type { AuditStage } from './event.js';
import type { AuditGroupResources, AuditPolicy, AuditPolicyRule } from './policy.js';

/** What the rules look at. */
export interface AuditedRequest {
  readonly verb: string;
  /** Absent for what is no resource. */
  readonly resource?: AuditedResource | undefined;
  readonly path: string;
}

export interface AuditedResource {
  readonly group: string;
  readonly resource: string;
  /** '' for none, as for the next two. */
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
}

/** What a rule says of the events of a request. */
export interface AuditVerdict {
  readonly level: AuditLevel;
  readonly omitStages: ReadonlySet<AuditStage>;
  readonly omitManagedFields: boolean;
}

/** `user`: who asks, not whom they act as; undefined when that could not be told. undefined: the request is not audited. */
export type AuditRules = (request: AuditedRequest, user: UserInfo | undefined) => AuditVerdict | undefined;

export function auditRules(policy: AuditPolicy): AuditRules {
  const rules = policy.rules.map((rule) => ({
    matches: matcherOf(rule),
    verdict:
      rule.level === 'None'
        ? undefined
        : {
            level: rule.level,
            omitStages: new Set([...(policy.omitStages ?? []), ...(rule.omitStages ?? [])]),
            omitManagedFields: rule.omitManagedFields ?? policy.omitManagedFields ?? false,
          },
  }));
  return (request, user) => {
    for (const { matches, verdict } of rules) if (matches(request, user)) return verdict;
    return undefined;
  };
}

type Matcher = (request: AuditedRequest, user: UserInfo | undefined) => boolean;

function matcherOf(rule: AuditPolicyRule): Matcher {
  const [users, groups, verbs, namespaces] = [rule.users, rule.userGroups, rule.verbs, rule.namespaces].map(setOf);
  const resources = (rule.resources ?? []).map(resourcesMatcher);
  const urls = rule.nonResourceURLs ?? [];
  const ofResources = resources.length > 0 || namespaces !== undefined;
  return ({ verb, resource, path }, user) => {
    if (users !== undefined && (user === undefined || !users.has(user.name))) return false;
    if (groups !== undefined && user?.groups.some((group) => groups.has(group)) !== true) return false;
    if (verbs !== undefined && !verbs.has(verb)) return false;
    if (ofResources) {
      if (resource === undefined || namespaces?.has(resource.namespace) === false) return false;
      return resources.length === 0 || resources.some((matches) => matches(resource));
    }
    return urls.length === 0 || (resource === undefined && urls.some((url) => matchesPath(url, path)));
  };
}

/** A file may say null for nothing. */
function setOf(list: readonly string[] | null | undefined): ReadonlySet<string> | undefined {
  return list == null || list.length === 0 ? undefined : new Set(list);
}

function resourcesMatcher({ group, resources, resourceNames }: AuditGroupResources): (resource: AuditedResource) => boolean {
  const kinds = setOf(resources);
  const names = setOf(resourceNames);
  return (asked) => {
    if (group !== '*' && asked.group !== (group ?? '')) return false;
    if (names?.has(asked.name) === false) return false;
    if (kinds === undefined || kinds.has('*')) return true;
    const { resource, subresource } = asked;
    // With all below it means: and itself.
    if (kinds.has(subresource === '' ? resource : `${resource}/${subresource}`) || kinds.has(`${resource}/*`)) return true;
    return subresource !== '' && kinds.has(`*/${subresource}`);
  };
}

function matchesPath(url: string, path: string): boolean {
  return url === '*' || url === path || (url.endsWith('*') && path.startsWith(url.slice(0, -1)));
}
