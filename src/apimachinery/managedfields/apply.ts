// Server-side apply. https://kubernetes.io/docs/reference/using-api/server-side-apply/
import { ApiError, badRequest } from '../errors/api-error.js';
import { isRecord, type ManagedFieldsEntry } from '../object.js';
import type { SchemaNode } from '../schema/node.js';
import { typeErrors } from './check-types.js';
import { finish, type Work } from '../../clock/slices.js';
import { typeErrorsWork } from './check-types-work.js';
import { compareObjects } from './compare.js';
import { compareObjectsWork } from './compare-work.js';
import { conflictError, conflictsOutside, findConflicts } from './conflicts.js';
import { emptySet, equalSets, isEmptySet, withoutBelow, type FieldSet } from './field-set.js';
import { kubectlManager, lastAppliedFields, renewLastApplied } from './last-applied.js';
import { KeylessItem } from './list-items.js';
import { cap, isSame, managerOf, readManagers, writeManagers, type Identity, type Manager } from './managers.js';
import { mergeConfig } from './merge.js';
import { mergeConfigWork } from './merge-work.js';
import { pruneWork } from './prune-work.js';
import { setOf } from './set-of.js';
import { setOfWork } from './set-of-work.js';
import { structureOf } from './structure.js';
import { unionWork } from './union-work.js';
import { managedFieldsOf, takeAway, withManagedFields, type Writer } from './update.js';
import { comparisonsOf, keepOwnedElsewhere, servedIn, type ComparisonFor, type OtherVersions } from './versions.js';

export interface ApplyOptions extends Writer {
  readonly node: SchemaNode;
  /** The stored object with its managedFields; undefined when the apply creates it. */
  readonly live: unknown;
  /** The applied configuration as the client sent it (parsed, not defaulted, unknown fields still in it). */
  readonly config: unknown;
  /** Takes conflicting fields over. */
  readonly force: boolean;
  /** As in UpdateOptions. */
  readonly resetFields?: FieldSet | undefined;
  /** As in UpdateOptions. */
  readonly otherVersions?: OtherVersions | undefined;
}

/**
 * Merges `config` into `live`, removes what the manager applied before and applies no longer, and keeps the books. Returns the object to
 * go on with (decoding, defaults, admission, strategy, validation), managedFields included: `live` itself when the apply changes nothing.
 * A new object for `live: undefined`.
 * Throws an ApiError: 409 `Conflict` with a cause per field, 400 for managedFields in the config, 500 for a config that does not fit
 * the schema.
 */
export function applyPatch(options: ApplyOptions): unknown {
  return finish(applyPatchWork(options));
}

/** {@link applyPatch}, which yields between its steps. */
export function* applyPatchWork(options: ApplyOptions): Work<unknown> {
  const { node, live, config } = options;
  const sent = managedFieldsOf(config);
  if (sent !== undefined && sent !== null) throw badRequest('metadata.managedFields must be nil');
  yield* refuseMisfit(node, config, options.long);
  try {
    yield;
    return yield* applied(options);
  } catch (error) {
    // The configuration fits: it is the live object.
    if (error instanceof KeylessItem) throw untrackable(node, live);
    throw error;
  }
}

function* applied(options: ApplyOptions): Work<unknown> {
  const { node, live, config, long = true } = options;

  const resetFields = options.resetFields ?? emptySet;
  const structure = structureOf(node);
  const stored = managedFieldsOf(live) as readonly ManagedFieldsEntry[] | undefined;
  const managers = yield* managersOf(options, stored, resetFields);
  const self: Identity = { name: options.manager, operation: 'Apply', apiVersion: options.apiVersion, subresource: options.subresource };
  const before = managers.find((manager) => isSame(manager, self));
  const others = before === undefined ? managers : managers.filter((manager) => manager !== before);
  const named = long ? yield* setOfWork(node, config) : setOf(node, config);
  yield;

  const merged =
    live === undefined
      ? withoutManagedFields(config)
      : long
        ? yield* mergeConfigWork(structure, live, config)
        : mergeConfig(structure, live, config);
  yield;
  const here = before === undefined || before.apiVersion === options.apiVersion;
  const object = before === undefined || (here && before.fields === named) ? merged : yield* pruned(options, merged, before, others, named);
  yield;
  const whole = long ? yield* compareObjectsWork(structure, live, object) : compareObjects(structure, live, object);
  yield;
  const comparison = { changed: withoutBelow(whole.changed, resetFields), removed: withoutBelow(whole.removed, resetFields) };
  yield;
  const { apiVersion, otherVersions } = options;
  const comparisonFor = comparisonsOf({ apiVersion, before: live, after: object, comparison, resetFields, otherVersions });
  if (!options.force) yield* refuseConflicts(options, others, comparisonFor);

  const same = live !== undefined && isEmptySet(whole.changed) && isEmptySet(whole.removed);
  yield;
  const own = ownManager(self, withoutBelow(named, resetFields), before, same ? undefined : options.time);
  yield;
  const rest = yield* takeAway(others, comparisonFor);
  const after = writeManagers(cap(own === undefined ? rest : [...rest, own]), stored);
  const result = withManagedFields(same ? live : object, after);
  return options.manager === kubectlManager && live !== undefined ? renewLastApplied(result, config) : result;
}

/** The merged object without what the manager applied before and applies no longer, unless others manage it. */
function* pruned(
  { node, apiVersion, otherVersions }: ApplyOptions,
  merged: unknown,
  before: Manager,
  others: readonly Manager[],
  named: FieldSet,
): Work<unknown> {
  const isHere = (manager: Manager): boolean => otherVersions === undefined || manager.apiVersion === apiVersion;
  let managed = named;
  for (const manager of others) {
    if (!isHere(manager)) continue;
    managed = yield* unionWork(managed, manager.fields);
  }
  const left = yield* pruneWork(structureOf(node), merged, before.fields, managed);
  yield;
  return keepOwnedElsewhere(merged, left, others, apiVersion, otherVersions);
}

/** What the manager owns from now on: the very entry of before when nothing changed. `time` is undefined when the object stays as it was. */
function ownManager(self: Identity, fields: FieldSet, before: Manager | undefined, time: string | undefined): Manager | undefined {
  if (isEmptySet(fields)) return undefined;
  const at = time ?? before?.time ?? '';
  const isHere = before?.apiVersion === self.apiVersion;
  if (before !== undefined && isHere && before.time === at && equalSets(before.fields, fields)) return before;
  return managerOf(self, at, before !== undefined && equalSets(before.fields, fields) ? before.fields : fields);
}

/** The managers of the live object. One that has none gets a manager for all that is there before the first apply. */
function* managersOf(
  options: ApplyOptions,
  stored: readonly ManagedFieldsEntry[] | undefined,
  resetFields: FieldSet,
): Work<readonly Manager[]> {
  if (options.live === undefined) return [];
  if (stored !== undefined && stored.length > 0) return readManagers(stored, servedIn(options.apiVersion, options.otherVersions));
  const { changed } = yield* compareObjectsWork(structureOf(options.node), undefined, options.live);
  const fields = withoutBelow(changed, resetFields);
  if (isEmptySet(fields)) return [];
  const { apiVersion, subresource, time } = options;
  return [{ name: 'before-first-apply', operation: 'Update', apiVersion, subresource, time, fields, entry: undefined }];
}

function* refuseConflicts(options: ApplyOptions, others: readonly Manager[], comparisonFor: ComparisonFor): Work<void> {
  const conflicts = yield* findConflicts(others, comparisonFor);
  if (conflicts.length === 0) return;
  const left = options.manager === kubectlManager ? conflictsOutside(conflicts, lastAppliedFields(options.node, options.live)) : conflicts;
  if (left.length > 0) throw yield* conflictError(left);
}

function withoutManagedFields(config: unknown): unknown {
  return managedFieldsOf(config) === undefined ? config : withManagedFields(config, undefined);
}

function* refuseMisfit(node: SchemaNode, config: unknown, long = true): Work<void> {
  const errors = long ? yield* typeErrorsWork(node, config) : typeErrors(node, config);
  if (errors.length === 0) return;
  const why = errors.length === 1 ? errors[0]! : `errors:\n${errors.map((error) => `  ${error}`).join('\n')}`;
  throw new ApiError(500, '', `failed to create typed patch object (${subjectOf(config).named}): ${why}`);
}

/** 500 for an apply to an object of which no books can be kept. */
function untrackable(node: SchemaNode, live: unknown): ApiError {
  const why = typeErrors(node, live)[0] ?? '';
  const { named } = subjectOf(live);
  return new ApiError(
    500,
    '',
    `failed to create manager for existing fields: failed to convert new object (${named}) to smd typed: ${why}`,
  );
}

/** 500 for a configuration that fits the schema, but makes no object: a quantity or time that is none. `why` is the conversion's message. */
export function unfitConfiguration(config: unknown, why: string): ApiError {
  const { named, type } = subjectOf(config);
  return new ApiError(
    500,
    '',
    `failed to convert new object (${named}) to proper version: unable to convert unstructured object to ${type}: ${why}`,
  );
}

function subjectOf(config: unknown): { readonly named: string; readonly type: string } {
  const metadata = isRecord(config) && isRecord(config['metadata']) ? config['metadata'] : {};
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  const { apiVersion, kind } = isRecord(config) ? config : {};
  const groupVersion = text(apiVersion).includes('/') ? text(apiVersion) : `/${text(apiVersion)}`;
  const type = `${groupVersion}, Kind=${text(kind)}`;
  return { named: `${text(metadata['namespace'])}/${text(metadata['name'])}; ${type}`, type };
}
