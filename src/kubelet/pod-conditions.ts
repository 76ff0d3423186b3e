// Pod conditions. https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-conditions
import type { ContainerStatus, Pod } from '../../openapi/types/core.v1.js';
import { isRunning, type PodRecord } from './pod-record.js';

/** A condition without its times. */
export interface ConditionState {
  readonly type: string;
  readonly status: 'True' | 'False';
  readonly reason?: string;
  readonly message?: string;
}

export type PodPhase = 'Pending' | 'Running' | 'Succeeded' | 'Failed';

export interface PodStatuses {
  readonly phase: PodPhase;
  readonly init: readonly ContainerStatus[];
  readonly regular: readonly ContainerStatus[];
}

/** The conditions that the kubelet keeps, in the order in which they are written. */
export function podConditions(record: PodRecord, statuses: PodStatuses): readonly ConditionState[] {
  const containersReady = containersReadyCondition(record, statuses);
  return [
    { type: 'PodReadyToStartContainers', status: record.sandbox ? 'True' : 'False' },
    initializedCondition(record, statuses),
    readyCondition(record.pod, containersReady),
    containersReady,
    { type: 'PodScheduled', status: 'True' },
  ];
}

function initializedCondition(record: PodRecord, { phase, init }: PodStatuses): ConditionState {
  const type = 'Initialized';
  if (phase === 'Succeeded') return { type, status: 'True', reason: 'PodCompleted' };
  if (record.initialized) return { type, status: 'True' };
  const incomplete = init.filter(({ name, started, ready }) => (record.containers.get(name)?.kind === 'sidecar' ? !started : !ready));
  if (incomplete.length === 0) return { type, status: 'True' };
  return { type, status: 'False', reason: 'ContainersNotInitialized', message: `containers with incomplete status: ${names(incomplete)}` };
}

function containersReadyCondition(record: PodRecord, { phase, init, regular }: PodStatuses): ConditionState {
  const type = 'ContainersReady';
  if (phase === 'Succeeded') return { type, status: 'False', reason: 'PodCompleted' };
  if (phase === 'Failed') return { type, status: 'False', reason: 'PodFailed' };
  const sidecars = new Set(
    record.pod.spec.initContainers?.filter(({ restartPolicy }) => restartPolicy === 'Always').map(({ name }) => name),
  );
  const unready = [...init.filter(({ name }) => sidecars.has(name)), ...regular].filter(({ ready }) => !ready);
  if (unready.length === 0) return { type, status: 'True' };
  return { type, status: 'False', reason: 'ContainersNotReady', message: `containers with unready status: ${names(unready)}` };
}

/** With readiness gates. https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-readiness-gate */
function readyCondition({ spec, status }: Pod, containersReady: ConditionState): ConditionState {
  if (containersReady.status === 'False') return { ...containersReady, type: 'Ready' };
  const problems: string[] = [];
  for (const { conditionType } of spec.readinessGates ?? []) {
    const condition = status.conditions?.find(({ type }) => type === conditionType);
    if (!condition) problems.push(`corresponding condition of pod readiness gate "${conditionType}" does not exist.`);
    else if (condition.status !== 'True')
      problems.push(`the status of pod readiness gate "${conditionType}" is not "True", but ${condition.status}`);
  }
  if (problems.length === 0) return { type: 'Ready', status: 'True' };
  return { type: 'Ready', status: 'False', reason: 'ReadinessGatesNotReady', message: problems.join(', ') };
}

function names(statuses: readonly ContainerStatus[]): string {
  return `[${statuses.map(({ name }) => name).join(' ')}]`;
}

/** https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-phase */
export function podPhase(record: PodRecord): PodPhase {
  if (record.terminal) return record.terminal.phase;
  const { spec } = record.pod;
  if (!record.initialized && (spec.initContainers?.length ?? 0) > 0) return 'Pending';
  // A container that has run before and waits for its next run does not bring the pod back to Pending.
  const begun = spec.containers.every(({ name }) => {
    const container = record.containers.get(name);
    return isRunning(container) || container?.terminated !== undefined || container?.lastTermination !== undefined;
  });
  return begun ? 'Running' : 'Pending';
}
