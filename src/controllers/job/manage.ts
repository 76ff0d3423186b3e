// Creates the pods that a job lacks, and deletes those it has too many.
import type { Job } from '../../../openapi/types/batch.v1.js';
import type { Pod } from '../../../openapi/types/core.v1.js';
import { podsToDelete } from '../replicaset/ranking.js';
import { createPods, deletePods, type PodControl } from '../shared/pod-control.js';
import type { Assessment } from './assess.js';
import { remainingBackoff, type FailureRun } from './backoff.js';
import { judgeFailure } from './failure-policy.js';
import { failuresBefore, finishTime, indexOf } from './job-pods.js';
import { podDraft, type IndexPlace } from './pod-draft.js';

/** Pods created in one go; the rest follows in the next. */
const burst = 500;

export interface ManageOptions {
  readonly control: PodControl;
  readonly job: Job;
  readonly state: Assessment;
  /** The failures since the last success, where indexes do not count their own. */
  readonly run: FailureRun;
  readonly now: number;
  /** Takes the finalizer from a pod that is not to be counted. */
  readonly release: (pod: Pod) => Promise<void>;
}

export interface Managed {
  readonly created: number;
  readonly deleted: readonly Pod[];
  /** Milliseconds until more pods may be created. */
  readonly wait?: number;
  readonly failure?: Error;
}

const nothing: Managed = { created: 0, deleted: [] };

/** Brings the pods of a job that goes on to the number wanted. Never rejects. */
export async function managePods(options: ManageOptions): Promise<Managed> {
  const { job, state } = options;
  if (job.spec.suspend === true) return remove(options, state.active);
  const wanted = wantedPods(job, state);
  const surplus = surplusPods(job, state, wanted, options.now);
  if (surplus.length > 0) return remove(options, surplus);
  // Pods on their way out keep their place where only those that have failed are replaced.
  const places = state.active.length + (job.spec.podReplacementPolicy === 'Failed' ? state.terminating.length : 0);
  const missing = Math.min(wanted - places, burst);
  if (missing <= 0) return nothing;
  return job.spec.completionMode === 'Indexed' ? createIndexed(options, missing) : createPlain(options, missing);
}

/** How many pods should be at work. */
function wantedPods({ spec }: Job, { active, succeeded, failedIndexes }: Assessment): number {
  const { parallelism = 1, completions } = spec;
  // One success in a work queue means that no more pods are needed.
  if (completions === undefined) return succeeded > 0 ? Math.min(active.length, parallelism) : parallelism;
  return Math.max(0, Math.min(completions - succeeded - (failedIndexes?.size ?? 0), parallelism));
}

/** Pods without a place, and those that are too many, the ones that lose the least first. */
function surplusPods(job: Job, state: Assessment, wanted: number, now: number): readonly Pod[] {
  const { completed, failedIndexes } = state;
  const { completions = 0 } = job.spec;
  if (completed === undefined)
    return state.active.length > wanted ? podsToDelete(state.active, state.active, state.active.length - wanted, now) : [];
  const taken = new Set<number>();
  const placed: Pod[] = [];
  const surplus: Pod[] = [];
  for (const pod of state.active) {
    const index = indexOf(pod);
    const fits = index !== undefined && index < completions && !completed.has(index) && failedIndexes?.has(index) !== true;
    if (!fits || taken.has(index)) surplus.push(pod);
    else {
      taken.add(index);
      placed.push(pod);
    }
  }
  return placed.length > wanted ? [...surplus, ...podsToDelete(placed, placed, placed.length - wanted, now)] : surplus;
}

/** Deletes pods that do not count: without the finalizer, so that nobody takes them for failures. */
async function remove({ control, release }: ManageOptions, pods: readonly Pod[]): Promise<Managed> {
  if (pods.length === 0) return nothing;
  const { done, failure } = await deletePods(control, pods, release);
  return { created: 0, deleted: done, ...(failure === undefined ? {} : { failure }) };
}

async function createPlain(options: ManageOptions, count: number): Promise<Managed> {
  const wait = backoffOf(options);
  if (wait > 0) return { ...nothing, wait };
  const draft = podDraft(options.job);
  const { done, failure } = await createPods(options.control, count, () => draft);
  return { created: done.length, deleted: [], ...(failure === undefined ? {} : { failure }) };
}

function backoffOf({ run, now }: ManageOptions): number {
  return remainingBackoff(run, now);
}

async function createIndexed(options: ManageOptions, count: number): Promise<Managed> {
  const { places, wait } = freePlaces(options, count);
  const more = wait === undefined ? {} : { wait };
  if (places.length === 0) return { ...nothing, ...more };
  const { done, failure } = await createPods(options.control, places.length, (number) => podDraft(options.job, places[number]));
  return { created: done.length, deleted: [], ...more, ...(failure === undefined ? {} : { failure }) };
}

/** The lowest indexes that need a pod and may have one now, at most `count`. */
function freePlaces(options: ManageOptions, count: number): { readonly places: IndexPlace[]; readonly wait?: number } {
  const { job, state, now } = options;
  const { completions = 0, backoffLimitPerIndex, podReplacementPolicy } = job.spec;
  const { failedIndexes } = state;
  const completed = state.completed!;
  const perIndex = backoffLimitPerIndex !== undefined;
  if (!perIndex) {
    const wait = backoffOf(options);
    if (wait > 0) return { places: [], wait };
  }
  const busy = podReplacementPolicy === 'Failed' ? [...state.active, ...state.terminating] : state.active;
  const taken = new Set(busy.map(indexOf));
  const failures = perIndex ? failuresByIndex(options) : undefined;
  const places: IndexPlace[] = [];
  let wait: number | undefined;
  for (let index = completed.nextAbsent(0); index < completions && places.length < count; index = completed.nextAbsent(index + 1)) {
    if (taken.has(index) || failedIndexes?.has(index) === true) continue;
    const known = failures?.get(index);
    const rest = known === undefined ? 0 : remainingBackoff({ failures: known.counted + known.ignored, last: known.last }, now);
    if (rest > 0) wait = Math.min(wait ?? rest, rest);
    else places.push({ index, ...(perIndex ? { failures: known ?? { counted: 0, ignored: 0 } } : {}) });
  }
  return { places, ...(wait === undefined ? {} : { wait }) };
}

interface IndexFailures {
  readonly counted: number;
  readonly ignored: number;
  readonly last: number;
}

/** What the failed pods that hold their places know. */
function failuresByIndex({ job, state, now }: ManageOptions): ReadonlyMap<number, IndexFailures> {
  const failures = new Map<number, IndexFailures>();
  for (const pod of state.held) {
    const { counted, ignored } = failuresBefore(pod);
    const ignore = judgeFailure(job.spec.podFailurePolicy, pod)?.action === 'Ignore';
    failures.set(indexOf(pod)!, {
      counted: counted + (ignore ? 0 : 1),
      ignored: ignored + (ignore ? 1 : 0),
      last: finishTime(pod, now),
    });
  }
  return failures;
}
