// Who controls an object, and taking objects in and letting them go.
// https://kubernetes.io/docs/concepts/overview/working-with-objects/owners-dependents/
import type { KubeObject, OwnerReference } from '../../apimachinery/object.js';

/** The owner reference marked as the controller, if there is one. */
export function controllerOf(object: KubeObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((reference) => reference.controller === true);
}

/** Whether `owner` is the controller of `object` (by uid). */
export function isControlledBy(object: KubeObject, owner: KubeObject): boolean {
  return controllerOf(object)?.uid === owner.metadata.uid;
}

/** A controller reference to `owner`, as controllers put into what they create. */
export function controllerReference(owner: KubeObject): OwnerReference {
  return {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid,
    controller: true,
    blockOwnerDeletion: true,
  };
}

/** An index function: the uid of the controller; `byIndex('controller', owner.metadata.uid)`. */
export function byController(object: KubeObject): readonly string[] {
  const controller = controllerOf(object);
  return controller ? [controller.uid] : [];
}

/** An index function: the namespace, '' for cluster-scoped objects. */
export function byNamespace(object: KubeObject): readonly string[] {
  return [object.metadata.namespace ?? ''];
}
