// The condition by which a pod that the control plane takes away says why.
// https://kubernetes.io/docs/concepts/workloads/pods/disruptions/#pod-disruption-conditions
import type { Pod } from '../../../openapi/types/core.v1.js';
import type { Client } from '../../client/client.js';
import { formatTime } from '../../clock/clock.js';
import { podCondition } from './pods.js';
import { patchPodStatus } from './pod-status.js';

/** @param phase the phase to set as well, when nobody else will */
export async function addDisruptionTarget(
  client: Client,
  pod: Pod,
  reason: string,
  message: string,
  now: number,
  phase?: 'Failed',
): Promise<void> {
  const known = podCondition(pod, 'DisruptionTarget');
  if (known?.status === 'True' && known.reason === reason && phase === undefined) return;
  const observedGeneration = pod.metadata.generation;
  const observed = observedGeneration === undefined ? {} : { observedGeneration };
  const condition = { type: 'DisruptionTarget', status: 'True', lastTransitionTime: formatTime(now), reason, message, ...observed };
  await patchPodStatus(client, pod, condition, phase === undefined ? {} : { phase, ...observed });
}
