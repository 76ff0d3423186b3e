// What discovery shows: the server's own groups and those of API services, in the order of their priorities.
import type { Registry } from '../../registry/index.js';
import type { DiscoveredKind, DiscoverySource, SourceGroup } from '../discovery/source.js';
import type { ApiServices } from './api-services.js';
import type { Documents } from './remote-documents.js';

export function mergedDiscovery(registry: Registry, services: ApiServices, documents: Documents): DiscoverySource {
  let seen: { readonly kinds: unknown; readonly revision: number; readonly token: object; groups?: readonly SourceGroup[] } | undefined;
  const current = (): NonNullable<typeof seen> => {
    const kinds = registry.kinds();
    if (seen?.kinds !== kinds || seen.revision !== services.revision) seen = { kinds, revision: services.revision, token: {} };
    return seen;
  };
  const groups = (): readonly SourceGroup[] => {
    const state = current();
    state.groups ??= services.ordered(registry.groups()).map(({ name, versions }) => ({
      name,
      versions,
      preferredVersion: versions[0]!,
      isLocal: versions.some((version) => registry.kindsOf(name, version).length > 0),
      // A group whose API services were taken away is served on, and named no more.
      isListed: versions.some((version) => !services.isGone(`${version}.${name}`)),
    }));
    return state.groups;
  };
  return {
    kinds: () => current().token,
    groups,
    kindsOf: (group, version): readonly DiscoveredKind[] => {
      const remote = services.find(group, version);
      return remote === undefined ? registry.kindsOf(group, version) : (documents.of(remote)?.kinds ?? []);
    },
    isStale: (group, version) => {
      const remote = services.find(group, version);
      return remote !== undefined && documents.of(remote)?.fresh !== true;
    },
  };
}
