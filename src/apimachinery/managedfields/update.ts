// Who manages which field after a create, an update or a patch. https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
import { isRecord, type ManagedFieldsEntry } from '../object.js';
import type { SchemaNode } from '../schema/node.js';
import { compareObjects, type Comparison } from './compare.js';
import { equalValues } from './equal.js';
import { difference, emptySet, fieldSetOf, isEmptySet, union, withoutBelow, type FieldSet } from './field-set.js';
import { cap, isSame, readManagers, readSentManagers, writeManagers, type Identity, type Manager } from './managers.js';
import { structureOf } from './structure.js';

/** What identifies a writer, and when it writes. */
export interface Writer {
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
  /** The apiVersions that the resource is served in; managers of others are dropped. Undefined: all are kept. */
  readonly apiVersions?: readonly string[] | undefined;
}

const noEntries: readonly ManagedFieldsEntry[] = [];

/** What the endpoint of an object itself resets when the kind has a `/status`. */
export const statusFields: FieldSet = Object.freeze(fieldSetOf(['status']));

/**
 * The managedFields to store with `new`, undefined for none. The very array of `old` when nothing changed (compare with `===`): then the
 * times stay as well. Never throws for what a client sent: what is unreadable is left out.
 */
export function updateManagedFields(options: UpdateOptions): readonly ManagedFieldsEntry[] | undefined {
  const { node, old, resetFields } = options;
  const stored = managedFieldsOf(old) as readonly ManagedFieldsEntry[] | undefined;
  const sent = managedFieldsOf(options.new);
  const read =
    sent === undefined || sent === null || sent === stored ? undefined : readSentManagers(sent, stored ?? [], options.apiVersions);
  if (old !== undefined) {
    if (read === 'reset') return undefined;
    // An object without managers stays so until it is applied.
    if (read === undefined && (stored === undefined || stored.length === 0)) return undefined;
  }
  const managers: readonly Manager[] = read === 'reset' ? [] : (read ?? readManagers(stored ?? noEntries, options.apiVersions));
  const comparison = compareObjects(structureOf(node), old, options.new);
  const owner: Identity = { name: options.manager, operation: 'Update', apiVersion: options.apiVersion, subresource: options.subresource };
  return writeManagers(cap(handOver(managers, owner, comparison, resetFields ?? emptySet, options.time)), stored);
}

/** What changed goes to the owner and leaves the others; what was removed leaves all. */
function handOver(
  managers: readonly Manager[],
  owner: Identity,
  comparison: Comparison,
  resetFields: FieldSet,
  time: string,
): readonly Manager[] {
  // What the endpoint resets has not changed, whatever the client sent.
  const taken = withoutBelow(comparison.changed, resetFields);
  const left = takeAway(managers, taken, withoutBelow(comparison.removed, resetFields));
  if (isEmptySet(taken)) return left;
  const before = left.find((manager) => isSame(manager, owner));
  const fields = before === undefined ? taken : union(before.fields, taken);
  const after: Manager =
    before !== undefined && before.time === time && before.fields === fields ? before : { ...owner, time, fields, entry: undefined };
  return [...left.filter((manager) => manager !== before), after];
}

/** The managers without the fields that changed and without what was removed; those left with nothing go. */
export function takeAway(managers: readonly Manager[], changed: FieldSet, removed: FieldSet): readonly Manager[] {
  if (isEmptySet(changed) && isEmptySet(removed)) return managers;
  const result: Manager[] = [];
  for (const manager of managers) {
    const fields = withoutBelow(difference(manager.fields, changed), removed);
    if (fields === manager.fields) result.push(manager);
    else if (!isEmptySet(fields)) result.push({ ...manager, fields, entry: undefined });
  }
  return result;
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
 * is sent. To be asked last, after admission and the kind's strategy.
 */
export function isSameButForTimes(before: unknown, after: unknown): boolean {
  if (before === after) return true;
  if (!isRecord(before) || !isRecord(after)) return false;
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (name !== 'metadata' && !equalValues(before[name], after[name])) return false;
  }
  const { managedFields: oldFields, resourceVersion: _old, ...oldMetadata } = isRecord(before['metadata']) ? before['metadata'] : {};
  const { managedFields: newFields, resourceVersion: _new, ...newMetadata } = isRecord(after['metadata']) ? after['metadata'] : {};
  return (
    equalValues(oldMetadata, newMetadata) && (oldFields === newFields || equalValues(withoutTimes(oldFields), withoutTimes(newFields)))
  );
}

function withoutTimes(entries: unknown): unknown {
  if (!Array.isArray(entries)) return entries;
  return (entries as readonly unknown[]).map((entry) => {
    if (!isRecord(entry)) return entry;
    const { time: _, ...rest } = entry;
    return rest;
  });
}
