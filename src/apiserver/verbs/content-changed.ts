// What raises an object's generation. https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/#ObjectMeta
import { deepEqual } from '../../apimachinery/equality.js';
import { deepEqualWork } from '../../apimachinery/equality-work.js';
import type { KubeObject, Mutable } from '../../apimachinery/object.js';
import type { Work } from '../../clock/slices.js';
import type { Kind } from '../../registry/kind.js';

/** Whether anything but metadata and status is another. A custom resource without the status subresource has no status that is apart. */
export function* contentChanged(kind: Kind, draft: Mutable, old: KubeObject, long: boolean): Work<boolean> {
  const before = old as unknown as Mutable;
  const apart = kind.customSchema === undefined || kind.subresources.has('status') ? 'status' : '';
  for (const field in draft) {
    if (field === 'metadata' || field === apart) continue;
    const same = long ? yield* deepEqualWork(draft[field], before[field]) : deepEqual(draft[field], before[field]);
    if (!same) return true;
  }
  for (const field in before) {
    if (field !== 'metadata' && field !== apart && draft[field] === undefined) return true;
  }
  return false;
}
