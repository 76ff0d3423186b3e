// What a kubelet remembers of one pod and its containers.
import type { Container, ContainerStateTerminated, EphemeralContainer, Pod } from '../../openapi/types/core.v1.js';
import type { RuntimeImage, RuntimeService } from '../runtime/cri.js';
import { lastOutput } from '../runtime/log-reader.js';
import { formatTime } from '../clock/clock.js';

/** A sidecar is an init container that is restarted for ever. https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/ */
export type ContainerKind = 'init' | 'sidecar' | 'regular' | 'ephemeral';

export interface ContainerRecord {
  readonly kind: ContainerKind;
  readonly name: string;
  /** The runtime's container: the one that runs, or ran last. */
  id: string | undefined;
  /** The one before it, for `kubectl logs --previous`. */
  previousId: string | undefined;
  /** The image that `id` was made of, as the runtime and as the spec names it. */
  image: RuntimeImage | undefined;
  specImage: string | undefined;
  restartCount: number;
  /** How the run of `id` ended. */
  terminated: ContainerStateTerminated | undefined;
  /** How the run before it ended. */
  lastTermination: ContainerStateTerminated | undefined;
  /** Why the next run has not begun. */
  waiting: { readonly reason: string; readonly message?: string } | undefined;
  /** The next try to start it is not before this (milliseconds since the epoch). */
  notBefore: number;
  /** Of restarts: the last delay, and when it was given. */
  restartDelay: { readonly delay: number; readonly at: number } | undefined;
  /** Of failing pulls. */
  pullFailure: { readonly delay: number; readonly retryAt: number; readonly message: string } | undefined;
  /** Failures in a row to make up the container's configuration. */
  configFailures: number;
}

export interface SandboxRecord {
  readonly id: string;
  readonly ips: readonly string[];
}

export interface PodRecord {
  /** The newest that the API has said. */
  pod: Pod;
  /** When the kubelet took the pod on, as in `status.startTime`. */
  readonly startTime: string;
  readonly containers: Map<string, ContainerRecord>;
  sandbox: SandboxRecord | undefined;
  /** The sandbox's addresses, also after it is gone. */
  ips: readonly string[];
  /** The number of the next sandbox. */
  sandboxAttempt: number;
  volumesReady: boolean;
  /** Its volumes that are attached to the node, as `status.volumesInUse` names them. */
  volumesInUse: readonly string[];
  volumeFailures: number;
  /** All init containers were through once in this sandbox. */
  initialized: boolean;
  /** It had ended before this kubelet took it on: its status is not this one's to tell, and its logs are lost. */
  readonly past: boolean;
  /** It has ended; a pod never leaves these phases. */
  terminal:
    | {
        readonly phase: 'Succeeded' | 'Failed';
        readonly reason?: string | undefined;
        readonly message?: string | undefined;
        /** It did not fit on the node, and never began. */
        readonly turnedAway?: boolean;
      }
    | undefined;
}

/** What the spec says about a container, of whatever kind. */
export type ContainerSpec = Container | EphemeralContainer;

export function kindOfInit(container: Container): ContainerKind {
  return container.restartPolicy === 'Always' ? 'sidecar' : 'init';
}

/** The record of a container of the spec; made when it is not there yet. */
export function containerRecord(record: PodRecord, { name }: { readonly name: string }, kind: ContainerKind): ContainerRecord {
  const known = record.containers.get(name);
  if (known) return known;
  const made: ContainerRecord = {
    kind,
    name,
    id: undefined,
    previousId: undefined,
    image: undefined,
    specImage: undefined,
    restartCount: 0,
    terminated: undefined,
    lastTermination: undefined,
    waiting: undefined,
    notBefore: 0,
    restartDelay: undefined,
    pullFailure: undefined,
    configFailures: 0,
  };
  record.containers.set(name, made);
  return made;
}

/** As container statuses write it. */
export function containerIdText(id: string): string {
  return `kubedouble://${id}`;
}

/** Takes over from the runtime which containers have ended. */
export function observeExits(record: PodRecord, runtime: RuntimeService): void {
  for (const container of record.containers.values()) {
    if (container.id === undefined || container.terminated) continue;
    const status = runtime.containerStatus(container.id);
    if (status?.state !== 'exited') continue;
    const exitCode = status.exitCode ?? 0;
    const message = exitCode === 0 ? '' : terminationMessage(record, container, runtime);
    container.terminated = {
      exitCode,
      reason: exitCode === 0 ? 'Completed' : 'Error',
      ...(message === '' ? {} : { message }),
      startedAt: formatTime(status.startedAt ?? status.createdAt),
      finishedAt: formatTime(status.finishedAt ?? status.createdAt),
      containerID: containerIdText(container.id),
    };
  }
}

function terminationMessage(record: PodRecord, container: ContainerRecord, runtime: RuntimeService): string {
  const spec = specOf(record.pod, container.name);
  if (spec?.terminationMessagePolicy !== 'FallbackToLogsOnError') return '';
  const log = runtime.containerLog(container.id!);
  return log ? lastOutput(log) : '';
}

export function specOf({ spec }: Pod, name: string): ContainerSpec | undefined {
  const named = (one: ContainerSpec): boolean => one.name === name;
  return spec.containers.find(named) ?? spec.initContainers?.find(named) ?? spec.ephemeralContainers?.find(named);
}

/** Whether the run of `id` goes on. */
export function isRunning(container: ContainerRecord | undefined): container is ContainerRecord & { id: string } {
  return container?.id !== undefined && container.terminated === undefined;
}
