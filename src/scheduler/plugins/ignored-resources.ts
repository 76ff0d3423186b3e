// The extended resources that NodeResourcesFit leaves to somebody else.
import { ConfigurationError } from '../profile/configuration-error.js';
import type { PluginArgs } from '../framework.js';

export function ignoredResources({ ignoredResources: names, ignoredResourceGroups: groups }: PluginArgs): (resource: string) => boolean {
  const byName = new Set(texts('ignoredResources', names));
  const byGroup = new Set(texts('ignoredResourceGroups', groups));
  if (byName.size + byGroup.size === 0) return () => false;
  return (resource) => byName.has(resource) || (resource.includes('/') && byGroup.has(resource.slice(0, resource.indexOf('/'))));
}

function texts(field: string, value: unknown): readonly string[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value;
  throw new ConfigurationError(`NodeResourcesFit: ${field} must be a list of names`);
}
