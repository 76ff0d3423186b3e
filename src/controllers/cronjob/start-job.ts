// Starts the job of a cron job when its time has come.
// https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#cron-job-limitations
import type { CronJob, CronJobStatus, Job } from '../../../openapi/types/batch.v1.js';
import { isReason } from '../../apimachinery/errors/api-error.js';
import { isControlledBy } from '../../client/controller/owner-references.js';
import { errorText } from '../../client/logger.js';
import { JOBS } from '../../client/resources.js';
import { formatTime } from '../../clock/clock.js';
import { isTerminatingNamespace } from '../shared/pod-control.js';
import { jobDraft, scheduledTimestamp } from './job-draft.js';
import { deleteJob, referenceTo, type CronTools } from './jobs-made.js';
import { parseSchedule, type Schedule } from './schedule.js';

/** More missed times than this are worth a warning. */
const manyMissed = 100;

export interface Started {
  readonly status: CronJobStatus;
  /** Milliseconds until the next time; undefined when there is none. */
  readonly wait: number | undefined;
}

/** @param status as {@link followJobs} found it */
export async function startDueJob(tools: CronTools, cronJob: CronJob, status: CronJobStatus, now: number): Promise<Started> {
  const { spec } = cronJob;
  const schedule = scheduleOf(tools, cronJob);
  const next = schedule?.next(now);
  if (schedule === undefined) return { status, wait: undefined };
  const idle = { status, wait: next === undefined ? undefined : next - now };
  if (next === undefined) {
    const why = `invalid schedule: ${spec.schedule} : time difference between two schedules is less than 1 second`;
    tools.recorder.event(cronJob, 'Warning', 'InvalidSchedule', why);
    return idle;
  }
  const due = dueTime(tools, cronJob, status, schedule, now);
  if (due === undefined) return idle;
  const { active = [] } = status;
  if (spec.concurrencyPolicy === 'Forbid' && active.length > 0) {
    const why = 'Not starting job because prior execution is running and concurrency policy is Forbid';
    tools.recorder.event(cronJob, 'Normal', 'JobAlreadyActive', why);
    return idle;
  }
  if (spec.concurrencyPolicy === 'Replace') for (const reference of active) await deleteJob(tools, cronJob, reference);
  const kept = spec.concurrencyPolicy === 'Replace' ? [] : active;
  const job = await createJob(tools, cronJob, due, schedule);
  if (job === undefined) return idle;
  return { ...idle, status: { ...status, active: [...kept, referenceTo(job)], lastScheduleTime: formatTime(due) } };
}

/** What cannot be read is told of, and tried again only when it changes. */
function scheduleOf({ recorder }: CronTools, cronJob: CronJob): Schedule | undefined {
  const { schedule, timeZone } = cronJob.spec;
  try {
    return parseSchedule(schedule, timeZone);
  } catch (error) {
    recorder.event(cronJob, 'Warning', 'UnparseableSchedule', `unparseable schedule: ${schedule} : ${errorText(error)}`);
    return undefined;
  }
}

/** The newest time that has come since the last start and is not too late. */
function dueTime({ recorder }: CronTools, cronJob: CronJob, status: CronJobStatus, schedule: Schedule, now: number): number | undefined {
  const { startingDeadlineSeconds } = cronJob.spec;
  const since = Date.parse(status.lastScheduleTime ?? cronJob.metadata.creationTimestamp);
  const from = startingDeadlineSeconds === undefined ? since : Math.max(since, now - startingDeadlineSeconds * 1000);
  const first = schedule.next(from);
  if (first === undefined || first > now) return undefined;
  const following = schedule.next(first) ?? first + 1000;
  if ((now - first) / (following - first) >= manyMissed) {
    const why = 'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew';
    recorder.event(cronJob, 'Warning', 'TooManyMissedTimes', why);
  }
  return schedule.last(first, now);
}

/** Undefined when the job was made for an earlier time of the same minute, or the namespace is going. */
async function createJob({ client, recorder }: CronTools, cronJob: CronJob, due: number, schedule: Schedule): Promise<Job | undefined> {
  const draft = jobDraft(cronJob, due, schedule.zone);
  try {
    const job = await client.create(JOBS, draft);
    recorder.event(cronJob, 'Normal', 'SuccessfulCreate', `Created job ${job.metadata.name}`);
    return job;
  } catch (error) {
    if (isTerminatingNamespace(error)) return undefined;
    if (!isReason(error, 'AlreadyExists')) {
      recorder.event(cronJob, 'Warning', 'FailedCreate', `Error creating job: ${errorText(error)}`);
      throw error;
    }
    const there = await client.get(JOBS, { namespace: cronJob.metadata.namespace, name: draft.metadata!.name! });
    // Another's job has the name: it may go.
    if (!isControlledBy(there, cronJob)) throw error;
    // Made for this very time, and not written down since.
    return there.metadata.annotations?.[scheduledTimestamp] === draft.metadata!.annotations![scheduledTimestamp] ? there : undefined;
  }
}
