// Who manages the replicas: a kind's managedFields as its Scale shows them, and back.
// https://kubernetes.io/docs/reference/using-api/server-side-apply/#transferring-ownership
import { difference, fieldSetOf, has, isEmptySet, union, type FieldSet } from '../../apimachinery/managedfields/field-set.js';
import { cap, readManagers, writeManagers, type Manager } from '../../apimachinery/managedfields/managers.js';
import type { ManagedFieldsEntry } from '../../apimachinery/object.js';

const scaleVersion = 'autoscaling/v1';
const scaleReplicas = fieldSetOf(['spec', 'replicas']);
const scalePath = ['f:spec', 'f:replicas'];

function elements(path: readonly string[]): readonly string[] {
  return path.map((name) => `f:${name}`);
}

function isSameWriter(a: Manager, b: Manager): boolean {
  return a.name === b.name && a.operation === b.operation && a.subresource === b.subresource;
}

/** The entries of a Scale: those of the scaled object that have its replicas (at `path`), which is all that they have there. */
export function scaleEntries(entries: readonly ManagedFieldsEntry[] | undefined, path: readonly string[]): readonly ManagedFieldsEntry[] {
  const replicas = elements(path);
  return (entries ?? [])
    .filter(({ fieldsV1 }) => has((fieldsV1 ?? {}) as FieldSet, replicas))
    .map((entry) => ({ ...entry, apiVersion: scaleVersion, fieldsV1: scaleReplicas }));
}

/**
 * The entries of the scaled object after a write of its Scale: `scaled` are the Scale's new ones, `stored` the object's own. Whoever has the
 * replicas no more loses them; who came to have them gets an entry without a time, in the object's own `apiVersion`.
 */
export function parentEntries(
  stored: readonly ManagedFieldsEntry[] | undefined,
  scaled: readonly ManagedFieldsEntry[],
  path: readonly string[],
  apiVersion: string,
): readonly ManagedFieldsEntry[] | undefined {
  const replicas = elements(path);
  const set = fieldSetOf(path);
  const owners = readManagers(scaled).filter(({ fields }) => has(fields, scalePath));
  const known = readManagers(stored ?? []);
  const kept = known.flatMap((manager): Manager[] => {
    if (!has(manager.fields, replicas) || owners.some((owner) => isSameWriter(owner, manager))) return [manager];
    const fields = difference(manager.fields, set);
    return isEmptySet(fields) ? [] : [{ ...manager, fields, entry: undefined }];
  });
  for (const owner of owners) {
    if (known.some((manager) => isSameWriter(owner, manager) && has(manager.fields, replicas))) continue;
    const at = kept.findIndex((manager) => isSameWriter(owner, manager) && manager.apiVersion === apiVersion);
    const before = kept[at];
    if (before === undefined) kept.push({ ...owner, apiVersion, time: '', fields: set, entry: undefined });
    else kept[at] = { ...before, fields: union(before.fields, set), entry: undefined };
  }
  return writeManagers(cap(kept), stored);
}
