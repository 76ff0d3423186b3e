// SchedulingGates: a pod with gates waits until all are taken away.
// https://kubernetes.io/docs/concepts/scheduling-eviction/pod-scheduling-readiness/
import type { Plugin } from '../framework.js';

export function schedulingGates(): Plugin {
  return {
    name: 'SchedulingGates',
    preEnqueue: ({ spec }) => {
      const gates = spec.schedulingGates ?? [];
      return gates.length === 0 ? undefined : `waiting for scheduling gates: [${gates.map(({ name }) => name).join(' ')}]`;
    },
  };
}
