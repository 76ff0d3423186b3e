// Creates jobs on a schedule. https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/
import type { CronJob, CronJobStatus, Job } from '../../../openapi/types/batch.v1.js';
import { deepEqual } from '../../apimachinery/equality.js';
import { createController } from '../../client/controller/controller.js';
import { byController, controllerOf } from '../../client/controller/owner-references.js';
import { keyOf, makeKey } from '../../client/keys.js';
import { CRON_JOBS, JOBS } from '../../client/resources.js';
import { exponentialRateLimiter } from '../../client/work-queue/rate-limiter.js';
import type { ControllerContext, ControllerDefinition, RunningController } from '../definition.js';
import { createLatest } from '../shared/latest.js';
import { deleteOldJobs, followJobs } from './jobs-made.js';
import { startDueJob } from './start-job.js';

export const cronJobController: ControllerDefinition = {
  name: 'cronjob-controller',
  account: 'cronjob-controller',
  create: createCronJobController,
};

/** A timer may be this late and no more: longer waits are cut, so that a clock that was set is noticed. */
const longestWait = 24 * 60 * 60_000;

export function createCronJobController(context: ControllerContext): RunningController {
  const { client, clock, logger, informers } = context;
  const cronJobs = informers.informer(CRON_JOBS);
  const jobs = informers.informer(JOBS, { indexers: { controller: byController } });
  const recorder = context.recorder('cronjob-controller');
  const latest = createLatest(client, CRON_JOBS);
  const tools = { client, recorder };

  const write = async (cronJob: CronJob, status: CronJobStatus): Promise<CronJob> => {
    return deepEqual(cronJob.status, status) ? cronJob : latest.writeStatus({ ...cronJob, status });
  };

  const controller = createController({
    name: 'cronjob-controller',
    clock,
    logger,
    workers: 5,
    informers: [cronJobs, jobs],
    rateLimiter: exponentialRateLimiter(1000, 60_000),
    async reconcile(key) {
      const seen = cronJobs.store.get(key);
      if (seen === undefined) return undefined;
      const cronJob = latest.of(seen);
      const own = jobs.store.byIndex('controller', cronJob.metadata.uid);
      await deleteOldJobs(tools, cronJob, own);
      const status = await followJobs(tools, cronJob, own);
      if (cronJob.metadata.deletionTimestamp !== undefined || cronJob.spec.suspend === true) return void (await write(cronJob, status));
      // What has happened is written before anything new is begun: a start that fails must not be told of again and again.
      const current = await write(cronJob, status);
      const started = await startDueJob(tools, current, status, clock.now());
      await write(current, started.status);
      return started.wait === undefined ? undefined : { requeueAfter: Math.min(started.wait, longestWait) };
    },
  });

  const enqueueOwner = (job: Job): void => {
    const owner = controllerOf(job);
    if (owner?.kind !== 'CronJob') return;
    const key = makeKey(job.metadata.namespace, owner.name);
    if (cronJobs.store.get(key)?.metadata.uid === owner.uid) controller.enqueue(key);
  };
  cronJobs.addHandler({
    add: (cronJob) => controller.enqueueObject(cronJob),
    update: (previous, current) => {
      if (!latest.isOwn(previous, current)) controller.enqueueObject(current);
    },
    delete: (last) => latest.forget(keyOf(last)),
  });
  jobs.addHandler({
    add: enqueueOwner,
    update: (_previous, current) => enqueueOwner(current),
    delete: enqueueOwner,
  });
  return controller;
}
