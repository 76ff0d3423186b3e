// How long a job waits before it tries again: 10 s after a failure, twice as long after each further one, 10 minutes at most.
// https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-backoff-failure-policy
import type { Pod } from '../../../openapi/types/core.v1.js';
import { isPodTerminal } from '../shared/pods.js';
import { finishTime } from './job-pods.js';

const shortest = 10_000;
const longest = 600_000;

/** The failures since the last success. */
export interface FailureRun {
  readonly failures: number;
  /** Milliseconds since the epoch. */
  readonly last: number;
}

const none: FailureRun = { failures: 0, last: 0 };

/** Milliseconds from now until a pod may follow so many failures, the last of them at `last`. */
export function remainingBackoff({ failures, last }: FailureRun, now: number): number {
  if (failures === 0) return 0;
  const delay = Math.min(shortest * 2 ** Math.min(failures - 1, 20), longest);
  return Math.max(0, last + delay - now);
}

/** Goes on from a run with pods that have ended since, in the order of their ends. */
export function continueRun(run: FailureRun, succeeded: readonly Pod[], failed: readonly Pod[], now: number): FailureRun {
  const ends = [
    ...succeeded.map((pod) => ({ at: finishTime(pod, now), good: true })),
    ...failed.map((pod) => ({ at: finishTime(pod, now), good: false })),
  ].sort((a, b) => a.at - b.at);
  let current = run;
  for (const { at, good } of ends) current = good ? none : { failures: current.failures + 1, last: Math.max(current.last, at) };
  return current;
}

/** The run as the pods that are still there tell it: what a controller knows that has just started. */
export function runOf(pods: readonly Pod[], now: number): FailureRun {
  const ended = pods.filter(isPodTerminal);
  const succeeded = ended.filter(({ status }) => status.phase === 'Succeeded');
  return continueRun(none, succeeded, ended.filter(({ status }) => status.phase === 'Failed'), now); // prettier-ignore
}
