// Which flow schema a request belongs to.
// https://kubernetes.io/docs/concepts/cluster-administration/flow-control/#flowschema
import type {
  FlowSchema,
  NonResourcePolicyRule,
  PolicyRulesWithSubjects,
  ResourcePolicyRule,
  Subject,
} from '../../../openapi/types/flowcontrol.v1.js';
import type { UserInfo } from '../../registry/kind.js';
import { isResourceRequest, type Attributes, type NonResourceAttributes, type ResourceAttributes } from '../authorization/authorizer.js';
import { serviceAccountName } from '../authentication/groups.js';

/** A flow schema with its rules of one user. */
interface Candidate {
  readonly schema: FlowSchema;
  readonly rules: readonly PolicyRulesWithSubjects[];
}

/** Looks through flow schemas in their order: the lowest precedence first, then by name. */
export class Matcher {
  /** What may match a user at all is found once for each user object. */
  readonly #candidates = new WeakMap<UserInfo, readonly Candidate[]>();
  readonly #schemas: readonly FlowSchema[];

  constructor(schemas: readonly FlowSchema[]) {
    this.#schemas = [...schemas].sort(byPrecedence);
  }

  /** The first schema that a rule of matches the request; undefined when none does. */
  match(request: Attributes): FlowSchema | undefined {
    const { user } = request;
    let candidates = this.#candidates.get(user);
    if (candidates === undefined) this.#candidates.set(user, (candidates = this.#of(user)));
    for (const { schema, rules } of candidates) {
      for (const rule of rules) if (ruleMatches(rule, request)) return schema;
    }
    return undefined;
  }

  #of(user: UserInfo): readonly Candidate[] {
    const candidates: Candidate[] = [];
    for (const schema of this.#schemas) {
      const rules = (schema.spec?.rules ?? []).filter(({ subjects }) => subjects.some((subject) => subjectMatches(subject, user)));
      if (rules.length > 0) candidates.push({ schema, rules });
    }
    return candidates;
  }
}

function byPrecedence(a: FlowSchema, b: FlowSchema): number {
  const first = a.spec?.matchingPrecedence ?? 0;
  const second = b.spec?.matchingPrecedence ?? 0;
  return first !== second ? first - second : a.metadata.name < b.metadata.name ? -1 : 1;
}

function subjectMatches({ kind, user, group, serviceAccount }: Subject, asking: UserInfo): boolean {
  switch (kind) {
    case 'User':
      return user !== undefined && (user.name === '*' || user.name === asking.name);
    case 'Group':
      return group !== undefined && (group.name === '*' || asking.groups.includes(group.name));
    case 'ServiceAccount': {
      if (serviceAccount === undefined) return false;
      const { namespace, name } = serviceAccount;
      return name === '*' ? asking.name.startsWith(serviceAccountName(namespace, '')) : asking.name === serviceAccountName(namespace, name);
    }
    default:
      return false;
  }
}

function ruleMatches({ resourceRules, nonResourceRules }: PolicyRulesWithSubjects, request: Attributes): boolean {
  return isResourceRequest(request)
    ? (resourceRules ?? []).some((rule) => resourceMatches(rule, request))
    : (nonResourceRules ?? []).some((rule) => pathMatches(rule, request));
}

function has(list: readonly string[], value: string): boolean {
  return list.includes('*') || list.includes(value);
}

function resourceMatches(rule: ResourcePolicyRule, { verb, group, resource, subresource, namespace }: ResourceAttributes): boolean {
  if (!has(rule.verbs, verb) || !has(rule.apiGroups, group)) return false;
  if (!has(rule.resources, subresource === '' ? resource : `${resource}/${subresource}`)) return false;
  return namespace === '' ? rule.clusterScope === true : has(rule.namespaces ?? [], namespace);
}

function pathMatches({ verbs, nonResourceURLs }: NonResourcePolicyRule, { verb, path }: NonResourceAttributes): boolean {
  if (!has(verbs, verb)) return false;
  return nonResourceURLs.some((url) => url === '*' || url === path || (url.endsWith('/*') && path.startsWith(url.slice(0, -1))));
}
