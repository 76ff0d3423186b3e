// Says in a pod's status that it goes because it was evicted: jobs do not count it as a failure then.
// https://kubernetes.io/docs/concepts/workloads/pods/disruptions/#pod-disruption-conditions
import { formatTime } from '../../clock/clock.js';
import type { Kind } from '../../registry/kind.js';
import { StoreError } from '../../storage/store.js';
import type { RequestOptions } from '../core/api-request.js';
import type { Core } from '../core/core.js';
import type { EvictedPod } from './disruption.js';

const type = 'DisruptionTarget';

/**
 * Writes the condition, unless the pod is gone, is going already, has it, or is not the one that the preconditions mean (whoever deletes it says so).
 * Resolves to the preconditions that mean the pod as it is then. As with the real server, nobody's name is put down for it.
 */
export async function markDisruptionTarget(
  core: Core,
  kind: Kind,
  namespace: string,
  name: string,
  preconditions: RequestOptions['preconditions'],
): Promise<RequestOptions['preconditions']> {
  const storage = core.storages.of(kind);
  for (;;) {
    const entry = await storage.get(namespace, name);
    const pod: EvictedPod | undefined = entry?.value;
    if (entry === undefined || pod === undefined || pod.metadata.deletionTimestamp !== undefined) return preconditions;
    const { uid, resourceVersion } = preconditions ?? {};
    if ((uid ?? pod.metadata.uid) !== pod.metadata.uid) return preconditions;
    if ((resourceVersion ?? pod.metadata.resourceVersion) !== pod.metadata.resourceVersion) return preconditions;
    const conditions = pod.status?.conditions ?? [];
    if (conditions.some((one) => one.type === type && one.status === 'True')) return preconditions;
    const time = formatTime(core.clock.now());
    const condition = { type, status: 'True', lastProbeTime: null, lastTransitionTime: time, reason: 'EvictionByEvictionAPI', message: 'Eviction API: evicting' }; // prettier-ignore
    const marked = { ...pod, status: { ...pod.status, conditions: [...conditions.filter((one) => one.type !== type), condition] } };
    try {
      const { value } = await storage.store.update(entry.key, marked, entry.modRevision);
      return resourceVersion === undefined ? preconditions : { ...preconditions, resourceVersion: value.metadata.resourceVersion };
    } catch (error) {
      if (!(error instanceof StoreError && (error.code === 'conflict' || error.code === 'missing'))) throw error;
    }
  }
}
