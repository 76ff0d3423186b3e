// Managers that wrote in another version of a kind: their fields are those of that version, and what a write changed is told there.
import { compareObjects, type Comparison } from './compare.js';
import { difference, union, withoutBelow, emptySet, type FieldSet } from './field-set.js';
import type { IsServed, Manager } from './managers.js';
import { prune } from './merge.js';
import { setOf } from './set-of.js';
import { structureOf } from './structure.js';
import type { SchemaNode } from '../schema/node.js';

/** Another version in which the kind is served. */
export interface OtherVersion {
  readonly node: SchemaNode;
  /** From the version of the write to this one. The value need not have defaults. */
  readonly convert: (value: unknown) => unknown;
  readonly convertBack: (value: unknown) => unknown;
}

/** The versions beside the one of the write, by apiVersion; undefined for one that the kind is not served in. */
export type OtherVersions = (apiVersion: string) => OtherVersion | undefined;

export function servedIn(apiVersion: string, others: OtherVersions | undefined): IsServed | undefined {
  return others === undefined ? undefined : (asked) => asked === apiVersion || others(asked) !== undefined;
}

/** What a write changed, for each manager in the version that it wrote in. */
export type ComparisonFor = (manager: Manager) => Comparison;

export interface Write {
  readonly apiVersion: string;
  readonly before: unknown;
  readonly after: unknown;
  /** In the version of the write, without the fields that the endpoint resets. */
  readonly comparison: Comparison;
  readonly resetFields: FieldSet;
  readonly otherVersions: OtherVersions | undefined;
}

export function comparisonsOf(write: Write): ComparisonFor {
  const { otherVersions, comparison } = write;
  if (otherVersions === undefined) return () => comparison;
  const known = new Map<string, Comparison>();
  return ({ apiVersion }) => {
    if (apiVersion === write.apiVersion) return comparison;
    const other = otherVersions(apiVersion);
    if (other === undefined) return comparison;
    let found = known.get(apiVersion);
    if (found === undefined) known.set(apiVersion, (found = comparisonIn(other, write)));
    return found;
  };
}

function comparisonIn({ node, convert }: OtherVersion, { before, after, resetFields }: Write): Comparison {
  const structure = structureOf(node);
  const { changed, removed } = compareObjects(structure, before === undefined ? undefined : convert(before), convert(after));
  return { changed: withoutBelow(changed, resetFields), removed: withoutBelow(removed, resetFields) };
}

/**
 * `pruned` with what managers of other versions own and `merged` still had: who applies no longer what another manager set in another
 * version does not take it away. `managers` are all but the applying one.
 */
export function keepOwnedElsewhere(
  merged: unknown,
  pruned: unknown,
  managers: readonly Manager[],
  apiVersion: string,
  otherVersions: OtherVersions | undefined,
): unknown {
  if (otherVersions === undefined || pruned === merged) return pruned;
  let result = pruned;
  for (const version of new Set(managers.map((manager) => manager.apiVersion))) {
    const other = version === apiVersion ? undefined : otherVersions(version);
    if (other === undefined) continue;
    const owned = managers.reduce<FieldSet>((all, one) => (one.apiVersion === version ? union(all, one.fields) : all), emptySet);
    const whole = other.convert(merged);
    const gone = difference(setOf(other.node, whole), setOf(other.node, other.convert(result)));
    result = other.convertBack(prune(structureOf(other.node), whole, gone, owned));
  }
  return result;
}
