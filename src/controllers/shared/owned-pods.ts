// Tells the objects that keep pods of what happens to their pods, and to pods that might become theirs.
import type { Pod } from '../../../openapi/types/core.v1.js';
import type { KubeObject } from '../../apimachinery/object.js';
import type { Expectations } from '../../client/controller/expectations.js';
import { controllerOf } from '../../client/controller/owner-references.js';
import type { InformerHandler, InformerStore } from '../../client/informer/types.js';
import { keyOf, makeKey } from '../../client/keys.js';

export interface PodKeeping<T extends KubeObject> {
  /** `ReplicaSet`. */
  readonly kind: string;
  /** All objects of the kind. */
  readonly store: InformerStore<T>;
  /** Told of creations and deletions, by the owner's key. */
  readonly expectations: Expectations;
  /** Something happened to a pod of the owner. */
  readonly enqueue: (owner: T) => void;
  /** A pod that nobody controls came, or has changed its labels: owners whose selector fits may adopt it. */
  readonly enqueueMatching: (pod: Pod) => void;
}

/** A handler for the informer of pods. */
export function ownedPodsHandler<T extends KubeObject>(keeping: PodKeeping<T>): Required<InformerHandler<Pod>> {
  const { kind, store, expectations, enqueue, enqueueMatching } = keeping;
  const ownerOf = (pod: Pod): T | undefined => {
    const controller = controllerOf(pod);
    if (controller?.kind !== kind) return undefined;
    const owner = store.get(makeKey(pod.metadata.namespace, controller.name));
    return owner?.metadata.uid === controller.uid ? owner : undefined;
  };
  return {
    add(pod) {
      const owner = ownerOf(pod);
      if (owner === undefined) return void (controllerOf(pod) === undefined && enqueueMatching(pod));
      if (pod.metadata.deletionTimestamp !== undefined) expectations.deletionObserved(keyOf(owner), pod.metadata.uid);
      else expectations.creationObserved(keyOf(owner));
      enqueue(owner);
    },
    update(previous, current) {
      const before = ownerOf(previous);
      const after = ownerOf(current);
      if (before !== undefined && before.metadata.uid !== after?.metadata.uid) enqueue(before);
      if (after !== undefined) {
        if (current.metadata.deletionTimestamp !== undefined) expectations.deletionObserved(keyOf(after), current.metadata.uid);
        enqueue(after);
      } else if (
        controllerOf(current) === undefined &&
        (previous.metadata.labels !== current.metadata.labels || controllerOf(previous) !== undefined)
      ) {
        enqueueMatching(current);
      }
    },
    delete(last) {
      const owner = ownerOf(last);
      if (owner === undefined) return;
      expectations.deletionObserved(keyOf(owner), last.metadata.uid);
      enqueue(owner);
    },
  };
}
