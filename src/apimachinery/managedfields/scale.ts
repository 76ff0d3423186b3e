// Who manages the replicas after a write to `/scale`. https://kubernetes.io/docs/reference/using-api/server-side-apply/#transferring-ownership
import type { ManagedFieldsEntry } from '../object.js';
import { fieldSetOf, has } from './field-set.js';
import { readManagers } from './managers.js';
import { managedFieldsOf, updateManagedFields, type UpdateOptions } from './update.js';

/** `apiVersion` is the scaled object's, not autoscaling's; `old` and `new` are the scaled object before and after. */
export interface ScaleOptions extends Pick<UpdateOptions, 'node' | 'old' | 'new' | 'manager' | 'apiVersion'> {
  /** The path of the replicas in the scaled object, such as `['spec', 'replicas']`. */
  readonly replicas: readonly string[];
}

/**
 * The managedFields of a scaled object: the replicas go to the manager, in an entry for `scale` without a time. While nobody manages them,
 * nobody comes to.
 */
export function updateScaleManagedFields(options: ScaleOptions): readonly ManagedFieldsEntry[] | undefined {
  const stored = managedFieldsOf(options.old) as readonly ManagedFieldsEntry[] | undefined;
  const path = options.replicas.map((name) => `f:${name}`);
  if (stored === undefined || !readManagers(stored).some(({ fields }) => has(fields, path))) return stored;
  const { node, manager, apiVersion, old } = options;
  // Only what is at the path counts, and the books are not the client's to change here.
  const everythingElse = fieldSetOf(...[...node.fields.keys()].filter((name) => name !== options.replicas[0]).map((name) => [name]));
  return updateManagedFields({
    node,
    manager,
    apiVersion,
    old,
    new: options.new,
    subresource: 'scale',
    time: '',
    resetFields: everythingElse,
  });
}
