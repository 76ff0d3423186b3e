// What kubectl's STATUS, READY and RESTARTS say of a pod.
// https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/
import type { ContainerStatus, ContainerStateTerminated, Pod } from '../../../openapi/types/core.v1.js';
import type { KubeObject } from '../../apimachinery/object.js';
import type { Cell, TableContext, TableRowCondition } from '../kind.js';
import { ageOf } from './cells.js';
import { humanDuration } from './duration.js';

interface Summary {
  reason: string;
  ready: number;
  restarts: number;
  /** When a container that counts last ended, in milliseconds; 0 when none did. */
  lastRestart: number;
}

function terminatedReason({ reason, signal, exitCode }: ContainerStateTerminated, prefix = ''): string {
  if (reason !== undefined && reason !== '') return prefix + reason;
  return signal !== undefined && signal !== 0 ? `${prefix}Signal:${signal}` : `${prefix}ExitCode:${exitCode}`;
}

function countRestarts(summary: Summary, { restartCount, lastState }: ContainerStatus): void {
  summary.restarts += restartCount;
  const finished = lastState?.terminated?.finishedAt;
  if (finished) summary.lastRestart = Math.max(summary.lastRestart, Date.parse(finished));
}

/** Goes through the init containers; returns whether the pod is still at them. */
function readInitContainers(pod: Pod, summary: Summary): boolean {
  const specs = pod.spec.initContainers ?? [];
  const sidecars = new Set(specs.filter(({ restartPolicy }) => restartPolicy === 'Always').map(({ name }) => name));
  const sidecarTotals: Summary = { reason: '', ready: 0, restarts: 0, lastRestart: 0 };
  let initializing = false;
  for (const [index, container] of (pod.status?.initContainerStatuses ?? []).entries()) {
    const sidecar = sidecars.has(container.name);
    countRestarts(summary, container);
    if (sidecar) countRestarts(sidecarTotals, container);
    const { terminated, waiting } = container.state ?? {};
    if (terminated !== undefined && terminated.exitCode === 0) continue;
    if (sidecar && container.started === true) {
      if (container.ready) summary.ready++;
      continue;
    }
    if (terminated !== undefined) summary.reason = terminatedReason(terminated, 'Init:');
    else if (waiting?.reason && waiting.reason !== 'PodInitializing') summary.reason = `Init:${waiting.reason}`;
    else summary.reason = `Init:${index}/${specs.length}`;
    initializing = true;
    break;
  }
  const initialized = pod.status?.conditions?.some(({ type, status }) => type === 'Initialized' && status === 'True') ?? false;
  if (initializing && !initialized) return true;
  // From now on only the sidecars' restarts count: the other init containers are done.
  summary.restarts = sidecarTotals.restarts;
  summary.lastRestart = sidecarTotals.lastRestart;
  return false;
}

function readContainers(pod: Pod, summary: Summary): void {
  let running = false;
  const statuses = pod.status?.containerStatuses ?? [];
  for (let index = statuses.length - 1; index >= 0; index--) {
    const container = statuses[index]!;
    countRestarts(summary, container);
    const { waiting, terminated, running: runs } = container.state ?? {};
    if (waiting?.reason) summary.reason = waiting.reason;
    else if (terminated !== undefined) summary.reason = terminatedReason(terminated);
    else if (container.ready && runs !== undefined) {
      running = true;
      summary.ready++;
    }
  }
  if (summary.reason !== 'Completed' || !running) return;
  const ready = pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
  summary.reason = ready ? 'Running' : 'NotReady';
}

function summarize(pod: Pod): Summary {
  const phase = pod.status?.phase ?? '';
  const summary: Summary = { reason: pod.status?.reason || phase, ready: 0, restarts: 0, lastRestart: 0 };
  if (pod.status?.conditions?.some(({ type, reason }) => type === 'PodScheduled' && reason === 'SchedulingGated'))
    summary.reason = 'SchedulingGated';
  if (!readInitContainers(pod, summary)) readContainers(pod, summary);
  if (pod.metadata.deletionTimestamp !== undefined) {
    if (pod.status?.reason === 'NodeLost') summary.reason = 'Unknown';
    else if (phase !== 'Succeeded' && phase !== 'Failed') summary.reason = 'Terminating';
  }
  return summary;
}

/** The cells of a pod's row. */
export function podCells(object: KubeObject, context: TableContext): readonly Cell[] {
  const pod = object as Pod;
  const { reason, ready, restarts, lastRestart } = summarize(pod);
  const sidecars = pod.spec.initContainers?.filter(({ restartPolicy }) => restartPolicy === 'Always').length ?? 0;
  const total = (pod.spec.containers?.length ?? 0) + sidecars;
  const ago = restarts > 0 && lastRestart > 0 ? ` (${humanDuration(context.now - lastRestart)} ago)` : '';
  const gates = pod.spec.readinessGates ?? [];
  const passed = gates.filter(({ conditionType }) =>
    pod.status?.conditions?.some(({ type, status }) => type === conditionType && status === 'True'),
  ).length;
  return [
    pod.metadata.name,
    `${ready}/${total}`,
    reason,
    `${restarts}${ago}`,
    ageOf(object, context),
    pod.status?.podIPs?.[0]?.ip || '<none>',
    pod.spec.nodeName || '<none>',
    pod.status?.nominatedNodeName || '<none>',
    gates.length === 0 ? '<none>' : `${passed}/${gates.length}`,
  ];
}

const done: Readonly<Record<string, readonly TableRowCondition[]>> = {
  Succeeded: [{ type: 'Completed', status: 'True', reason: 'Succeeded', message: 'The pod has completed successfully.' }],
  Failed: [{ type: 'Completed', status: 'True', reason: 'Failed', message: 'The pod failed.' }],
};

/** Marks rows of pods that are over. */
export function podRowConditions(object: KubeObject): readonly TableRowCondition[] {
  return done[(object as Pod).status?.phase ?? ''] ?? [];
}
