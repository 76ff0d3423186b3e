// The kinds that a server serves: look-ups by resource and by kind, groups in discovery's order, changes at run time.
import type { GroupFacts } from './facts.js';
import type { Kind } from './kind.js';
import { compareVersions } from './versions.js';

/** A group that the server serves, the preferred version first. */
export interface RegistryGroup {
  readonly name: string;
  readonly versions: readonly string[];
  readonly preferredVersion: string;
}

/** All kinds of a server. Custom resources come and go at run time; the rest is there from the start. */
export interface Registry {
  /** By the plural in the URL; undefined when it is not served. */
  byResource(group: string, version: string, resource: string): Kind | undefined;
  byKind(group: string, version: string, kind: string): Kind | undefined;
  /** Kinds of one group and version in discovery's order; empty when it is not served. */
  kindsOf(group: string, version: string): readonly Kind[];
  /** All kinds, group by group. */
  kinds(): readonly Kind[];
  /** The core group '' first, then discovery's order, then added groups by name. */
  groups(): readonly RegistryGroup[];
  /** Serves a kind; one with the same group, version and resource is replaced. */
  add(kind: Kind): void;
  /** Serves it no more; nothing happens when it was not served. */
  remove(kind: Pick<Kind, 'group' | 'version' | 'resource'>): void;
  /** Called after each `add` and `remove`, synchronously; returns the function that ends it. A listener may not throw. */
  onChange(listener: () => void): () => void;
}

/** One group and version. */
interface Shelf {
  readonly byResource: Map<string, Kind>;
  readonly byKind: Map<string, Kind>;
}

/** A registry of these kinds; `order` says how discovery lists the groups that were there from the start. */
export function registryOf(kinds: readonly Kind[], order: readonly GroupFacts[]): Registry {
  const shelves = new Map<string, Map<string, Shelf>>();
  const listeners = new Set<() => void>();
  let groups: readonly RegistryGroup[] | undefined;
  let all: readonly Kind[] | undefined;

  const shelf = (group: string, version: string): Shelf | undefined => shelves.get(group)?.get(version);

  const put = (kind: Kind): void => {
    let versions = shelves.get(kind.group);
    if (versions === undefined) shelves.set(kind.group, (versions = new Map<string, Shelf>()));
    let place = versions.get(kind.version);
    if (place === undefined) versions.set(kind.version, (place = { byResource: new Map(), byKind: new Map() }));
    const before = place.byResource.get(kind.resource);
    if (before !== undefined) place.byKind.delete(before.kind);
    place.byResource.set(kind.resource, kind);
    place.byKind.set(kind.kind, kind);
  };

  const changed = (): void => {
    groups = undefined;
    all = undefined;
    for (const listener of [...listeners]) listener();
  };

  const listGroups = (): readonly RegistryGroup[] => {
    const known = order.filter((group) => shelves.has(group.name));
    const names = new Set(known.map((group) => group.name));
    const added = [...shelves.keys()].filter((name) => !names.has(name)).sort();
    return [...known, ...added.map((name) => ({ name, versions: [] as readonly string[] }))].map(({ name, versions: first }) => {
      const served = [...shelves.get(name)!.keys()];
      const versions = [
        ...first.filter((version) => served.includes(version)),
        ...served.filter((version) => !first.includes(version)).sort(compareVersions),
      ];
      return { name, versions, preferredVersion: versions[0]! };
    });
  };

  for (const kind of kinds) put(kind);
  return {
    byResource: (group, version, resource) => shelf(group, version)?.byResource.get(resource),
    byKind: (group, version, kind) => shelf(group, version)?.byKind.get(kind),
    kindsOf: (group, version) => [...(shelf(group, version)?.byResource.values() ?? [])],
    kinds: () =>
      (all ??= [...shelves.values()].flatMap((versions) => [...versions.values()].flatMap((one) => [...one.byResource.values()]))),
    groups: () => (groups ??= listGroups()),
    add: (kind) => {
      put(kind);
      changed();
    },
    remove: ({ group, version, resource }) => {
      const versions = shelves.get(group);
      const place = versions?.get(version);
      const kind = place?.byResource.get(resource);
      if (versions === undefined || place === undefined || kind === undefined) return;
      place.byResource.delete(resource);
      if (place.byKind.get(kind.kind) === kind) place.byKind.delete(kind.kind);
      if (place.byResource.size === 0) versions.delete(version);
      if (versions.size === 0) shelves.delete(group);
      changed();
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
