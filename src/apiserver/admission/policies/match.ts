// Whether a policy or a binding is about a request: rules, exceptions, selectors.
import type { MatchResources } from '../../../../openapi/types/admissionregistration.v1.js';
import { compileLabelSelector } from '../../../apimachinery/selectors/labels.js';
import type { Registry } from '../../../registry/index.js';
import type { Kind } from '../../../registry/kind.js';
import type { Storages } from '../../core/resource-storage.js';
import type { AdmissionRequest } from '../chain.js';
import { kindOfRules, matchesRule, selects } from '../webhooks/match.js';
import { namespaceLabels } from '../webhooks/namespace-labels.js';

export interface MatchContext {
  readonly registry: Registry;
  readonly storages: Storages;
}

/** The kind in whose version the object is looked at; undefined when it does not match. */
export type Matcher = (request: AdmissionRequest, context: MatchContext) => Promise<Kind | undefined>;

/** Without rules (a binding's) every resource matches. */
export function matcherOf(match: MatchResources | undefined): Matcher {
  if (match === undefined) return (request) => Promise.resolve(request.kind);
  const namespaces = compileLabelSelector(match.namespaceSelector ?? {});
  const objects = compileLabelSelector(match.objectSelector ?? {});
  const rules = match.resourceRules ?? [];
  const excluded = match.excludeResourceRules ?? [];
  const equivalent = match.matchPolicy !== 'Exact';
  return async (request, context) => {
    const named = (resourceNames: readonly string[] | undefined): boolean =>
      resourceNames === undefined || resourceNames.length === 0 || resourceNames.includes(request.name);
    if (excluded.some((rule) => named(rule.resourceNames) && matchesRule(rule, request, request.kind))) return undefined;
    const candidates = rules.filter((rule) => named(rule.resourceNames));
    const kind = rules.length === 0 ? request.kind : kindOfRules(candidates, equivalent, request, context.registry);
    if (kind === undefined || !selects(objects, request)) return undefined;
    return namespaces.matches(await namespaceLabels(request, context)) ? kind : undefined;
  };
}
