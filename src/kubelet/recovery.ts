// Takes a pod on: a new one, or one that ran on this node before its restart.
import type { ContainerStatus, Pod } from '../../openapi/types/core.v1.js';
import { formatTime } from '../clock/clock.js';
import { containerRecord, kindOfInit, type ContainerKind, type PodRecord } from './pod-record.js';

/** The exit code of a container whose end nobody saw. */
const unknownExit = 255;

/**
 * What the kubelet knows of a pod at first. When the pod's status says that containers ran here before, they count as ended with the
 * node, as after a machine's restart: code 255 for those that ran, and the next run raises the restart count.
 */
export function newPodRecord(pod: Pod, now: number): PodRecord {
  const { status, spec } = pod;
  const ended = status.phase === 'Succeeded' || status.phase === 'Failed' ? status.phase : undefined;
  const record: PodRecord = {
    pod,
    startTime: status.startTime ?? formatTime(now),
    containers: new Map(),
    sandbox: undefined,
    ips: (status.podIPs ?? []).map(({ ip }) => ip),
    sandboxAttempt: status.podIP === undefined ? 0 : 1,
    volumesReady: false,
    volumesInUse: [],
    volumeFailures: 0,
    initialized: ended !== undefined,
    past: ended !== undefined,
    terminal: ended ? { phase: ended, reason: status.reason, message: status.message } : undefined,
  };
  if (ended) return record;
  const recover = (name: string, kind: ContainerKind, statuses: readonly ContainerStatus[] | undefined): void => {
    const before = statuses?.find((one) => one.name === name);
    if (!before || (before.containerID ?? '') === '') return;
    const container = containerRecord(record, { name }, kind);
    container.restartCount = before.restartCount;
    container.lastTermination = before.lastState.terminated;
    container.terminated =
      before.state.terminated ??
      (before.state.running
        ? {
            exitCode: unknownExit,
            reason: 'Unknown',
            ...(before.state.running.startedAt === undefined ? {} : { startedAt: before.state.running.startedAt }),
            finishedAt: formatTime(now),
            ...(before.containerID === undefined ? {} : { containerID: before.containerID }),
          }
        : before.lastState.terminated);
  };
  for (const one of spec.containers) recover(one.name, 'regular', status.containerStatuses);
  for (const one of spec.ephemeralContainers ?? []) recover(one.name, 'ephemeral', status.ephemeralContainerStatuses);
  for (const one of spec.initContainers ?? []) recover(one.name, kindOfInit(one), status.initContainerStatuses);
  return record;
}

/** The init containers run again in a new sandbox; how they ended before is kept as their last state. */
export function forgetInitContainers(record: PodRecord): void {
  record.initialized = false;
  for (const container of record.containers.values()) {
    if (container.kind !== 'init' || !container.terminated) continue;
    container.lastTermination = container.terminated;
    container.terminated = undefined;
    container.restartCount++;
  }
}
