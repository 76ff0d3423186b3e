// Which pods count when their metrics are compared with a target.
// https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#algorithm-details
import type { Pod } from '../../../openapi/types/core.v1.js';
import { podCondition } from '../shared/pods.js';
import type { PodMetric, PodMetrics } from './metrics-client.js';

export interface PodGroups {
  /** How many pods are ready and have metrics. */
  readonly ready: number;
  readonly unready: ReadonlySet<string>;
  readonly missing: ReadonlySet<string>;
  /** The metrics that count: all but those of pods that are going, have failed or are not ready. */
  readonly metrics: Map<string, PodMetric>;
}

/** Milliseconds from a pod's start in which its CPU usage is of its start: --horizontal-pod-autoscaler-cpu-initialization-period. */
const initialization = 300_000;
/** Milliseconds from a pod's start in which it becomes ready for the first time: --horizontal-pod-autoscaler-initial-readiness-delay. */
const initialReadiness = 30_000;

/** @param resource `cpu`, of which a pod uses more while it starts; '' for metrics that are no resources */
export function groupPods(pods: readonly Pod[], metrics: PodMetrics, resource: string, now: number): PodGroups {
  const groups = { ready: 0, unready: new Set<string>(), missing: new Set<string>(), metrics: new Map<string, PodMetric>(metrics) };
  for (const pod of pods) {
    const { name, deletionTimestamp } = pod.metadata;
    const metric = metrics.get(name);
    if (deletionTimestamp !== undefined || pod.status.phase === 'Failed') groups.metrics.delete(name);
    else if (metric === undefined && pod.status.phase !== 'Pending') groups.missing.add(name);
    else if (metric === undefined || pod.status.phase === 'Pending' || (resource === 'cpu' && isStarting(pod, metric, now))) {
      groups.unready.add(name);
      groups.metrics.delete(name);
    } else groups.ready++;
  }
  return groups;
}

function isStarting(pod: Pod, metric: PodMetric, now: number): boolean {
  const ready = podCondition(pod, 'Ready');
  const { startTime } = pod.status;
  if (ready === undefined || startTime === undefined) return true;
  const started = Date.parse(startTime);
  const changed = Date.parse(ready.lastTransitionTime ?? startTime);
  // Soon after its start, a pod's usage counts once all that was measured is of the time since it became ready.
  if (started + initialization > now) return ready.status === 'False' || metric.timestamp < changed + metric.window;
  // Later, a pod that was never ready does not count; one that ceased to be does.
  return ready.status === 'False' && started + initialReadiness > changed;
}
