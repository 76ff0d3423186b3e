// SchedulingGates: a pod with gates waits until all are taken away.
// https://kubernetes.io/docs/concepts/scheduling-eviction/pod-scheduling-readiness/
import type { PreEnqueuePlugin } from '../framework.js';

export const schedulingGates: PreEnqueuePlugin = {
  name: 'SchedulingGates',
  admits: ({ spec }) => spec.schedulingGates === undefined || spec.schedulingGates.length === 0,
};
