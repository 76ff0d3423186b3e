// The status of a disruption budget.
import type { Pod } from '../../../openapi/types/core.v1.js';
import type { Condition } from '../../../openapi/types/meta.v1.js';
import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from '../../../openapi/types/policy.v1.js';
import { formatTime } from '../../clock/clock.js';
import { isPodReady } from '../shared/pods.js';
import type { Expected } from './expected.js';

/** In milliseconds: so long an evicted pod may take until its deletion is seen; after that it counts as staying. */
const deletionTimeout = 2 * 60_000;

export interface Disrupted {
  /** Pods that were evicted and are still to go, with the time of that. */
  readonly pods: Readonly<Record<string, string>>;
  /** Pods that should have gone by now and did not. */
  readonly overdue: readonly Pod[];
  /** Milliseconds until the next of them is overdue; undefined when there is none. */
  readonly recheck: number | undefined;
}

/** Leaves out of the evicted pods those that are gone or going, and those whose time is over. */
export function disruptedPodsOf({ status }: PodDisruptionBudget, pods: readonly Pod[], now: number): Disrupted {
  const noted = new Map(Object.entries(status.disruptedPods ?? {}));
  if (noted.size === 0) return { pods: {}, overdue: [], recheck: undefined };
  const kept: [string, string][] = [];
  const overdue: Pod[] = [];
  let recheck: number | undefined;
  for (const pod of pods) {
    const time = noted.get(pod.metadata.name);
    if (time === undefined || pod.metadata.deletionTimestamp !== undefined) continue;
    const left = Date.parse(time) + deletionTimeout - now;
    if (left <= 0) {
      overdue.push(pod);
      continue;
    }
    kept.push([pod.metadata.name, time]);
    recheck = Math.min(recheck ?? left, left);
  }
  return { pods: Object.fromEntries(kept), overdue, recheck };
}

/** @param now milliseconds since the epoch */
export function statusOf(
  budget: PodDisruptionBudget,
  pods: readonly Pod[],
  { expectedPods, desiredHealthy }: Expected,
  disrupted: Disrupted,
  now: number,
): PodDisruptionBudgetStatus {
  const isHealthy = (pod: Pod): boolean =>
    pod.metadata.deletionTimestamp === undefined && !Object.hasOwn(disrupted.pods, pod.metadata.name) && isPodReady(pod);
  const currentHealthy = pods.filter(isHealthy).length;
  const disruptionsAllowed = expectedPods <= 0 ? 0 : Math.max(0, currentHealthy - desiredHealthy);
  const observedGeneration = budget.metadata.generation ?? 0;
  const allowed = disruptionsAllowed > 0;
  const condition = {
    status: allowed ? 'True' : 'False',
    reason: allowed ? 'SufficientPods' : 'InsufficientPods',
    message: '',
    observedGeneration,
  };
  return {
    conditions: withCondition(budget.status.conditions, condition, now),
    currentHealthy,
    desiredHealthy,
    disruptionsAllowed,
    expectedPods,
    observedGeneration,
    ...(Object.keys(disrupted.pods).length > 0 ? { disruptedPods: disrupted.pods } : {}),
  };
}

/** When nobody can say how many pods there should be, none may be disrupted. The rest stays as it was. */
export function failSafeStatus({ status }: PodDisruptionBudget, message: string, now: number): PodDisruptionBudgetStatus {
  const { observedGeneration } = status;
  const condition = {
    status: 'False',
    reason: 'SyncFailed',
    message,
    ...(observedGeneration === undefined || observedGeneration === 0 ? {} : { observedGeneration }),
  };
  return { ...status, disruptionsAllowed: 0, conditions: withCondition(status.conditions, condition, now) };
}

/** The time is that of the last change of the condition's status, not of its reason. */
function withCondition(
  conditions: readonly Condition[] = [],
  condition: Omit<Condition, 'type' | 'lastTransitionTime'>,
  now: number,
): readonly Condition[] {
  const type = 'DisruptionAllowed';
  const before = conditions.find((one) => one.type === type);
  const lastTransitionTime = before?.status === condition.status ? before.lastTransitionTime : formatTime(now);
  const after: Condition = { type, lastTransitionTime, ...condition };
  return before === undefined ? [...conditions, after] : conditions.map((one) => (one === before ? after : one));
}
