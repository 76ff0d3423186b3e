// Removes the victims, and takes back what was promised to less important pods on the node.
import type { PodCondition } from '../../../openapi/types/core.v1.js';
import { isReason } from '../../apimachinery/errors/api-error.js';
import { errorText } from '../../client/logger.js';
import { PODS } from '../../client/resources.js';
import { formatTime } from '../../clock/clock.js';
import type { PluginHandle, PodInfo } from '../framework.js';
import type { Candidate } from './candidates.js';

/** Never rejects: a victim that could not be removed is tried again with the pod that needs the room. */
export async function evictVictims(handle: PluginHandle, pod: PodInfo, { node, victims }: Candidate): Promise<void> {
  const { nominations, client, logger } = handle;
  const less = nominations.on(node.name).filter(({ key, priority }) => key !== pod.key && priority < pod.priority);
  const quiet = async (work: Promise<unknown>, what: string): Promise<void> => {
    try {
      await work;
    } catch (error) {
      if (!isReason(error, 'NotFound')) logger.warn(what, { error: errorText(error) });
    }
  };
  await Promise.all(
    less.map((other) =>
      quiet(
        client.patch(PODS, other.pod.metadata, 'merge', { status: { nominatedNodeName: null } }, { subresource: 'status' }),
        `the nomination of pod ${other.key} was not taken back`,
      ),
    ),
  );
  await Promise.all(victims.map((victim) => quiet(evict(handle, pod, victim, node.name), `pod ${victim.key} was not preempted`)));
}

async function evict(
  { client, clock, recorder, schedulerName }: PluginHandle,
  { pod }: PodInfo,
  victim: PodInfo,
  node: string,
): Promise<void> {
  const { metadata, status } = victim.pod;
  // It is on its way already.
  if (metadata.deletionTimestamp !== undefined) return;
  const known = status?.conditions?.find(({ type }) => type === 'DisruptionTarget');
  if (known?.status !== 'True') {
    const condition: PodCondition = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'PreemptionByScheduler',
      message: `${schedulerName}: preempting to accommodate a higher priority pod`,
      lastTransitionTime: formatTime(clock.now()),
      ...(metadata.generation === undefined ? {} : { observedGeneration: metadata.generation }),
    };
    await client.patch(
      PODS,
      metadata,
      'strategic',
      { metadata: { uid: metadata.uid }, status: { conditions: [condition] } },
      { subresource: 'status' },
    );
  }
  await client.delete(PODS, metadata, { preconditions: { uid: metadata.uid } });
  recorder.event(victim.pod, 'Normal', 'Preempted', `Preempted by pod ${pod.metadata.uid} on node ${node}`, 'Preempting');
}
