// What discovery's documents are computed from.
import type { Registry } from '../../registry/index.js';
import type { Kind } from '../../registry/kind.js';
import type { RegistryGroup } from '../../registry/registry.js';

/** What the documents are computed from. `kinds()` must be the same array (by identity) as long as nothing has changed. */
export type KindSource = Pick<Registry, 'kinds' | 'kindsOf' | 'groups'>;

/** What discovery shows of a kind. */
export type DiscoveredKind = Pick<
  Kind,
  | 'group'
  | 'version'
  | 'resource'
  | 'kind'
  | 'singular'
  | 'shortNames'
  | 'categories'
  | 'namespaced'
  | 'verbs'
  | 'storageVersionHash'
  | 'subresources'
  | 'customSchema'
>;

/** A group in discovery's order. */
export interface SourceGroup extends RegistryGroup {
  /** Whether this server has it itself, in one version at least; true when absent. */
  readonly isLocal?: boolean;
  /** Whether the list of groups names it; true when absent. */
  readonly isListed?: boolean;
}

/** The groups that there are, with those that other servers have. `kinds()` is another object each time when something has changed. */
export interface DiscoverySource {
  kinds(): unknown;
  groups(): readonly SourceGroup[];
  kindsOf(group: string, version: string): readonly DiscoveredKind[];
  /** Whether a version's own server could not be asked; never when absent. */
  isStale?(group: string, version: string): boolean;
}
