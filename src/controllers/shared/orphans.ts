// Objects that nobody controls, found by their namespace.
import type { KubeObject } from '../../apimachinery/object.js';
import { controllerOf } from '../../client/controller/owner-references.js';

/** An index function: the namespace of objects that nobody controls; `byIndex('orphans', namespace)`. */
export function orphansByNamespace(object: KubeObject): readonly string[] {
  return controllerOf(object) ? [] : [object.metadata.namespace ?? ''];
}
