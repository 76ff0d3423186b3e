// Decides by roles and bindings.
// https://kubernetes.io/docs/reference/access-authn-authz/rbac/
import type { UserInfo } from '../../registry/kind.js';
import type { NonResourceRule, ResourceRule } from '../../../openapi/types/authorization.v1.js';
import { isResourceRequest, type Attributes, type Decision, type SyncAuthorizer, type UserRules } from './authorizer.js';
import type { RbacIndex } from './rbac-index.js';
import { matchesPath, matchesResource, speaksOfAllNames } from './rules.js';

/** What was found for one question of a user, whatever the name it is asked for. */
interface Answer {
  /** From rules that speak of single objects. */
  readonly byName: ReadonlyMap<string, Decision>;
  readonly otherwise: Decision;
}

interface Remembered {
  readonly generation: number;
  readonly answers: Map<string, Answer>;
}

/** As many questions as a busy user asks; then all are forgotten, so that odd paths cannot fill the memory. */
const mostAnswers = 1000;
const longestQuestion = 500;

/**
 * RBAC over an index. Users are remembered by identity with the answers they got, until a role or binding changes: a user who asks
 * the same again costs one look-up.
 */
export function createRbacAuthorizer(index: RbacIndex): SyncAuthorizer {
  const remembered = new WeakMap<UserInfo, Remembered>();

  function answersOf(user: UserInfo): Map<string, Answer> {
    const known = remembered.get(user);
    if (known?.generation === index.generation) return known.answers;
    const answers = new Map<string, Answer>();
    remembered.set(user, { generation: index.generation, answers });
    return answers;
  }

  return {
    authorize(attributes) {
      const question = questionOf(attributes);
      const answers = answersOf(attributes.user);
      let answer = answers.get(question);
      if (answer === undefined) {
        answer = findAnswer(index, attributes);
        if (answers.size >= mostAnswers) answers.clear();
        if (question.length <= longestQuestion) answers.set(question, answer);
      }
      const name = isResourceRequest(attributes) ? attributes.name : '';
      return answer.byName.get(name) ?? answer.otherwise;
    },
    rulesFor: (user, namespace) => rulesOf(index, user, namespace),
  };
}

function questionOf(attributes: Attributes): string {
  if (!isResourceRequest(attributes)) return `${attributes.verb} ${attributes.path}`;
  const { verb, group, resource, subresource, namespace } = attributes;
  return `${verb}\0${group}\0${resource}\0${subresource}\0${namespace}`;
}

function findAnswer(index: RbacIndex, attributes: Attributes): Answer {
  const byName = new Map<string, Decision>();
  const errors: string[] = [];
  const resource = isResourceRequest(attributes);
  for (const { source, rules, error } of index.grants(attributes.user, resource ? attributes.namespace : '')) {
    if (error !== undefined) errors.push(error);
    for (const rule of rules) {
      if (!(resource ? matchesResource(rule, attributes) : matchesPath(rule, attributes))) continue;
      const decision: Decision = { allowed: true, reason: `RBAC: allowed by ${source()}` };
      // What speaks of all names ends the search.
      if (!resource || speaksOfAllNames(rule)) return { byName, otherwise: decision };
      for (const name of rule.resourceNames ?? []) if (!byName.has(name)) byName.set(name, decision);
    }
  }
  return { byName, otherwise: no(errors) };
}

function no(errors: readonly string[]): Decision {
  const reason = errors.length === 0 ? '' : `RBAC: ${errors.length === 1 ? errors[0]! : `[${errors.join(', ')}]`}`;
  return { allowed: false, reason };
}

function rulesOf(index: RbacIndex, user: UserInfo, namespace: string): UserRules {
  const resourceRules: ResourceRule[] = [];
  const nonResourceRules: NonResourceRule[] = [];
  const errors: string[] = [];
  for (const { rules, error } of index.grants(user, namespace)) {
    if (error !== undefined) errors.push(error);
    for (const { verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } of rules) {
      if (resources.length > 0)
        resourceRules.push({ verbs, apiGroups, resources, ...(resourceNames.length === 0 ? {} : { resourceNames }) });
      if (nonResourceURLs.length > 0) nonResourceRules.push({ verbs, nonResourceURLs });
    }
  }
  return { resourceRules, nonResourceRules, incomplete: false, errors };
}
