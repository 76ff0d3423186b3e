// Ends a pod's containers: the regular ones at once, then the sidecars from the last to the first.
// https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination
import { sleep } from '../clock/clock.js';
import type { NodeContext, PodEvents } from './node-context.js';
import { containerRecord, isRunning, specOf, type ContainerRecord, type PodRecord } from './pod-record.js';

const killed = 137;

/** Resolves when all have ended, in `grace` milliseconds at the latest; a preStop hook's sleep counts. */
export async function stopContainers(node: NodeContext, events: PodEvents, record: PodRecord, grace: number): Promise<void> {
  const deadline = node.clock.now() + grace;
  const stop = async (container: ContainerRecord & { id: string }): Promise<void> => {
    events.container(container, 'Normal', 'Killing', `Stopping container ${container.name}`);
    const seconds = specOf(record.pod, container.name)?.lifecycle?.preStop?.sleep?.seconds ?? 0;
    if (seconds > 0) await sleep(node.clock, Math.min(seconds * 1000, grace), node.signal);
    await node.runtime.stopContainer(container.id, Math.max(0, deadline - node.clock.now()));
  };
  const running = (sidecars: boolean): (ContainerRecord & { id: string })[] =>
    [...record.containers.values()].filter(isRunning).filter(({ kind }) => (kind === 'sidecar') === sidecars);
  await Promise.all(running(false).map(stop));
  const order = (record.pod.spec.initContainers ?? []).map(({ name }) => name);
  const sidecars = running(true).sort((a, b) => order.indexOf(b.name) - order.indexOf(a.name));
  for (const sidecar of sidecars) await stop(sidecar);
}

/** Gives those that are still ending less time. */
export function hurryContainers(node: NodeContext, record: PodRecord, grace: number): void {
  for (const container of record.containers.values()) if (isRunning(container)) void node.runtime.stopContainer(container.id, grace);
}

/** Ends the sandbox and gives its address back; the containers' logs stay until it is removed. */
export async function stopSandbox(node: NodeContext, record: PodRecord): Promise<void> {
  if (!record.sandbox) return;
  const { id } = record.sandbox;
  await node.runtime.stopPodSandbox(id);
  await node.network.remove(id);
  record.sandbox = undefined;
}

/**
 * The last word on each container of a pod that is deleted; those that never ran are reported as not found. Whether one of the regular
 * ones failed.
 */
export function settleContainers(record: PodRecord): boolean {
  let failed = false;
  for (const spec of record.pod.spec.containers) {
    const container = containerRecord(record, spec, 'regular');
    container.waiting = undefined;
    container.terminated ??= {
      exitCode: killed,
      reason: 'ContainerStatusUnknown',
      message: 'The container could not be located when the pod was terminated',
    };
    failed ||= container.terminated.exitCode !== 0;
  }
  return failed;
}
