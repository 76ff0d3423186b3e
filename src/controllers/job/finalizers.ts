// Takes the tracking finalizer from pods, and remembers whose is gone until the informer has seen it.
import type { Pod } from '../../../openapi/types/core.v1.js';
import { isReason } from '../../apimachinery/errors/api-error.js';
import type { Client } from '../../client/client.js';
import type { InformerStore } from '../../client/informer/types.js';
import { keyOf } from '../../client/keys.js';
import { PODS } from '../../client/resources.js';
import { hasTrackingFinalizer, trackingFinalizer } from './job-pods.js';

export interface Finalizers {
  /** Resolves when the pod does not have it, or is gone. */
  remove(pod: Pod): Promise<void>;
  /** Whether the pod with this uid has lost it, though the informer still shows it. */
  isRemoved(uid: string): boolean;
  /** To be called for each change and deletion that the informer shows. */
  observe(pod: Pod, deleted: boolean): void;
}

/** Without that memory a pod whose finalizer has just gone would be counted once more. */
export function createFinalizers(client: Client, pods: InformerStore<Pod>): Finalizers {
  const removed = new Set<string>();
  return {
    async remove(pod) {
      const { uid } = pod.metadata;
      if (!hasTrackingFinalizer(pod) || removed.has(uid)) return;
      removed.add(uid);
      try {
        const metadata = { uid, '$deleteFromPrimitiveList/finalizers': [trackingFinalizer] };
        await client.patch(PODS, pod.metadata, 'strategic', { metadata });
      } catch (error) {
        const shown = pods.get(keyOf(pod))?.metadata.uid === uid;
        const gone = isReason(error, 'NotFound');
        if (!gone || !shown) removed.delete(uid);
        // A conflict is either about another pod of this name, whose uid does not fit, or a write that came between: then it is tried again.
        if (!gone && (shown || !isReason(error, 'Conflict'))) throw error;
      }
    },
    isRemoved: (uid) => removed.has(uid),
    observe(pod, deleted) {
      if (removed.size > 0 && (deleted || !hasTrackingFinalizer(pod))) removed.delete(pod.metadata.uid);
    },
  };
}
