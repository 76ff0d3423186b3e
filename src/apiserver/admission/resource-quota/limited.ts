// What may be used only where a quota of the namespace allows it. Pure.
import { ApiError } from '../../../apimachinery/errors/api-error.js';
import type { GroupResource } from '../../../apimachinery/errors/api-error.js';
import type { ResourceQuota, ScopedResourceSelectorRequirement } from '../../../../openapi/types/core.v1.js';
import { growth, scopeRequirements } from '../../../registry/core/usage/index.js';
import type { LimitedResource } from './configuration.js';
import { QuotaRefusal, type CountedWrite } from './counted-write.js';

/** The part of the configuration that is about a resource. */
export function limitedFor(limited: readonly LimitedResource[], { group, resource }: GroupResource): readonly LimitedResource[] {
  return limited.filter((one) => one.group === group && one.resource === resource);
}

/**
 * Throws {@link QuotaRefusal}, or a 500 as the real server does for scopes, when a write uses what is limited and no quota covers it.
 * @param limited what {@link limitedFor} found
 * @param quotas those that count the write, with the names that they count it by
 */
export function checkLimited(
  limited: readonly LimitedResource[],
  { evaluator, object, old, now }: CountedWrite,
  quotas: readonly { readonly quota: ResourceQuota; readonly names: readonly string[] }[],
): void {
  if (limited.length === 0) return;
  const used = evaluator.usage(object, now);
  const more = old === undefined ? used : growth(used, evaluator.usage(old, now));
  const names = [...more].filter(([, { nano }]) => nano > 0n).map(([name]) => name);
  if (names.length === 0) return;
  const covered = new Set(quotas.flatMap(({ names }) => names));
  const texts = limited.flatMap(({ matchContains }) => matchContains);
  const missing = names.filter((name) => texts.some((text) => name.includes(text)) && !covered.has(name)).sort();
  if (missing.length > 0) throw new QuotaRefusal(`insufficient quota to consume: ${missing.join(',')}`);
  const asked = limited.flatMap(({ matchScopes }) => matchScopes.filter((scope) => evaluator.inScope(object, scope)));
  const scopes = new Set(quotas.flatMap(({ quota }) => scopeRequirements(quota).map(({ scopeName }) => scopeName)));
  const open = asked.filter(({ scopeName }) => !scopes.has(scopeName));
  if (open.length > 0) throw new ApiError(500, '', `insufficient quota to match these scopes: [${open.map(shown).join(' ')}]`);
}

function shown({ scopeName, operator, values = [] }: ScopedResourceSelectorRequirement): string {
  return `{${scopeName} ${operator} [${values.join(' ')}]}`;
}
