// One reconcile of a job, from its pods to its status.
// https://kubernetes.io/docs/concepts/workloads/controllers/job/
import type { Job } from '../../../openapi/types/batch.v1.js';
import type { Pod } from '../../../openapi/types/core.v1.js';
import type { ReconcileResult } from '../../client/controller/controller.js';
import { formatTime } from '../../clock/clock.js';
import { deletePods, type PodControl } from '../shared/pod-control.js';
import { isPodReady } from '../shared/pods.js';
import { assess, type Assessment } from './assess.js';
import { continueRun, runOf, type FailureRun } from './backoff.js';
import { decidedEnding, trueCondition, withJobCondition, type Ending } from './conditions.js';
import { completionOf, endingOf } from './ending.js';
import { managePods, type Managed } from './manage.js';
import { trackPods, type Outcome, type TrackTools } from './track.js';

export interface SyncTools extends TrackTools {
  readonly control: PodControl;
  /** The failures since the last success, by the job's uid. */
  readonly runs: Map<string, FailureRun>;
}

/**
 * Takes the next step of a job that has not finished and is not being deleted.
 * @param pods all its pods
 * @param now milliseconds since the epoch
 */
export async function syncJob(tools: SyncTools, job: Job, pods: readonly Pod[], now: number): Promise<ReconcileResult> {
  const { control, runs, finalizers } = tools;
  const { spec, status } = job;
  const suspended = spec.suspend === true;
  const decided = decidedEnding(status);
  const state = assess(job, pods, (uid) => finalizers.isRemoved(uid), decided);
  const { uid } = job.metadata;
  const before = runs.get(uid) ?? runOf(pods.filter((pod) => !state.tracked.has(pod.metadata.uid)), now); // prettier-ignore
  const run = continueRun(before, state.newSucceeded, [...state.newFailed, ...state.ignored], now);

  const started = suspended ? undefined : (status.startTime ?? formatTime(now));
  let ending = decided ?? endingOf(job, state, started === undefined ? undefined : Date.parse(started), now);
  const managed = await work(tools, job, state, run, ending, now);
  const gone = new Set(managed.deleted);
  const left = state.active.filter((pod) => !gone.has(pod));
  const active = left.length + managed.created;
  if (ending === undefined && managed.failure === undefined) ending = completionOf(job, state, active);

  const conditions = conditionsOf(tools, job, ending, managed, now);
  const outcome: Outcome = {
    state: withDeleted(state, ending, managed.deleted),
    conditions,
    // A job that has ended has started once.
    startTime: started ?? (ending === undefined ? undefined : (status.startTime ?? formatTime(now))),
    active,
    ready: left.filter(isPodReady).length,
    terminating: state.terminating.length + managed.deleted.length,
    ending,
  };
  const { finished, more } = await trackPods(tools, job, outcome, now);
  runs.set(uid, run);
  if (finished) tell(control, job, ending!);
  if (managed.failure !== undefined) throw managed.failure;
  if (more) return { requeueAfter: 0 };
  return finished ? undefined : nextLook(job, started, ending, managed.wait, now);
}

/** Creates and deletes pods. */
async function work(
  { control, finalizers }: SyncTools,
  job: Job,
  state: Assessment,
  run: FailureRun,
  ending: Ending | undefined,
  now: number,
): Promise<Managed> {
  if (ending !== undefined) {
    if (state.active.length === 0) return { created: 0, deleted: [] };
    const { done, failure } = await deletePods(control, state.active);
    return { created: 0, deleted: done, ...(failure === undefined ? {} : { failure }) };
  }
  return managePods({ control, job, state, run, now, release: (pod) => finalizers.remove(pod) });
}

/** Pods that the end of the job took away have failed; where it has succeeded they count neither way. */
function withDeleted(state: Assessment, ending: Ending | undefined, deleted: readonly Pod[]): Assessment {
  if (ending === undefined || deleted.length === 0) return state;
  const tracked = deleted.filter(({ metadata }) => state.tracked.has(metadata.uid));
  return ending.type === 'FailureTarget'
    ? { ...state, newFailed: [...state.newFailed, ...tracked, ...state.held], held: [] }
    : { ...state, released: [...state.released, ...tracked] };
}

function conditionsOf({ control }: SyncTools, job: Job, ending: Ending | undefined, managed: Managed, now: number) {
  const { conditions = [] } = job.status;
  if (ending !== undefined) return withJobCondition(conditions, ending.type, 'True', ending.reason, ending.message, now);
  const isSuspended = trueCondition(job.status, 'Suspended') !== undefined;
  const suspend = job.spec.suspend === true;
  if (suspend === isSuspended || managed.failure !== undefined) return conditions;
  const [status, reason, message] = suspend
    ? (['True', 'JobSuspended', 'Job suspended'] as const)
    : (['False', 'JobResumed', 'Job resumed'] as const);
  control.recorder.event(job, 'Normal', suspend ? 'Suspended' : 'Resumed', message);
  return withJobCondition(conditions, 'Suspended', status, reason, message, now);
}

function tell({ recorder }: PodControl, job: Job, { type, reason, message }: Ending): void {
  if (type === 'SuccessCriteriaMet') recorder.event(job, 'Normal', 'Completed', 'Job completed');
  else recorder.event(job, 'Warning', reason, message);
}

/** When to look again without any event: at the deadline, or when the next pod may be created. */
function nextLook(
  { spec }: Job,
  started: string | undefined,
  ending: Ending | undefined,
  wait: number | undefined,
  now: number,
): ReconcileResult {
  if (ending !== undefined) return undefined;
  const { activeDeadlineSeconds } = spec;
  const deadline =
    started === undefined || activeDeadlineSeconds === undefined ? undefined : Date.parse(started) + activeDeadlineSeconds * 1000 - now;
  const waits = [deadline, wait].filter((one) => one !== undefined);
  return waits.length === 0 ? undefined : { requeueAfter: Math.max(0, Math.min(...waits)) };
}
