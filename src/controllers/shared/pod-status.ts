// Changes one condition of a pod, whatever its kubelet writes meanwhile.
import type { Pod, PodCondition, PodStatus } from '../../../openapi/types/core.v1.js';
import type { Client } from '../../client/client.js';
import { PODS } from '../../client/resources.js';
import { withCondition } from './pods.js';

/** Merges the condition by its type, and the other fields, into the status. Refused when the pod is another one of this name. */
export async function patchPodStatus(client: Client, pod: Pod, condition: PodCondition, more: PodStatus = {}): Promise<void> {
  const order = withCondition(pod.status.conditions, condition).map(({ type }) => ({ type }));
  const status = { ...more, conditions: [condition], '$setElementOrder/conditions': order };
  await client.patch(PODS, pod.metadata, 'strategic', { metadata: { uid: pod.metadata.uid }, status }, { subresource: 'status' });
}
