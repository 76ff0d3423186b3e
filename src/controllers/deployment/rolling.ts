// How many old replicas a rolling update may take away now.
// https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-update-deployment
import type { Deployment, ReplicaSet } from '../../../openapi/types/apps.v1.js';
import { byCreation } from '../shared/sort.js';
import type { SizedSet } from './scale.js';
import { replicasOf, rollingLimits, sumReplicas, sumStatus } from './strategy.js';

/** The old sets with their new, smaller sizes: unhealthy replicas go first, since nobody misses them; then as many as availability allows. */
export function sizesForRollingUpdate(deployment: Deployment, old: readonly ReplicaSet[], newSet: ReplicaSet): SizedSet[] {
  const minAvailable = replicasOf(deployment) - rollingLimits(deployment).maxUnavailable;
  const newUnavailable = replicasOf(newSet) - (newSet.status.availableReplicas ?? 0);
  const mayGo = sumReplicas(old) + replicasOf(newSet) - minAvailable - newUnavailable;
  const active = old.filter((set) => replicasOf(set) > 0).sort(byCreation);
  if (mayGo <= 0 || active.length === 0) return [];

  const sizes = new Map(active.map((set) => [set, replicasOf(set)]));
  let cleaned = 0;
  for (const set of active) {
    const unhealthy = Math.max(replicasOf(set) - (set.status.availableReplicas ?? 0), 0);
    const less = Math.min(mayGo - cleaned, unhealthy);
    if (less <= 0) continue;
    cleaned += less;
    sizes.set(set, replicasOf(set) - less);
  }
  let healthy = sumStatus(active, 'availableReplicas') + (newSet.status.availableReplicas ?? 0) - minAvailable;
  for (const set of active) {
    if (healthy <= 0) break;
    const size = sizes.get(set)!;
    const less = Math.min(size, healthy);
    healthy -= less;
    sizes.set(set, size - less);
  }
  return [...sizes].filter(([set, size]) => size !== replicasOf(set)).map(([set, replicas]) => ({ set, replicas }));
}
