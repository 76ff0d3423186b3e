// The status of a replica set or a replication controller.
import type { Pod } from '../../../openapi/types/core.v1.js';
import { deepEqual } from '../../apimachinery/equality.js';
import type { Draft } from '../../apimachinery/object.js';
import type { Client, ResourceType } from '../../client/client.js';
import { errorText } from '../../client/logger.js';
import { formatTime } from '../../clock/clock.js';
import { isPodReady, untilAvailable, untilNextAvailable } from '../shared/pods.js';
import type { PodKeeper, PodKeeperCondition, PodKeeperStatus } from './keeper.js';
import type { ReplicaFailure } from './replicas.js';

/**
 * @param active the set's pods that are neither finished nor being deleted
 * @param terminating how many of its pods are being deleted; undefined when the status does not say that
 * @param managed whether it was tried to create or delete pods: only then a failure of the past is over
 * @param now milliseconds since the epoch
 */
export function statusOf(
  set: PodKeeper,
  active: readonly Pod[],
  terminating: number | undefined,
  failure: ReplicaFailure | undefined,
  managed: boolean,
  now: number,
): PodKeeperStatus {
  const templateLabels = Object.entries(set.spec.template?.metadata?.labels ?? {});
  const minReadySeconds = set.spec.minReadySeconds ?? 0;
  let labelled = 0;
  let ready = 0;
  let available = 0;
  for (const pod of active) {
    const labels = pod.metadata.labels ?? {};
    if (templateLabels.every(([key, value]) => labels[key] === value)) labelled++;
    if (!isPodReady(pod)) continue;
    ready++;
    if (untilAvailable(pod, minReadySeconds, now) === 0) available++;
  }
  const conditions = conditionsOf(set, failure, managed, now);
  return {
    replicas: active.length,
    ...positive('fullyLabeledReplicas', labelled),
    ...positive('readyReplicas', ready),
    ...positive('availableReplicas', available),
    ...(terminating === undefined ? {} : { terminatingReplicas: terminating }),
    observedGeneration: set.metadata.generation ?? 0,
    ...(conditions.length > 0 ? { conditions } : {}),
  };
}

/** Zeroes are left out, as the server shows them. */
function positive(field: string, count: number): Record<string, number> {
  return count > 0 ? { [field]: count } : {};
}

function conditionsOf(set: PodKeeper, failure: ReplicaFailure | undefined, managed: boolean, now: number): readonly PodKeeperCondition[] {
  const conditions = set.status.conditions ?? [];
  const known = conditions.find(({ type }) => type === 'ReplicaFailure');
  if (failure !== undefined && known === undefined) {
    const { reason, error } = failure;
    return [
      ...conditions,
      { type: 'ReplicaFailure', status: 'True', lastTransitionTime: formatTime(now), reason, message: errorText(error) },
    ];
  }
  if (failure === undefined && known !== undefined && managed) return conditions.filter((condition) => condition !== known);
  return conditions;
}

/** Writes the status, unless it says what the set has already. */
export async function writeStatus<T extends PodKeeper>(
  client: Client,
  type: ResourceType<T>,
  set: T,
  status: PodKeeperStatus,
): Promise<void> {
  if (deepEqual(withoutZeroes(set.status), withoutZeroes(status))) return;
  const changed: unknown = { ...set, status };
  await client.update(type, changed as Draft<T>, { subresource: 'status' });
}

function withoutZeroes(status: PodKeeperStatus): unknown {
  const { conditions = [], terminatingReplicas, ...counts } = status;
  return { counts: Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0)), conditions, terminatingReplicas };
}

/** Milliseconds until the next pod becomes available by the passing of time; undefined when none will. */
export function nextAvailability(set: PodKeeper, active: readonly Pod[], now: number): number | undefined {
  return untilNextAvailable(active, set.spec.minReadySeconds ?? 0, now);
}
