// The rules by which a flow schema picks requests.
// https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/flow-schema-v1/
import type { NonResourcePolicyRule, PolicyRulesWithSubjects, ResourcePolicyRule, Subject } from '../../../openapi/types/flowcontrol.v1.js';
import { fieldForbidden, invalid, notSupported, required } from '../../apimachinery/errors/field-error.js';
import { labelNameProblems } from '../../apimachinery/names/names.js';
import type { Draft } from '../../apimachinery/object.js';
import { checkLabelName, checkSubdomain, each, eachAlone, needed, oneOf, type Errors } from '../rules/fields.js';

const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'proxy', 'update', 'watch'];
const sources = { User: 'user', Group: 'group', ServiceAccount: 'serviceAccount' } as const;

/** What a subject of each kind may not have beside its own, in the order of the messages. */
const others = {
  user: [
    ['ServiceAccount', 'serviceAccount'],
    ['Group', 'group'],
  ],
  group: [
    ['ServiceAccount', 'serviceAccount'],
    ['User', 'user'],
  ],
  serviceAccount: [
    ['User', 'user'],
    ['Group', 'group'],
  ],
} as const;

function subjectErrors(field: string, subject: Draft<Subject>): Errors {
  const kind = subject.kind ?? '';
  if (!Object.hasOwn(sources, kind)) return oneOf(`${field}.kind`, kind, ['Group', 'ServiceAccount', 'User']);
  const own = sources[kind as keyof typeof sources];
  const errors: Errors[number][] = [];
  const source = subject[own];
  if (source === undefined) errors.push(required(`${field}.${own}`, `${own} is required when subject kind is '${kind}'`));
  else if (own === 'serviceAccount') {
    const { name = '', namespace = '' } = subject.serviceAccount ?? {};
    if (name === '') errors.push(required(`${field}.${own}.name`));
    else if (name !== '*') errors.push(...checkSubdomain(`${field}.${own}.name`, name));
    if (namespace === '') errors.push(required(`${field}.${own}.namespace`, 'must specify namespace for service account'));
    else errors.push(...checkLabelName(`${field}.${own}.namespace`, namespace));
  } else errors.push(...needed(`${field}.${own}.name`, source.name));
  for (const [other, name] of others[own]) {
    if (subject[name] !== undefined)
      errors.push(fieldForbidden(`${field}.${name}`, `${name} is forbidden when subject kind is not '${other}'`));
  }
  return errors;
}

type List = readonly (string | undefined)[] | undefined;

function onlyStar(field: string, values: List, what: string): Errors {
  return (values ?? []).length > 1 && values!.includes('*')
    ? [invalid(field, values, `if '*' is present, must not specify other ${what}`)]
    : [];
}

function verbErrors(field: string, values: List): Errors {
  const list = values ?? [];
  if (list.length === 0) return [required(field, 'verbs must contain at least one value')];
  if (list.includes('*')) return onlyStar(field, list, 'verbs');
  return list.every((verb) => verbs.includes(verb ?? '')) ? [] : [notSupported(field, list, verbs)];
}

function listErrors(field: string, values: List, missing: string, what: string): Errors {
  return (values ?? []).length === 0 ? [required(field, missing)] : onlyStar(field, values, what);
}

function resourceRuleErrors(field: string, rule: Draft<ResourcePolicyRule>): Errors {
  const errors = [
    ...verbErrors(`${field}.verbs`, rule.verbs),
    ...listErrors(`${field}.apiGroups`, rule.apiGroups, 'resource rules must supply at least one api group', 'api groups'),
    ...listErrors(`${field}.resources`, rule.resources, 'resource rules must supply at least one resource', 'resources'),
  ];
  const namespaces = rule.namespaces ?? [];
  const path = `${field}.namespaces`;
  if (namespaces.length === 0) {
    if (rule.clusterScope === true) return errors;
    return [...errors, required(path, 'resource rules that are not cluster scoped must supply at least one namespace')];
  }
  if (namespaces.includes('*')) return [...errors, ...onlyStar(path, namespaces, 'namespaces')];
  return [
    ...errors,
    ...each(path, namespaces, (place, namespace) =>
      labelNameProblems(namespace).map((why) =>
        invalid(place, namespace, `each member of this list must be '*' or a DNS-1123 label; ${why}`),
      ),
    ),
  ];
}

function pathErrors(field: string, path: string): Errors {
  if (path === '') return [invalid(field, path, 'must not be empty')];
  if (path === '/') return [];
  if (!path.startsWith('/')) return [invalid(field, path, 'must start with slash')];
  if (path.includes(' ')) return [invalid(field, path, 'must not contain white-space')];
  if (path.includes('//')) return [invalid(field, path, 'must not contain double slash')];
  const star = path.indexOf('*');
  return star >= 0 && (star !== path.length - 1 || !path.endsWith('/*'))
    ? [invalid(field, path, 'wildcard can only do suffix matching')]
    : [];
}

function nonResourceRuleErrors(field: string, rule: Draft<NonResourcePolicyRule>): Errors {
  const urls = rule.nonResourceURLs ?? [];
  const path = `${field}.nonResourceURLs`;
  const errors = [...verbErrors(`${field}.verbs`, rule.verbs)];
  if (urls.length === 0) return [...errors, required(path, 'nonResourceURLs must contain at least one value')];
  if (urls.includes('*')) return [...errors, ...onlyStar(path, urls, 'non-resource URLs')];
  return [...errors, ...each(path, urls, pathErrors)];
}

/** The broken rules of one element of `spec.rules`. */
export function policyRulesErrors(field: string, rule: Draft<PolicyRulesWithSubjects>): Errors {
  const { resourceRules = [], nonResourceRules = [] } = rule;
  // Lists that the API requires are null when they were not sent.
  const subjects = rule.subjects ?? [];
  const errors: Errors[number][] = [];
  if (subjects.length === 0) errors.push(required(`${field}.subjects`, 'subjects must contain at least one value'));
  errors.push(...eachAlone(`${field}.subjects`, subjects, subjectErrors));
  if (resourceRules.length === 0 && nonResourceRules.length === 0) {
    errors.push(required(field, 'at least one of resourceRules and nonResourceRules has to be non-empty'));
  }
  return [
    ...errors,
    ...eachAlone(`${field}.resourceRules`, resourceRules, resourceRuleErrors),
    ...eachAlone(`${field}.nonResourceRules`, nonResourceRules, nonResourceRuleErrors),
  ];
}
