// What the scheduler writes of a pod: the condition of one that found no node, and the node on which room is made for it.
import type { Pod, PodCondition } from '../../openapi/types/core.v1.js';
import { formatTime, type Clock } from '../clock/clock.js';
import type { Client } from '../client/client.js';
import { PODS } from '../client/resources.js';

export interface StatusWriter {
  /**
   * Sets `PodScheduled` to False and, when it says something, the node that the pod is nominated for ('' takes it away); writes nothing when
   * the pod says so already. Rejects with the server's ApiError.
   */
  markUnscheduled(pod: Pod, reason: 'Unschedulable' | 'SchedulerError', message: string, nominated?: string): Promise<void>;
  /** Says where the pod is about to go, while what it needs there is being prepared. Rejects with the server's ApiError. */
  nominate(pod: Pod, node: string): Promise<void>;
}

export function createStatusWriter(client: Client, clock: Clock): StatusWriter {
  const patch = async (pod: Pod, status: Readonly<Record<string, unknown>>): Promise<void> => {
    await client.patch(PODS, pod.metadata, 'strategic', { metadata: { uid: pod.metadata.uid }, status }, { subresource: 'status' });
  };
  return {
    async markUnscheduled(pod, reason, message, nominated) {
      const before = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
      const renominated = nominated !== undefined && nominated !== (pod.status?.nominatedNodeName ?? '');
      if (before?.status === 'False' && before.reason === reason && before.message === message && !renominated) return;
      const condition: PodCondition = {
        type: 'PodScheduled',
        status: 'False',
        reason,
        message,
        ...(before?.status === 'False' ? {} : { lastTransitionTime: formatTime(clock.now()) }),
        ...(pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation }),
      };
      await patch(pod, { conditions: [condition], ...(renominated ? { nominatedNodeName: nominated === '' ? null : nominated } : {}) });
    },
    async nominate(pod, node) {
      if (pod.status?.nominatedNodeName !== node) await patch(pod, { nominatedNodeName: node });
    },
  };
}

/** The pod as it is once {@link StatusWriter.nominate} was written. */
export function nominatedFor(pod: Pod, node: string): Pod {
  return { ...pod, status: { ...pod.status, nominatedNodeName: node } };
}
