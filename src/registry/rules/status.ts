// What strategies do with `status`: clients write it through the subresource only.
// https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md#spec-and-status
import type { KubeObject, Mutable } from '../../apimachinery/object.js';
import { isRecord } from '../../apimachinery/object.js';
import type { Strategy } from '../kind.js';

/** Puts `old`'s field, or its absence, into the draft. */
export function keepField(draft: Mutable, old: KubeObject, field: string): void {
  const before = (old as unknown as Mutable)[field];
  if (before === undefined) delete draft[field];
  else draft[field] = before;
}

/** Hooks of a kind with a status: `empty` makes the status of a new object (undefined: none), an update keeps the old one. */
export function statusHooks(empty: () => unknown): Pick<Strategy, 'prepareForCreate' | 'prepareForUpdate'> {
  return {
    prepareForCreate: (draft) => {
      const status = empty();
      if (status === undefined) delete draft.status;
      else draft.status = status;
    },
    prepareForUpdate: (draft, old) => keepField(draft, old, 'status'),
  };
}

const keptMetadata = ['labels', 'annotations', 'finalizers', 'ownerReferences'] as const;

/** For kinds whose status writes change nothing of metadata: all but `status` is the old object's. */
export function keepAllButStatus(draft: Mutable, old: KubeObject): void {
  for (const field of Object.keys(draft)) {
    if (field !== 'status' && field !== 'metadata' && field !== 'apiVersion' && field !== 'kind') keepField(draft, old, field);
  }
  for (const field of Object.keys(old)) if (!(field in draft) && field !== 'status') keepField(draft, old, field);
  const { metadata } = draft;
  if (!isRecord(metadata)) return;
  for (const field of keptMetadata) {
    const before = old.metadata[field];
    if (before === undefined) delete metadata[field];
    else metadata[field] = before;
  }
}
