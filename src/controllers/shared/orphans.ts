// Pods that nobody controls, found by their namespace.
import type { Pod } from '../../../openapi/types/core.v1.js';
import { controllerOf } from '../../client/controller/owner-references.js';

/** An index function: the namespace of pods that nobody controls; `byIndex('orphans', namespace)`. */
export function orphansByNamespace(pod: Pod): readonly string[] {
  return controllerOf(pod) ? [] : [pod.metadata.namespace ?? ''];
}
