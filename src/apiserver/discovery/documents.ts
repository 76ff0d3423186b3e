// The discovery documents, computed from the registry.
import { apiVersionOf } from '../../apimachinery/object.js';
import type { SubresourceFacts } from '../../registry/kind.js';
import type { DiscoveredKind, DiscoverySource } from './source.js';

/** `/api`: the versions of the core group. */
export function apiVersions(registry: DiscoverySource, serverAddress: string): unknown {
  const core = registry.groups().find((group) => group.name === '');
  return {
    kind: 'APIVersions',
    versions: core?.versions ?? [],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }],
  };
}

/** `/apis`: all groups but the core one. */
export function apiGroupList(registry: DiscoverySource): unknown {
  const groups = registry.groups().filter(({ name, isListed = true }) => name !== '' && isListed);
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.map(({ name }) => groupEntry(registry, name)) };
}

/** `/apis/apps`; undefined when there is no such group. */
export function apiGroup(registry: DiscoverySource, name: string): unknown {
  const entry = groupEntry(registry, name);
  return entry === undefined ? undefined : { kind: 'APIGroup', apiVersion: 'v1', ...entry };
}

function groupEntry(registry: DiscoverySource, name: string): object | undefined {
  const group = registry.groups().find((one) => one.name === name);
  if (group === undefined) return undefined;
  const entry = (version: string): object => ({ groupVersion: apiVersionOf(name, version), version });
  return { name, versions: group.versions.map(entry), preferredVersion: entry(group.preferredVersion) };
}

/** `/api/v1` or `/apis/apps/v1`: the resources with their subresources; undefined when there is no such version. */
export function apiResourceList(registry: DiscoverySource, group: string, version: string): unknown {
  const kinds = registry.kindsOf(group, version);
  if (kinds.length === 0) return undefined;
  return {
    kind: 'APIResourceList',
    // The core group's documents come without, as they did before groups were.
    ...(group === '' ? {} : { apiVersion: 'v1' }),
    groupVersion: apiVersionOf(group, version),
    resources: kinds.flatMap((kind) => [
      resourceEntry(kind),
      ...[...kind.subresources.values()].map((subresource) => subresourceEntry(kind, subresource)),
    ]),
  };
}

function resourceEntry(kind: DiscoveredKind): object {
  return {
    name: kind.resource,
    singularName: kind.singular,
    namespaced: kind.namespaced,
    kind: kind.kind,
    verbs: kind.verbs,
    ...names(kind),
    ...(kind.storageVersionHash === undefined ? {} : { storageVersionHash: kind.storageVersionHash }),
  };
}

function subresourceEntry(kind: DiscoveredKind, subresource: SubresourceFacts): object {
  const { group, version } = subresource;
  return {
    name: `${kind.resource}/${subresource.name}`,
    singularName: '',
    namespaced: kind.namespaced,
    ...(ofParent(kind, subresource) ? {} : { group, version }),
    kind: subresource.kind,
    verbs: subresource.verbs,
  };
}

/**
 * The aggregated form: everything about these groups in one document.
 * https://kubernetes.io/docs/concepts/overview/kubernetes-api/#aggregated-discovery
 */
export function aggregatedList(registry: DiscoverySource, groups: readonly string[]): unknown {
  const items = registry
    .groups()
    .filter((group) => groups.includes(group.name))
    .map(({ name, versions }) => ({
      metadata: name === '' ? {} : { name },
      versions: versions.map((version) => ({
        version,
        resources: registry.kindsOf(name, version).map(aggregatedResource),
        freshness: registry.isStale?.(name, version) === true ? 'Stale' : 'Current',
      })),
    }));
  return { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', metadata: {}, items };
}

function aggregatedResource(kind: DiscoveredKind): object {
  // Built-in kinds leave group and version empty where they are those of the document; custom resources name them.
  const own = kind.customSchema === undefined ? { group: '', version: '' } : { group: kind.group, version: kind.version };
  return {
    resource: kind.resource,
    responseKind: { ...own, kind: kind.kind },
    scope: kind.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: kind.singular,
    verbs: kind.verbs,
    ...names(kind),
    ...(kind.subresources.size === 0
      ? {}
      : {
          subresources: [...kind.subresources.values()].map((subresource) => ({
            subresource: subresource.name,
            responseKind: {
              ...(ofParent(kind, subresource) ? own : { group: subresource.group, version: subresource.version }),
              kind: subresource.kind,
            },
            verbs: subresource.verbs,
          })),
        }),
  };
}

function names({ shortNames, categories }: DiscoveredKind): object {
  return { ...(shortNames.length === 0 ? {} : { shortNames }), ...(categories.length === 0 ? {} : { categories }) };
}

/** Whether a subresource's kind is of the group and version that its resource is of. */
function ofParent(kind: DiscoveredKind, subresource: SubresourceFacts): boolean {
  return subresource.group === kind.group && subresource.version === kind.version;
}
