// How a definition goes: marked first, and held by a finalizer until its objects are gone.
// https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#delete-a-customresourcedefinition
import { isRecord } from '../../apimachinery/object.js';
import type { DeletionHold } from '../kind.js';

export const cleanupFinalizer = 'customresourcecleanup.apiextensions.k8s.io';

export const definitionHold: DeletionHold = {
  // Its finalizer holds it.
  held: () => false,
  again: (object) =>
    object.metadata.deletionGracePeriodSeconds === 0
      ? object
      : { ...object, metadata: { ...object.metadata, deletionGracePeriodSeconds: 0 } },
  mark: (draft) => {
    const metadata = isRecord(draft['metadata']) ? draft['metadata'] : {};
    const finalizers = Array.isArray(metadata['finalizers']) ? (metadata['finalizers'] as readonly unknown[]) : [];
    draft['metadata'] = { ...metadata, finalizers: finalizers.includes(cleanupFinalizer) ? finalizers : [...finalizers, cleanupFinalizer] };
    const status = isRecord(draft['status']) ? draft['status'] : {};
    const conditions = Array.isArray(status['conditions']) ? (status['conditions'] as readonly unknown[]) : [];
    const terminating = {
      type: 'Terminating',
      status: 'True',
      lastTransitionTime: metadata['deletionTimestamp'],
      reason: 'InstanceDeletionPending',
      message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
    };
    const others = conditions.filter((one) => !isRecord(one) || one['type'] !== 'Terminating');
    draft['status'] = { ...status, conditions: [...others, terminating] };
  },
};
