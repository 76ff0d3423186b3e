// Brings a pod's containers nearer to what its spec says: volumes, sandbox, init containers in order, then the others.
// https://kubernetes.io/docs/concepts/workloads/pods/init-containers/
import { restarts, startContainer } from './container-starter.js';
import type { NodeContext, PodEvents } from './node-context.js';
import {
  containerRecord,
  isRunning,
  kindOfInit,
  observeExits,
  type ContainerRecord,
  type ContainerSpec,
  type PodRecord,
} from './pod-record.js';
import { stopContainers, stopSandbox } from './pod-stopper.js';
import { forgetInitContainers } from './recovery.js';
import { MountError, mountVolumes } from './volumes.js';

const firstMountDelay = 100;
const longestMountDelay = 122_000;
const sandboxDelay = 5000;

/** One pod's way through its life; `run` does what can be done now. */
export class PodRunner {
  /** Nothing can be done for the pod as a whole before this (milliseconds since the epoch). */
  notBefore = 0;
  #sandboxId: string | undefined;
  /** Volumes are looked at more often than anything is said of them. */
  #nextMountEvent = 0;

  constructor(
    private readonly node: NodeContext,
    private readonly events: PodEvents,
    private readonly record: PodRecord,
  ) {}

  /** Rejects when the API fails: it is to be called again then. */
  async run(): Promise<void> {
    const { record, node } = this;
    observeExits(record, node.runtime);
    if (await this.#finish()) return;
    if (node.clock.now() < this.notBefore) return;
    if (!(await this.#volumes()) || !(await this.#sandbox()) || node.signal.aborted) return;
    for (const spec of record.pod.spec.ephemeralContainers ?? []) {
      const container = containerRecord(record, spec, 'ephemeral');
      if (!isRunning(container) && !container.terminated) await this.#start(spec, container);
    }
    if (!(await this.#initContainers())) return;
    for (const spec of record.pod.spec.containers) await this.#regular(spec);
    observeExits(record, node.runtime);
    await this.#finish();
  }

  async #volumes(): Promise<boolean> {
    const { record, node } = this;
    if (record.volumesReady) return true;
    try {
      record.volumesInUse = await mountVolumes(node.client, record.pod);
      record.volumesReady = true;
      return true;
    } catch (error) {
      if (!(error instanceof MountError)) throw error;
      const now = node.clock.now();
      const delay = Math.min(longestMountDelay, firstMountDelay * 2 ** Math.min(record.volumeFailures, 20));
      if (now >= this.#nextMountEvent && now - Date.parse(record.startTime) >= error.quietFor) {
        this.events.pod('Warning', 'FailedMount', error.message);
        this.#nextMountEvent = now + delay;
      }
      this.notBefore = now + Math.min(delay, error.retryWithin);
      record.volumeFailures++;
      return false;
    }
  }

  async #sandbox(): Promise<boolean> {
    const { record, node, events } = this;
    if (record.sandbox) return true;
    const { metadata, spec } = record.pod;
    const { namespace = '', name, uid } = metadata;
    const hostNetwork = spec.hostNetwork === true;
    const attempt = record.sandboxAttempt;
    if (!hostNetwork) await node.networkReady();
    if (node.signal.aborted) return false;
    if (attempt > 0) {
      events.pod('Normal', 'SandboxChanged', 'Pod sandbox changed, it will be killed and re-created.');
      forgetInitContainers(record);
    }
    if (this.#sandboxId !== undefined) await node.runtime.removePodSandbox(this.#sandboxId);
    const id = await node.runtime.runPodSandbox({ namespace, name, uid, attempt, hostNetwork });
    this.#sandboxId = id;
    try {
      const ips = hostNetwork ? [] : await node.network.add(id);
      record.sandbox = { id, ips };
      record.ips = ips;
      record.sandboxAttempt = attempt + 1;
      return true;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      events.pod(
        'Warning',
        'FailedCreatePodSandBox',
        `Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "${id}": ${why}`,
      );
      this.notBefore = node.clock.now() + sandboxDelay;
      return false;
    }
  }

  /** Whether all are through, so that the others may start. */
  async #initContainers(): Promise<boolean> {
    const { record, node } = this;
    for (const spec of record.pod.spec.initContainers ?? []) {
      const container = containerRecord(record, spec, kindOfInit(spec));
      if (container.kind === 'sidecar') {
        if (!isRunning(container)) await this.#start(spec, container);
        observeExits(record, node.runtime);
        if (!record.initialized && !(isRunning(container) && node.probes.state(spec, container.id, node.clock.now()).started)) return false;
      } else if (!record.initialized) {
        for (let again = true; again;) {
          const before = container.id;
          if (!isRunning(container) && container.terminated?.exitCode !== 0 && restarts(record.pod, spec, container))
            await this.#start(spec, container);
          observeExits(record, node.runtime);
          // It may have started and failed just now: then it is looked at once more.
          again = container.id !== before && container.terminated !== undefined && container.terminated.exitCode !== 0;
        }
        if (container.terminated?.exitCode !== 0) {
          await this.#finish();
          return false;
        }
      }
    }
    record.initialized = true;
    return true;
  }

  async #regular(spec: ContainerSpec): Promise<void> {
    const { record, node, events } = this;
    const container = containerRecord(record, spec, 'regular');
    if (isRunning(container) && container.specImage !== spec.image) {
      events.container(container, 'Normal', 'Killing', `Container ${spec.name} definition changed, will be restarted`);
      await node.runtime.stopContainer(container.id, (record.pod.spec.terminationGracePeriodSeconds ?? 30) * 1000);
      observeExits(record, node.runtime);
      // The new image starts without the delay of restarts.
      container.restartDelay = undefined;
    }
    if (!isRunning(container) && restarts(record.pod, spec, container)) await this.#start(spec, container);
  }

  async #start(spec: ContainerSpec, container: ContainerRecord): Promise<void> {
    if (!this.node.signal.aborted && !this.record.pod.metadata.deletionTimestamp)
      await startContainer(this.node, this.events, this.record, spec, container);
  }

  /** Ends the pod when no container will run again; whether it has ended. */
  async #finish(): Promise<boolean> {
    const { record } = this;
    if (record.terminal) return true;
    const phase = this.#outcome();
    if (phase === undefined) return false;
    await this.end({ phase });
    return true;
  }

  /** Stops what still runs and makes the pod's phase final. */
  async end(terminal: NonNullable<PodRecord['terminal']>): Promise<void> {
    const { record, node } = this;
    record.terminal = terminal;
    await stopContainers(node, this.events, record, (record.pod.spec.terminationGracePeriodSeconds ?? 30) * 1000);
    observeExits(record, node.runtime);
    for (const container of record.containers.values()) container.waiting = container.terminated ? undefined : container.waiting;
    await stopSandbox(node, record);
  }

  #outcome(): 'Succeeded' | 'Failed' | undefined {
    const { pod, containers } = this.record;
    for (const spec of pod.spec.initContainers ?? []) {
      const container = containers.get(spec.name);
      // An init container that failed for good ends the pod before the others begin.
      if (
        !this.record.initialized &&
        container?.kind === 'init' &&
        container.terminated &&
        container.terminated.exitCode !== 0 &&
        !restarts(pod, spec, container)
      )
        return 'Failed';
    }
    let phase: 'Succeeded' | 'Failed' = 'Succeeded';
    for (const spec of pod.spec.containers) {
      const container = containers.get(spec.name);
      if (!container?.terminated || restarts(pod, spec, container)) return undefined;
      if (container.terminated.exitCode !== 0) phase = 'Failed';
    }
    return phase;
  }
}
