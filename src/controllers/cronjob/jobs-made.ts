// The jobs of a cron job: which are at work, which have finished, and which are too old to be kept.
import type { CronJob, CronJobStatus, Job } from '../../../openapi/types/batch.v1.js';
import type { ObjectReference } from '../../../openapi/types/core.v1.js';
import { isReason } from '../../apimachinery/errors/api-error.js';
import type { Client } from '../../client/client.js';
import type { EventRecorder } from '../../client/events/recorder.js';
import { errorText } from '../../client/logger.js';
import { JOBS } from '../../client/resources.js';
import { finishedCondition } from '../job/conditions.js';
import { compareText } from '../shared/sort.js';

export interface CronTools {
  readonly client: Client;
  readonly recorder: EventRecorder;
}

/** A reference to a job as statuses have it. */
export function referenceTo({ metadata }: Job): ObjectReference {
  const { namespace, name, uid, resourceVersion } = metadata;
  return {
    kind: 'Job',
    apiVersion: 'batch/v1',
    name,
    uid,
    ...(namespace === undefined ? {} : { namespace }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  };
}

/** Deletes a job with its pods; one that is gone already counts as deleted. Rejects after an event when it cannot. */
export async function deleteJob({ client, recorder }: CronTools, cronJob: CronJob, job: ObjectReference): Promise<void> {
  try {
    const preconditions = job.uid === undefined ? {} : { preconditions: { uid: job.uid } };
    await client.delete(JOBS, { namespace: job.namespace, name: job.name! }, { propagationPolicy: 'Background', ...preconditions });
    recorder.event(cronJob, 'Normal', 'SuccessfulDelete', `Deleted job ${job.name}`);
  } catch (error) {
    if (isReason(error, 'NotFound') || isReason(error, 'Conflict')) return;
    recorder.event(cronJob, 'Warning', 'FailedDelete', `Deleted job: ${errorText(error)}`);
    throw error;
  }
}

/** Deletes the oldest finished jobs beyond the limits. https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#jobs-history-limits */
export async function deleteOldJobs(tools: CronTools, cronJob: CronJob, jobs: readonly Job[]): Promise<void> {
  const { successfulJobsHistoryLimit, failedJobsHistoryLimit } = cronJob.spec;
  const limits = [
    ['Complete', successfulJobsHistoryLimit],
    ['Failed', failedJobsHistoryLimit],
  ] as const;
  for (const [type, limit] of limits) {
    if (limit === undefined) continue;
    const finished = jobs.filter((job) => finishedCondition(job)?.type === type && job.metadata.deletionTimestamp === undefined);
    const surplus = finished.length - limit;
    if (surplus <= 0) continue;
    for (const job of finished.sort(byStart).slice(0, surplus)) await deleteJob(tools, cronJob, referenceTo(job));
  }
}

function byStart(a: Job, b: Job): number {
  return compareText(a.status.startTime ?? '', b.status.startTime ?? '') || compareText(a.metadata.name, b.metadata.name);
}

/** The status with what has become of the jobs since it was written. */
export async function followJobs(tools: CronTools, cronJob: CronJob, jobs: readonly Job[]): Promise<CronJobStatus> {
  const { client, recorder } = tools;
  const { active: before = [], lastSuccessfulTime, ...rest } = cronJob.status;
  const there = new Set(jobs.map(({ metadata }) => metadata.uid));
  const over = new Set<string>();
  let successful = lastSuccessfulTime;
  for (const job of jobs) {
    const known = before.some(({ uid }) => uid === job.metadata.uid);
    const finished = finishedCondition(job);
    if (finished === undefined) {
      if (!known)
        recorder.event(cronJob, 'Warning', 'UnexpectedJob', `Saw a job that the controller did not create or forgot: ${job.metadata.name}`);
      continue;
    }
    if (known) {
      over.add(job.metadata.uid);
      recorder.event(cronJob, 'Normal', 'SawCompletedJob', `Saw completed job: ${job.metadata.name}, condition: ${finished.type}`);
    }
    const { completionTime } = job.status;
    if (finished.type === 'Complete' && completionTime !== undefined && (successful === undefined || completionTime > successful))
      successful = completionTime;
  }
  const active: ObjectReference[] = [];
  for (const reference of before) {
    if (over.has(reference.uid ?? '')) continue;
    if (there.has(reference.uid ?? '') || (await isThere(client, reference))) active.push(reference);
    else recorder.event(cronJob, 'Normal', 'MissingJob', `Active job went missing: ${reference.name}`);
  }
  return statusWith(rest, active, successful);
}

export function statusWith(rest: CronJobStatus, active: readonly ObjectReference[], lastSuccessfulTime: string | undefined): CronJobStatus {
  return {
    ...rest,
    ...(active.length > 0 ? { active } : {}),
    ...(lastSuccessfulTime === undefined ? {} : { lastSuccessfulTime }),
  };
}

/** Asks the server: a job made a moment ago may not be in the informer yet. */
async function isThere(client: Client, { namespace, name, uid }: ObjectReference): Promise<boolean> {
  try {
    const job = await client.get(JOBS, { namespace, name: name ?? '' });
    return job.metadata.uid === uid;
  } catch (error) {
    if (isReason(error, 'NotFound')) return false;
    throw error;
  }
}
