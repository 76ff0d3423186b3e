// One pod on one node, from the first sight of it to its deletion: a loop that does the next thing and reports it.
// https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/
import type { Pod } from '../../openapi/types/core.v1.js';
import { ApiError, isReason } from '../apimachinery/errors/api-error.js';
import { errorText } from '../client/logger.js';
import { PODS } from '../client/resources.js';
import type { Timer } from '../clock/clock.js';
import type { Rejection } from './admission.js';
import { podEvents, podText, type NodeContext, type PodEvents } from './node-context.js';
import { isRunning, observeExits, specOf, type PodRecord } from './pod-record.js';
import { PodRunner } from './pod-runner.js';
import { statusPatch, wantedStatus } from './pod-status.js';
import { hurryContainers, settleContainers, stopContainers, stopSandbox } from './pod-stopper.js';
import { newPodRecord } from './recovery.js';

const firstRetry = 1000;
const longestRetry = 30_000;
/** A controller may put another such pod here at once: without a pause the two would take the whole machine. */
const rejectionDelay = 1000;

export class PodWorker {
  readonly record: PodRecord;
  readonly #events: PodEvents;
  readonly #runner: PodRunner;
  /** When a pod that cannot run here is told so, in milliseconds since the epoch. */
  readonly #rejectAt: number;
  #dirty = false;
  #running = false;
  #timer: Timer | undefined;
  #failures = 0;
  /** The grace period, in milliseconds, with which the containers are being stopped. */
  #stopping: number | undefined;
  #stopped = false;
  #sandboxes = new Set<string>();
  #reporting = false;
  /** What the watch said while a report was under way. */
  #seen: Pod | undefined;
  /** It is gone from the API. */
  #gone = false;

  /**
   * @param done called once, when nothing of the pod is left on the node
   * @param before the worker of a kubelet that was stopped: what it had begun goes on
   * @param rejection why the pod cannot run here: it fails at once
   */
  constructor(
    private readonly node: NodeContext,
    pod: Pod,
    private readonly done: (worker: PodWorker) => void,
    before?: PodWorker,
    private readonly rejection?: Rejection,
  ) {
    this.record = before?.record ?? newPodRecord(pod, node.clock.now());
    this.record.pod = pod;
    this.#rejectAt = node.clock.now() + rejectionDelay;
    if (before) for (const id of before.#sandboxes) this.#sandboxes.add(id);
    if (this.record.sandbox) this.#sandboxes.add(this.record.sandbox.id);
    this.#events = podEvents(node.recorder, pod);
    this.#runner = new PodRunner(node, this.#events, this.record);
  }

  /** A newer state of the pod. */
  update(pod: Pod): void {
    const { record } = this;
    if (!isNewer(pod, record.pod)) return;
    const asked =
      pod.metadata.generation !== record.pod.metadata.generation ||
      pod.metadata.deletionTimestamp !== record.pod.metadata.deletionTimestamp;
    record.pod = pod;
    // Most often it is what is being reported right now: the answer to that tells.
    if (this.#reporting && !asked) this.#seen = pod;
    else this.wake();
  }

  /** The pod is gone from the API: what is left of it here goes at once. */
  remove(): void {
    this.#gone = true;
    this.#stop(0);
    this.wake();
  }

  /** Looks at the pod as soon as it can. */
  wake(): void {
    this.#dirty = true;
    if (!this.#running) void this.#loop();
  }

  /** The kubelet is turned off: nothing more is done or said. */
  abandon(): void {
    this.#timer?.cancel();
  }

  async #loop(): Promise<void> {
    this.#running = true;
    while (this.#dirty && !this.node.signal.aborted) {
      this.#dirty = false;
      this.#timer?.cancel();
      try {
        await this.#sync();
        this.#failures = 0;
        if (!this.node.signal.aborted) this.#wakeAt(this.#nextChange());
      } catch (error) {
        if (this.node.signal.aborted) break;
        // Somebody else wrote, or it is gone: the watch tells.
        if (!isReason(error, 'Conflict') && !isReason(error, 'NotFound')) {
          this.node.logger.warn(`${this.node.name}: pod ${podText(this.record.pod)}`, { error: errorText(error) });
        }
        this.#wakeAt(this.node.clock.now() + Math.min(longestRetry, firstRetry * 2 ** this.#failures++));
      }
    }
    this.#running = false;
  }

  async #sync(): Promise<void> {
    const { record, node } = this;
    observeExits(record, node.runtime);
    if (this.#gone) return this.#cleanUp();
    if (record.pod.metadata.deletionTimestamp !== undefined) return this.#terminate();
    if (record.terminal) return this.#report();
    if (this.rejection !== undefined) {
      if (node.clock.now() >= this.#rejectAt) await this.#reject(this.rejection);
      return;
    }
    // Told while the work goes on: ContainerCreating at first, or that a container has ended.
    const first = this.#report();
    first.catch(() => undefined);
    if (this.#deadline() <= node.clock.now()) await this.#exceedDeadline();
    else await this.#runner.run();
    if (record.sandbox) this.#sandboxes.add(record.sandbox.id);
    await first;
    if (!node.signal.aborted) await this.#report();
  }

  async #reject({ reason, message }: Rejection): Promise<void> {
    this.#events.pod('Warning', reason, message);
    await this.#runner.end({ phase: 'Failed', reason, message, turnedAway: true });
    await this.#report();
  }

  /** https://kubernetes.io/docs/concepts/workloads/controllers/job/#job-termination-and-cleanup */
  async #exceedDeadline(): Promise<void> {
    const message = 'Pod was active on the node longer than the specified deadline';
    this.#events.pod('Normal', 'DeadlineExceeded', message);
    await this.#runner.end({ phase: 'Failed', reason: 'DeadlineExceeded', message });
  }

  #deadline(): number {
    const { activeDeadlineSeconds } = this.record.pod.spec;
    return activeDeadlineSeconds === undefined
      ? Number.POSITIVE_INFINITY
      : Date.parse(this.record.startTime) + activeDeadlineSeconds * 1000;
  }

  /** Stops the containers; when they have ended, tells the last state and deletes the pod for good. */
  async #terminate(): Promise<void> {
    const { record, node } = this;
    this.#stop((record.pod.metadata.deletionGracePeriodSeconds ?? 30) * 1000);
    if (!this.#stopped) return;
    if (!record.terminal) {
      const failed = settleContainers(record);
      record.terminal = { phase: failed ? 'Failed' : 'Succeeded' };
    }
    await stopSandbox(node, record);
    await this.#report();
    const { uid, name, namespace } = record.pod.metadata;
    if (node.signal.aborted) return;
    try {
      await node.client.delete(PODS, { namespace, name }, { gracePeriodSeconds: 0, preconditions: { uid } });
    } catch (error) {
      // After a conflict it is tried again: if the name is another pod's by now, the watch tells first.
      if (!isReason(error, 'NotFound')) throw error;
    }
  }

  /** Begins to stop the containers, or hurries those that are ending. */
  #stop(grace: number): void {
    const { record, node } = this;
    if (this.#stopping === undefined) {
      this.#stopping = grace;
      // Usually nothing is left to stop in a pod that has ended.
      if (![...record.containers.values()].some(isRunning)) {
        this.#stopped = true;
        return;
      }
      void stopContainers(node, this.#events, record, grace).then(() => {
        this.#stopped = true;
        this.wake();
      });
    } else if (grace < this.#stopping) {
      this.#stopping = grace;
      hurryContainers(node, record, grace);
    }
  }

  async #cleanUp(): Promise<void> {
    if (!this.#stopped) return;
    const { node, record } = this;
    await stopSandbox(node, record);
    for (const id of this.#sandboxes) await node.runtime.removePodSandbox(id);
    this.#timer?.cancel();
    this.done(this);
  }

  /** Tells the API what it does not know yet. */
  async #report(): Promise<void> {
    const { node, record } = this;
    if (record.past) return;
    const now = node.clock.now();
    const { metadata, status } = record.pod;
    const patch = statusPatch(metadata.uid, status, wantedStatus(record, node.address, node, now), now);
    if (patch === undefined || this.#gone) return;
    this.#reporting = true;
    try {
      const pod = await node.client.patch(PODS, metadata, 'strategic', patch, { subresource: 'status' });
      // Somebody else has written too, before or after.
      if (pod.metadata.generation !== record.pod.metadata.generation || (this.#seen && isNewer(this.#seen, pod))) this.#dirty = true;
      if (isNewer(pod, record.pod)) record.pod = pod;
    } catch (error) {
      // Gone, or another pod of this name: the watch tells. After a conflict it is tried again.
      if (!(error instanceof ApiError && (error.code === 404 || error.code === 422))) throw error;
      node.logger.debug(`${node.name}: the status of pod ${podText(record.pod)} was refused`, { error: error.message });
    } finally {
      this.#reporting = false;
      this.#seen = undefined;
    }
  }

  /** When something changes by itself. */
  #nextChange(): number {
    const { record, node } = this;
    const now = node.clock.now();
    if (this.#stopping !== undefined || record.terminal) return Number.POSITIVE_INFINITY;
    if (this.rejection !== undefined) return this.#rejectAt;
    let next = this.#deadline();
    if (this.#runner.notBefore > now) next = Math.min(next, this.#runner.notBefore);
    for (const container of record.containers.values()) {
      if (isRunning(container)) {
        const spec = specOf(record.pod, container.name);
        const changesAt = spec && node.probes.state(spec, container.id, now).changesAt;
        if (changesAt !== undefined) next = Math.min(next, changesAt);
      } else if (container.waiting && container.notBefore > now) next = Math.min(next, container.notBefore);
      else if (container.waiting) next = Math.min(next, now + 100);
    }
    return next;
  }

  #wakeAt(time: number): void {
    if (time === Number.POSITIVE_INFINITY || this.#dirty) return;
    this.#timer = this.node.clock.after(Math.max(0, time - this.node.clock.now()), () => this.wake());
  }
}

/** Resource versions are comparable numbers. https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions */
function isNewer(one: Pod, other: Pod): boolean {
  const a = one.metadata.resourceVersion;
  const b = other.metadata.resourceVersion;
  return a.length === b.length ? a > b : a.length > b.length;
}
