// Bindings: the scheduler's word on a pod; nothing is stored. https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/binding-v1/
import type { KindDefinition } from '../kind.js';

export const bindings: KindDefinition = { group: '', version: 'v1', resource: 'bindings' };
