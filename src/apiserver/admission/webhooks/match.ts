// Whether a webhook is to be asked about a request, and in which version of the object.
import type { RuleWithOperations } from '../../../../openapi/types/admissionregistration.v1.js';
import type { LabelSelectorMatcher } from '../../../apimachinery/selectors/labels.js';
import type { Registry } from '../../../registry/index.js';
import type { Kind } from '../../../registry/kind.js';
import type { AdmissionRequest } from '../chain.js';
import type { Webhook } from './hooks.js';

/** Webhooks and policies are never asked about their own configuration: nobody could mend it. */
const exempt = new Set([
  'validatingwebhookconfigurations',
  'mutatingwebhookconfigurations',
  'validatingadmissionpolicies',
  'validatingadmissionpolicybindings',
  'mutatingadmissionpolicies',
  'mutatingadmissionpolicybindings',
]);

export function isExempt({ group, resource }: Kind): boolean {
  return group === 'admissionregistration.k8s.io' && exempt.has(resource);
}

/** Questions about rights, which policies have no say in; webhooks do. */
const questions: ReadonlySet<string> = new Set([
  'authentication.k8s.io/selfsubjectreviews',
  'authentication.k8s.io/tokenreviews',
  'authorization.k8s.io/localsubjectaccessreviews',
  'authorization.k8s.io/selfsubjectaccessreviews',
  'authorization.k8s.io/selfsubjectrulesreviews',
  'authorization.k8s.io/subjectaccessreviews',
]);

export function isExemptOfPolicies(kind: Kind): boolean {
  return isExempt(kind) || (kind.createOnly && questions.has(`${kind.group}/${kind.resource}`));
}

/** The kind in whose version the webhook is asked; undefined when no rule matches. */
export function kindFor({ rules, equivalent }: Webhook, request: AdmissionRequest, registry: Registry): Kind | undefined {
  return kindOfRules(rules, equivalent, request, registry);
}

/** The request's own kind, or with `equivalent` another version of it that a rule names. */
export function kindOfRules(
  rules: readonly RuleWithOperations[],
  equivalent: boolean,
  request: AdmissionRequest,
  registry: Registry,
): Kind | undefined {
  if (rules.some((rule) => matchesRule(rule, request, request.kind))) return request.kind;
  if (!equivalent) return undefined;
  for (const rule of rules) {
    const kind = sameElsewhere(request.kind, registry).find((other) => matchesRule(rule, request, other));
    if (kind !== undefined) return kind;
  }
  return undefined;
}

/** The versions of the same objects. */
function sameElsewhere(kind: Kind, registry: Registry): readonly Kind[] {
  return registry.kinds().filter((other) => other !== kind && other.prefix === kind.prefix && other.resource === kind.resource);
}

export function matchesRule(rule: RuleWithOperations, request: AdmissionRequest, kind: Kind): boolean {
  const { operations = [], apiGroups = [], apiVersions = [], resources = [], scope = '*' } = rule;
  const has = (list: readonly string[], value: string): boolean => list.includes('*') || list.includes(value);
  if (!has(operations, request.operation) || !has(apiGroups, kind.group) || !has(apiVersions, kind.version)) return false;
  // A namespace is itself in no namespace.
  if (scope !== '*' && (scope === 'Namespaced') !== kind.namespaced) return false;
  return resources.some((one) => {
    const [resource = '', subresource = ''] = one.split('/');
    return (resource === '*' || resource === kind.resource) && (subresource === '*' || subresource === request.subresource);
  });
}

/** Either the object or what it replaces may be selected. */
export function selects(objects: LabelSelectorMatcher, { object, old }: AdmissionRequest): boolean {
  return [object, old].some((one) => one !== undefined && objects.matches(labelsOf(one)));
}

export function labelsOf(object: object): Readonly<Record<string, string>> {
  const { metadata } = object as { metadata?: { labels?: Readonly<Record<string, string>> } };
  return metadata?.labels ?? {};
}
