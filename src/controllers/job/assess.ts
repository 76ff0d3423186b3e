// Counts a job's pods: what runs, what has ended, and what of that has not been counted before. Pure: it reads and decides nothing.
// https://kubernetes.io/docs/concepts/workloads/controllers/job/#job-tracking-with-finalizers
import type { Job } from '../../../openapi/types/batch.v1.js';
import type { Pod } from '../../../openapi/types/core.v1.js';
import { isPodTerminal } from '../shared/pods.js';
import type { Ending } from './conditions.js';
import { judgeFailure } from './failure-policy.js';
import { readIndexes, type IndexSet } from './index-set.js';
import { failuresBefore, hasTrackingFinalizer, indexOf } from './job-pods.js';

export interface Assessment {
  /** Neither ended nor being deleted. */
  readonly active: readonly Pod[];
  /** Being deleted, and not ended yet. */
  readonly terminating: readonly Pod[];
  /** Pods that are still to be counted, by uid: they have the finalizer. */
  readonly tracked: ReadonlyMap<string, Pod>;
  /** Pods that the status counts already. */
  readonly counted: { readonly succeeded: number; readonly failed: number };
  /** Uids that the status lists as uncounted and that still have the finalizer. */
  readonly listed: { readonly succeeded: readonly string[]; readonly failed: readonly string[] };
  /** Ended, and in no list yet. */
  readonly newSucceeded: readonly Pod[];
  readonly newFailed: readonly Pod[];
  /** Failures that do not count, by the pod failure policy. */
  readonly ignored: readonly Pod[];
  /** Failures that are counted later: they hold the number of failures of their index until a pod takes their place. */
  readonly held: readonly Pod[];
  /** Being deleted because the job has succeeded: they count neither way. */
  readonly released: readonly Pod[];
  /** The message of the pod failure policy when it ends the job. */
  readonly failJob: string | undefined;
  /** Of an indexed job. */
  readonly completed: IndexSet | undefined;
  /** Of an indexed job with a limit for each index. */
  readonly failedIndexes: IndexSet | undefined;
  /** With all that is not counted yet. */
  readonly succeeded: number;
  readonly failed: number;
}

/**
 * @param pods all pods of the job
 * @param isCounted whether the pod with this uid has lost its finalizer, though the informer may not know
 * @param ending what was decided before
 */
export function assess(job: Job, pods: readonly Pod[], isCounted: (uid: string) => boolean, ending: Ending | undefined): Assessment {
  const { spec, status } = job;
  const failing = ending?.type === 'FailureTarget';
  const succeeding = ending?.type === 'SuccessCriteriaMet';
  const deletionFails = failing || (!succeeding && spec.podReplacementPolicy !== 'Failed');
  const active: Pod[] = [];
  const terminating: Pod[] = [];
  const succeededPods: Pod[] = [];
  const failedPods: Pod[] = [];
  const released: Pod[] = [];
  const tracked = new Map<string, Pod>();
  for (const pod of pods) {
    const deleting = pod.metadata.deletionTimestamp !== undefined;
    if (!isPodTerminal(pod)) (deleting ? terminating : active).push(pod);
    if (!hasTrackingFinalizer(pod) || isCounted(pod.metadata.uid)) continue;
    tracked.set(pod.metadata.uid, pod);
    if (pod.status.phase === 'Succeeded') succeededPods.push(pod);
    else if (succeeding && deleting) released.push(pod);
    else if (pod.status.phase === 'Failed' || (deleting && deletionFails)) failedPods.push(pod);
  }

  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {};
  const listed = { succeeded: succeeded.filter((uid) => tracked.has(uid)), failed: failed.filter((uid) => tracked.has(uid)) };
  const known = new Set([...listed.succeeded, ...listed.failed]);
  const isNew = ({ metadata }: Pod): boolean => !known.has(metadata.uid);
  const newSucceeded = succeededPods.filter(isNew);
  const newlyFailed = failedPods.filter(isNew);
  const counted = {
    succeeded: (status.succeeded ?? 0) + succeeded.length - listed.succeeded.length,
    failed: (status.failed ?? 0) + failed.length - listed.failed.length,
  };

  const indexes = spec.completionMode === 'Indexed' ? assessIndexes(job, pods, newSucceeded, newlyFailed) : undefined;
  const ignored: Pod[] = [];
  const held: Pod[] = [];
  const newFailed: Pod[] = [];
  let failJob: string | undefined;
  for (const pod of newlyFailed) {
    const verdict = judgeFailure(spec.podFailurePolicy, pod);
    if (verdict?.action === 'FailJob') failJob ??= verdict.message;
    if (ending === undefined && indexes?.isHeld(pod) === true) held.push(pod);
    else if (verdict?.action === 'Ignore') ignored.push(pod);
    else newFailed.push(pod);
  }
  const heldFailures = held.filter((pod) => judgeFailure(spec.podFailurePolicy, pod)?.action !== 'Ignore').length;
  return {
    active,
    terminating,
    tracked,
    counted,
    listed,
    newSucceeded,
    newFailed,
    ignored,
    held,
    released,
    failJob,
    completed: indexes?.completed,
    failedIndexes: indexes?.failedIndexes,
    succeeded: indexes?.completed.size ?? counted.succeeded + listed.succeeded.length + newSucceeded.length,
    failed: counted.failed + listed.failed.length + newFailed.length + heldFailures,
  };
}

interface IndexAssessment {
  readonly completed: IndexSet;
  readonly failedIndexes: IndexSet | undefined;
  isHeld(pod: Pod): boolean;
}

/** The number of a pod among those of its index. */
function attempt(pod: Pod): number {
  const { counted, ignored } = failuresBefore(pod);
  return counted + ignored;
}

function assessIndexes({ spec, status }: Job, pods: readonly Pod[], succeeded: readonly Pod[], failed: readonly Pod[]): IndexAssessment {
  const { completions = 0, backoffLimitPerIndex, podFailurePolicy } = spec;
  const within = (index: number | undefined): index is number => index !== undefined && index < completions;
  const completed = readIndexes(status.completedIndexes ?? '', completions).with(succeeded.map(indexOf).filter(within));
  if (backoffLimitPerIndex === undefined) return { completed, failedIndexes: undefined, isHeld: () => false };

  const spent = failed.filter((pod) => {
    const action = judgeFailure(podFailurePolicy, pod)?.action;
    return action === 'FailIndex' || (action !== 'Ignore' && failuresBefore(pod).counted >= backoffLimitPerIndex);
  });
  const failedNow = spent.map(indexOf).filter((index): index is number => within(index) && !completed.has(index));
  const failedIndexes = readIndexes(status.failedIndexes ?? '', completions).with(failedNow);
  const attempts = new Map<number, number>();
  for (const pod of pods) {
    const index = indexOf(pod);
    if (index !== undefined) attempts.set(index, Math.max(attempts.get(index) ?? 0, attempt(pod)));
  }
  return {
    completed,
    failedIndexes,
    isHeld(pod) {
      const index = indexOf(pod);
      return within(index) && !completed.has(index) && !failedIndexes.has(index) && attempts.get(index) === attempt(pod);
    },
  };
}
