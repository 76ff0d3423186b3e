// Container statuses. https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-states
import type { ContainerState, ContainerStatus, ContainerUser, Pod, VolumeMountStatus } from '../../openapi/types/core.v1.js';
import { formatTime } from '../clock/clock.js';
import type { RuntimeService } from '../runtime/cri.js';
import { containerIdText, isRunning, type ContainerRecord, type ContainerSpec, type PodRecord } from './pod-record.js';
import type { ProbeManager } from './probes.js';

export interface StatusSources {
  readonly runtime: RuntimeService;
  readonly probes: ProbeManager;
}

/** The status of one container of the pod; `container` is undefined while the kubelet has not come to it. */
export function containerStatus(
  record: PodRecord,
  spec: ContainerSpec,
  container: ContainerRecord | undefined,
  sources: StatusSources,
  now: number,
): ContainerStatus {
  const { pod } = record;
  const running = isRunning(container);
  const probes = running ? sources.probes.state(spec, container.id, now) : undefined;
  const completed = container?.kind === 'init' && container.terminated?.exitCode === 0 && !container.waiting;
  const ready = container?.kind === 'init' ? completed : container?.kind === 'ephemeral' ? false : (probes?.ready ?? false);
  const mounts = mountStatuses(spec);
  const { requests } = spec.resources ?? {};
  return {
    name: spec.name,
    ...states(record, container, sources.runtime),
    ready,
    restartCount: container?.restartCount ?? 0,
    image: container?.image?.reference ?? spec.image ?? '',
    imageID: container?.image?.id ?? '',
    ...(container?.id === undefined ? recoveredId(container) : { containerID: containerIdText(container.id) }),
    started: probes?.started ?? false,
    ...(running && requests && Object.keys(requests).length > 0 ? { allocatedResources: requests } : {}),
    ...(running ? { resources: spec.resources ?? {}, user: userOf(pod, spec) } : {}),
    ...(mounts.length > 0 ? { volumeMounts: mounts } : {}),
  };
}

/** A container of before the node's restart keeps its id while it is the last one known. */
function recoveredId(container: ContainerRecord | undefined): { containerID?: string } {
  const id = container?.terminated?.containerID;
  return id === undefined ? {} : { containerID: id };
}

function states(
  record: PodRecord,
  container: ContainerRecord | undefined,
  runtime: RuntimeService,
): { state: ContainerState; lastState: ContainerState } {
  const last = (terminated: ContainerState['terminated']): ContainerState => (terminated ? { terminated } : {});
  if (!container) return { state: { waiting: { reason: defaultReason(record) } }, lastState: {} };
  const { waiting, terminated, lastTermination } = container;
  if (waiting) return { state: { waiting }, lastState: last(terminated ?? lastTermination) };
  if (terminated) return { state: { terminated }, lastState: last(lastTermination) };
  if (container.id === undefined) return { state: { waiting: { reason: defaultReason(record) } }, lastState: last(lastTermination) };
  const status = runtime.containerStatus(container.id);
  if (status?.startedAt === undefined) return { state: { waiting: { reason: defaultReason(record) } }, lastState: last(lastTermination) };
  return { state: { running: { startedAt: formatTime(status.startedAt) } }, lastState: last(lastTermination) };
}

function defaultReason({ pod, initialized }: PodRecord): string {
  return !initialized && (pod.spec.initContainers?.length ?? 0) > 0 ? 'PodInitializing' : 'ContainerCreating';
}

/** As the runtime reports the first process's user. https://kubernetes.io/docs/tasks/configure-pod-container/security-context/ */
function userOf({ spec }: Pod, { securityContext }: ContainerSpec): ContainerUser {
  const pod = spec.securityContext;
  const uid = securityContext?.runAsUser ?? pod?.runAsUser ?? 0;
  const gid = securityContext?.runAsGroup ?? pod?.runAsGroup ?? 0;
  const groups = new Set([gid, ...(pod?.fsGroup === undefined ? [] : [pod.fsGroup]), ...(pod?.supplementalGroups ?? [])]);
  return { linux: { uid, gid, supplementalGroups: [...groups].sort((a, b) => a - b) } };
}

/** https://kubernetes.io/docs/concepts/storage/volumes/#recursive-read-only-mounts */
function mountStatuses({ volumeMounts = [] }: ContainerSpec): readonly VolumeMountStatus[] {
  return volumeMounts.map(({ name, mountPath, readOnly, recursiveReadOnly }) => ({
    name,
    mountPath,
    ...(readOnly
      ? {
          readOnly: true,
          recursiveReadOnly: recursiveReadOnly === 'Enabled' || recursiveReadOnly === 'IfPossible' ? 'Enabled' : 'Disabled',
        }
      : {}),
  }));
}
