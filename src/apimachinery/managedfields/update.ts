// Who manages which field after a create, an update or a patch. https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
import { isRecord, type ManagedFieldsEntry } from '../object.js';
import type { SchemaNode } from '../schema/node.js';
import { finish, type Work } from '../../clock/slices.js';
import { compareObjects } from './compare.js';
import { compareObjectsWork } from './compare-work.js';
import { deepEqual } from '../equality.js';
import { deepEqualWork } from '../equality-work.js';
import { difference, emptySet, fieldSetOf, isEmptySet, union, withoutBelow, type FieldSet } from './field-set.js';
import { KeylessItem } from './list-items.js';
import { cap, isSame, managerOf, readManagers, readSentManagers, writeManagers, type Identity, type Manager } from './managers.js';
import { setOfNew, sharedSet } from './shared-sets.js';
import { structureOf, type Structure } from './structure.js';
import { withoutBelowWork } from './subtract-work.js';
import { unionWork } from './union-work.js';
import { comparisonsOf, servedIn, type ComparisonFor, type OtherVersions } from './versions.js';

/** What identifies a writer, and when it writes. */
export interface Writer {
  /** Whether objects may be so long that they are gone through in slices; to find out takes a while. Absent: they may. */
  readonly long?: boolean;
  /** The `fieldManager` parameter, or the user agent's first part. */
  readonly manager: string;
  /** The apiVersion that the request is in, such as `apps/v1`. */
  readonly apiVersion: string;
  /** `status`, `scale` …; '' for the object itself. */
  readonly subresource: string;
  /** RFC 3339 with whole seconds. */
  readonly time: string;
}

export interface UpdateOptions extends Writer {
  readonly node: SchemaNode;
  /** The stored object with its managedFields; undefined for a create. */
  readonly old: unknown;
  /**
   * The object to store: decoded and defaulted, but before mutating admission and the kind's strategy (what they set belongs to nobody).
   * Its managedFields are what the client sent.
   */
  readonly new: unknown;
  /** Fields that this endpoint resets, which nobody comes to own by it; see {@link statusFields}. */
  readonly resetFields?: FieldSet | undefined;
  /** The other versions that the kind is served in; managers of more others are dropped. Undefined: all are kept, as if they were of the one version. */
  readonly otherVersions?: OtherVersions | undefined;
}

const noEntries: readonly ManagedFieldsEntry[] = [];

/** What the endpoint of an object itself resets when the kind has a `/status`. */
export const statusFields: FieldSet = Object.freeze(fieldSetOf(['status']));

/**
 * The managedFields to store with `new`, undefined for none. The very array of `old` when nothing changed (compare with `===`): then the
 * times stay as well. Never throws for what a client sent: what is unreadable is left out, and an object that cannot be tracked has no managers.
 */
export function updateManagedFields(options: UpdateOptions): readonly ManagedFieldsEntry[] | undefined {
  return finish(updateManagedFieldsWork(options));
}

/** {@link updateManagedFields}, which yields between its steps. */
export function* updateManagedFieldsWork(options: UpdateOptions): Work<readonly ManagedFieldsEntry[] | undefined> {
  try {
    return yield* updated(options);
  } catch (error) {
    if (error instanceof KeylessItem) return undefined;
    throw error;
  }
}

function* updated(options: UpdateOptions): Work<readonly ManagedFieldsEntry[] | undefined> {
  const { node, old, resetFields } = options;
  const stored = managedFieldsOf(old) as readonly ManagedFieldsEntry[] | undefined;
  const sent = managedFieldsOf(options.new);
  const isServed = servedIn(options.apiVersion, options.otherVersions);
  const read = sent === undefined || sent === null || sent === stored ? undefined : yield* readSentManagers(sent, stored ?? [], isServed);
  if (old !== undefined) {
    if (read === 'reset') return undefined;
    // An object without managers stays so until it is applied.
    if (read === undefined && (stored === undefined || stored.length === 0)) return undefined;
  }
  const managers: readonly Manager[] = read === 'reset' ? [] : (read ?? readManagers(stored ?? noEntries, isServed));
  const structure = structureOf(node);
  if (old === undefined && managers.length === 0) {
    const set = yield* setOfNew(structure, options.new, resetFields ?? emptySet, options.long);
    const { manager: name, apiVersion, subresource, time } = options;
    return isEmptySet(set)
      ? undefined
      : writeManagers([managerOf({ name, operation: 'Update', apiVersion, subresource }, time, set)], stored);
  }
  const { changed, removed } =
    options.long === false ? compareObjects(structure, old, options.new) : yield* compareObjectsWork(structure, old, options.new);
  yield;
  // What the endpoint resets has not changed, whatever the client sent.
  const resets = resetFields ?? emptySet;
  const comparison = { changed: withoutBelow(changed, resets), removed: withoutBelow(removed, resets) };
  const { apiVersion, otherVersions } = options;
  const owner: Identity = { name: options.manager, operation: 'Update', apiVersion, subresource: options.subresource };
  yield;
  const left = yield* takeAway(
    managers,
    comparisonsOf({ apiVersion, before: old, after: options.new, comparison, resetFields: resets, otherVersions }),
    owner,
  );
  return writeManagers(cap(yield* handOver(left, owner, comparison.changed, options.time, structure, options.long)), stored);
}

/** What changed goes to the owner, whom nothing else has left. */
function* handOver(
  left: readonly Manager[],
  owner: Identity,
  taken: FieldSet,
  time: string,
  structure: Structure,
  long = true,
): Work<readonly Manager[]> {
  if (isEmptySet(taken)) return left;
  const before = left.find((manager) => isSame(manager, owner));
  yield;
  const set = before === undefined ? taken : long ? yield* unionWork(before.fields, taken) : union(before.fields, taken);
  yield;
  const fields = yield* sharedSet(structure, set, long);
  const after: Manager = before !== undefined && before.time === time && before.fields === fields ? before : managerOf(owner, time, fields);
  return [...left.filter((manager) => manager !== before), after];
}

/** The managers without the fields that changed and without what was removed; those left with nothing go. The owner keeps what changed. */
export function* takeAway(managers: readonly Manager[], comparisonFor: ComparisonFor, owner?: Identity): Work<readonly Manager[]> {
  let result: Manager[] | undefined;
  for (let i = 0; i < managers.length; i++) {
    const manager = managers[i]!;
    if (i > 0) yield;
    const { changed, removed } = comparisonFor(manager);
    const own = owner !== undefined && isSame(manager, owner);
    const fields = yield* withoutBelowWork(own ? manager.fields : difference(manager.fields, changed), removed);
    if (fields === manager.fields) result?.push(manager);
    else {
      result ??= managers.slice(0, i);
      if (!isEmptySet(fields)) result.push(managerOf(manager, manager.time, fields));
    }
  }
  return result ?? managers;
}

/** `metadata.managedFields` as it is. */
export function managedFieldsOf(object: unknown): unknown {
  const metadata = isRecord(object) ? object['metadata'] : undefined;
  return isRecord(metadata) ? metadata['managedFields'] : undefined;
}

/** `object` with these managedFields in a fresh `metadata`; `object` itself when they are the same already. */
export function withManagedFields<T>(object: T, managedFields: readonly ManagedFieldsEntry[] | undefined): T {
  if (!isRecord(object) || managedFieldsOf(object) === managedFields) return object;
  const metadata: Record<string, unknown> = { ...(isRecord(object['metadata']) ? object['metadata'] : {}) };
  if (managedFields === undefined) delete metadata['managedFields'];
  else metadata['managedFields'] = managedFields;
  return { ...object, metadata };
}

/**
 * Whether a write would change nothing but times in managedFields (and the resourceVersion): then it is none, nothing is stored and no event
 * is sent. To be asked last, after admission and the kind's strategy. Yields in the midst of long objects.
 */
export function* isSameButForTimesWork(before: unknown, after: unknown, long = true): Work<boolean> {
  if (before === after) return true;
  if (!isRecord(before) || !isRecord(after)) return false;
  for (const name in after) if (name !== 'metadata' && !(yield* areEqual(before[name], after[name], long))) return false;
  for (const name in before) if (after[name] === undefined && before[name] !== undefined && name !== 'metadata') return false;
  const old = metadataOf(before);
  const now = metadataOf(after);
  for (const name in now) if (!isBook(name) && !(yield* areEqual(old[name], now[name], long))) return false;
  for (const name in old) if (now[name] === undefined && old[name] !== undefined && !isBook(name)) return false;
  const oldFields = old['managedFields'];
  const newFields = now['managedFields'];
  return oldFields === newFields || (yield* areEqual(withoutTimes(oldFields), withoutTimes(newFields), long));
}

function* areEqual(a: unknown, b: unknown, long: boolean): Work<boolean> {
  return long ? yield* deepEqualWork(a, b) : deepEqual(a, b);
}

const nothing: Readonly<Record<string, unknown>> = {};

function metadataOf(object: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return isRecord(object['metadata']) ? object['metadata'] : nothing;
}

/** What says when and by whom an object was written, and is compared otherwise or not at all. */
function isBook(name: string): boolean {
  return name === 'managedFields' || name === 'resourceVersion';
}

function withoutTimes(entries: unknown): unknown {
  if (!Array.isArray(entries)) return entries;
  return (entries as readonly unknown[]).map((entry) => {
    if (!isRecord(entry)) return entry;
    const { time: _, ...rest } = entry;
    return rest;
  });
}
