// Counts ended pods exactly once: first the status lists them, then they lose their finalizer, then they move into the counters.
// https://kubernetes.io/docs/concepts/workloads/controllers/job/#job-tracking-with-finalizers
import type { Job, JobStatus } from '../../../openapi/types/batch.v1.js';
import type { Pod } from '../../../openapi/types/core.v1.js';
import { deepEqual } from '../../apimachinery/equality.js';
import { formatTime } from '../../clock/clock.js';
import { forEachBounded } from '../shared/all.js';
import type { Latest } from '../shared/latest.js';
import type { Assessment } from './assess.js';
import { withJobCondition, type Ending } from './conditions.js';
import type { Finalizers } from './finalizers.js';

/** Pods listed in one status at most; the rest follows in the next reconcile. */
const longestList = 500;
const width = 64;

/** What a reconcile has come to. */
export interface Outcome {
  readonly state: Assessment;
  readonly conditions: JobStatus['conditions'];
  readonly startTime: string | undefined;
  readonly active: number;
  readonly ready: number;
  readonly terminating: number;
  readonly ending: Ending | undefined;
}

export interface TrackTools {
  readonly finalizers: Finalizers;
  readonly latest: Latest<Job>;
}

/**
 * Writes the status, counting all pods that have ended, and ends the job when nothing of it is left to wait for.
 * Resolves with whether it has finished, and whether pods are left that the next reconcile must count. Rejects when a write failed; what was done by then is in the status.
 */
export async function trackPods(
  tools: TrackTools,
  job: Job,
  outcome: Outcome,
  now: number,
): Promise<{ readonly finished: boolean; readonly more: boolean }> {
  const { state, ending } = outcome;
  const indexed = state.completed !== undefined;
  const listed = state.listed.succeeded.length + state.listed.failed.length;
  const room = Math.max(0, longestList - listed);
  const newFailed = state.newFailed.slice(0, room);
  const newSucceeded = indexed ? state.newSucceeded : state.newSucceeded.slice(0, room - newFailed.length);
  const left = state.newFailed.length + state.newSucceeded.length - newFailed.length - newSucceeded.length;

  // Which indexes have succeeded is itself the count: their pods need no list.
  const succeeded = new Set([...state.listed.succeeded, ...(indexed ? [] : uidsOf(newSucceeded))]);
  const failed = new Set([...state.listed.failed, ...uidsOf(newFailed)]);
  const first = await writeStatus(tools, job, statusOf(outcome, state.counted, succeeded, failed));

  const counted = { ...state.counted };
  const settle = async (uid: string, pod: Pod | undefined, count: 'succeeded' | 'failed' | undefined): Promise<void> => {
    if (pod !== undefined) await tools.finalizers.remove(pod);
    if (count === undefined) return;
    (count === 'succeeded' ? succeeded : failed).delete(uid);
    counted[count]++;
  };
  const tasks = [
    ...[...succeeded].map((uid) => () => settle(uid, state.tracked.get(uid), 'succeeded')),
    ...[...failed].map((uid) => () => settle(uid, state.tracked.get(uid), 'failed')),
    ...[...state.ignored, ...state.released, ...(indexed ? newSucceeded : [])].map((pod) => () => settle(pod.metadata.uid, pod, undefined)),
  ];
  const failures = await forEachBounded(tasks, width, (task) => task());

  const finished = ending !== undefined && failures.length === 0 && left === 0 && outcome.active + outcome.terminating === 0;
  const second = statusOf(outcome, counted, succeeded, failed);
  await writeStatus(tools, first, finished ? finishedStatus(second, ending, now) : second);
  if (failures.length > 0) throw failures[0]!;
  return { finished, more: left > 0 };
}

function uidsOf(pods: readonly Pod[]): string[] {
  return pods.map(({ metadata }) => metadata.uid);
}

function statusOf(
  { state, conditions = [], startTime, active, ready, terminating }: Outcome,
  counted: Assessment['counted'],
  succeededUids: ReadonlySet<string>,
  failedUids: ReadonlySet<string>,
): JobStatus {
  const { completed, failedIndexes } = state;
  const succeeded = completed?.size ?? counted.succeeded;
  const { failed } = counted;
  return {
    ...(conditions.length > 0 ? { conditions } : {}),
    ...(startTime === undefined ? {} : { startTime }),
    ...(active > 0 ? { active } : {}),
    ...(succeeded > 0 ? { succeeded } : {}),
    ...(failed > 0 ? { failed } : {}),
    terminating,
    ...(completed === undefined || completed.size === 0 ? {} : { completedIndexes: completed.toString() }),
    ...(failedIndexes === undefined ? {} : { failedIndexes: failedIndexes.toString() }),
    uncountedTerminatedPods: {
      ...(succeededUids.size > 0 ? { succeeded: [...succeededUids] } : {}),
      ...(failedUids.size > 0 ? { failed: [...failedUids] } : {}),
    },
    ready,
  };
}

function finishedStatus(status: JobStatus, { type, reason, message }: Ending, now: number): JobStatus {
  const done = type === 'SuccessCriteriaMet';
  const conditions = withJobCondition(status.conditions ?? [], done ? 'Complete' : 'Failed', 'True', reason, message, now);
  return { ...status, conditions, ...(done ? { completionTime: formatTime(now) } : {}) };
}

/** Unless the status says it already. The job as it is then. */
async function writeStatus({ latest }: TrackTools, job: Job, status: JobStatus): Promise<Job> {
  if (deepEqual(job.status, status)) return job;
  return latest.writeStatus({ ...job, status });
}
