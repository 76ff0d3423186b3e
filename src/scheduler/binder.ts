// What the scheduler writes: bindings, and the condition of pods that found no node.
import type { Binding, Pod, PodCondition } from '../../openapi/types/core.v1.js';
import { formatTime, type Clock } from '../clock/clock.js';
import type { Client } from '../client/client.js';
import { PODS } from '../client/resources.js';

export interface Binder {
  /** Rejects with the server's ApiError. */
  bind(pod: Pod, node: string): Promise<void>;
  /** Sets `PodScheduled` to False; writes nothing when the pod says so already. Rejects with the server's ApiError. */
  markUnscheduled(pod: Pod, reason: 'Unschedulable' | 'SchedulerError', message: string): Promise<void>;
}

export function createBinder(client: Client, clock: Clock): Binder {
  return {
    async bind({ metadata: { name, namespace, uid } }, node) {
      await client.create<Pod, Binding>(
        PODS,
        { apiVersion: 'v1', kind: 'Binding', metadata: { name, namespace, uid }, target: { apiVersion: 'v1', kind: 'Node', name: node } },
        { subresource: 'binding' },
      );
    },
    async markUnscheduled(pod, reason, message) {
      const before = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
      if (before?.status === 'False' && before.reason === reason && before.message === message) return;
      const condition: PodCondition = {
        type: 'PodScheduled',
        status: 'False',
        reason,
        message,
        ...(before?.status === 'False' ? {} : { lastTransitionTime: formatTime(clock.now()) }),
        ...(pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation }),
      };
      await client.patch(
        PODS,
        pod.metadata,
        'strategic',
        { metadata: { uid: pod.metadata.uid }, status: { conditions: [condition] } },
        { subresource: 'status' },
      );
    },
  };
}
