// The configuration of ResourceQuota: what may be used only where a quota allows it.
// https://kubernetes.io/docs/concepts/policy/resource-quotas/#limit-priority-class-consumption-by-default
import type { ScopedResourceSelectorRequirement } from '../../../../openapi/types/core.v1.js';
import { ConfigurationError, configurationOf, fieldsOf, joined, listOf, textOf, textsOf } from '../control/decode.js';

/** Of what there is nothing without a quota. */
export interface LimitedResource {
  readonly group: string;
  readonly resource: string;
  /** Usage of what has one of these texts in its name is limited. */
  readonly matchContains: readonly string[];
  /** Objects in one of these scopes are limited. */
  readonly matchScopes: readonly ScopedResourceSelectorRequirement[];
}

const kinds = [
  ['ResourceQuotaConfiguration', 'apiserver.config.k8s.io/v1'],
  ['Configuration', 'resourcequota.admission.k8s.io/v1beta1'],
  ['Configuration', 'resourcequota.admission.k8s.io/v1alpha1'],
] as const;
const most = 1000;

/** Throws {@link ConfigurationError}. */
export function readLimitedResources(value: unknown): readonly LimitedResource[] {
  if (value === undefined || value === null) return [];
  const given = (value as { readonly apiVersion?: unknown }).apiVersion;
  const [kind, version] = kinds.find(([, one]) => one === given) ?? kinds[0];
  const list = listOf(configurationOf(value, kind, [version], ['limitedResources'])['limitedResources'], 'limitedResources');
  if (list.length > most) throw new ConfigurationError(`limitedResources: Too many: ${list.length}: must have at most ${most} items`);
  const limited = list.map((one, index) => limitedResourceOf(one, `limitedResources[${index}]`));
  const errors = limited.flatMap(({ resource }, index) => (resource === '' ? [`limitedResources[${index}].resource: Required value`] : []));
  if (errors.length > 0) throw new ConfigurationError(joined(errors));
  return limited;
}

function limitedResourceOf(value: unknown, at: string): LimitedResource {
  const fields = fieldsOf(value, at, ['apiGroup', 'resource', 'matchContains', 'matchScopes']);
  return {
    group: textOf(fields['apiGroup'], `${at}.apiGroup`),
    resource: textOf(fields['resource'], `${at}.resource`),
    matchContains: textsOf(fields['matchContains'], `${at}.matchContains`),
    matchScopes: listOf(fields['matchScopes'], `${at}.matchScopes`).map((one, index) => {
      const where = `${at}.matchScopes[${index}]`;
      const { scopeName, operator, values } = fieldsOf(one, where, ['scopeName', 'operator', 'values']);
      return {
        scopeName: textOf(scopeName, `${where}.scopeName`) as ScopedResourceSelectorRequirement['scopeName'],
        operator: textOf(operator, `${where}.operator`) as ScopedResourceSelectorRequirement['operator'],
        values: textsOf(values, `${where}.values`),
      };
    }),
  };
}
