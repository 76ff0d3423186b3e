// Deletes jobs some time after they have finished. https://kubernetes.io/docs/concepts/workloads/controllers/ttlafterfinished/
import type { Job } from '../../../openapi/types/batch.v1.js';
import { isReason } from '../../apimachinery/errors/api-error.js';
import { createController } from '../../client/controller/controller.js';
import { keyOf, splitKey } from '../../client/keys.js';
import { JOBS } from '../../client/resources.js';
import type { ControllerContext, ControllerDefinition, RunningController } from '../definition.js';
import { finishedCondition } from '../job/conditions.js';

export const ttlAfterFinishedController: ControllerDefinition = {
  name: 'ttl-after-finished-controller',
  account: 'ttl-after-finished-controller',
  create: createTtlAfterFinishedController,
};

/** Milliseconds since the epoch when the job may go; undefined when it stays. */
function expiryOf(job: Job): number | undefined {
  const { ttlSecondsAfterFinished } = job.spec;
  const finished = finishedCondition(job)?.lastTransitionTime;
  if (ttlSecondsAfterFinished === undefined || finished === undefined || job.metadata.deletionTimestamp !== undefined) return undefined;
  return Date.parse(finished) + ttlSecondsAfterFinished * 1000;
}

export function createTtlAfterFinishedController({ client, clock, logger, informers }: ControllerContext): RunningController {
  const jobs = informers.informer(JOBS);
  /** Milliseconds to wait; 0 when its time has come, undefined when it never will as it is. */
  const waitFor = (job: Job): number | undefined => {
    const expiry = expiryOf(job);
    return expiry === undefined ? undefined : Math.max(0, expiry - clock.now());
  };

  const controller = createController({
    name: 'ttl-after-finished-controller',
    clock,
    logger,
    workers: 5,
    informers: [jobs],
    async reconcile(key) {
      const seen = jobs.store.get(key);
      const wait = seen === undefined ? undefined : waitFor(seen);
      if (wait === undefined) return undefined;
      if (wait > 0) return { requeueAfter: wait };
      try {
        // Asked once more, as the time may have been made longer a moment ago.
        const job = await client.get(JOBS, splitKey(key));
        const rest = waitFor(job);
        if (rest === undefined) return undefined;
        if (rest > 0) return { requeueAfter: rest };
        const { uid, resourceVersion } = job.metadata;
        const preconditions = { uid, ...(resourceVersion === undefined ? {} : { resourceVersion }) };
        await client.delete(JOBS, job.metadata, { propagationPolicy: 'Foreground', preconditions });
      } catch (error) {
        if (!isReason(error, 'NotFound')) throw error;
      }
      return undefined;
    },
  });
  const consider = (job: Job): void => {
    const wait = waitFor(job);
    if (wait !== undefined) controller.enqueueAfter(keyOf(job), wait);
  };
  jobs.addHandler({ add: consider, update: (_previous, current) => consider(current) });
  return controller;
}
