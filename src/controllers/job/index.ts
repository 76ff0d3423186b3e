// Runs pods until enough of them have succeeded.
// https://kubernetes.io/docs/concepts/workloads/controllers/job/
import type { Job } from '../../../openapi/types/batch.v1.js';
import type { Pod } from '../../../openapi/types/core.v1.js';
import { compileLabelSelector } from '../../apimachinery/selectors/labels.js';
import { claim } from '../../client/controller/claim.js';
import { createController } from '../../client/controller/controller.js';
import { createExpectations } from '../../client/controller/expectations.js';
import { byController, controllerOf } from '../../client/controller/owner-references.js';
import { keyOf } from '../../client/keys.js';
import { JOBS, PODS } from '../../client/resources.js';
import { exponentialRateLimiter } from '../../client/work-queue/rate-limiter.js';
import type { ControllerContext, ControllerDefinition, RunningController } from '../definition.js';
import { forEachBounded } from '../shared/all.js';
import { coalescingDelay } from '../shared/coalesce.js';
import { createLatest } from '../shared/latest.js';
import { orphansByNamespace } from '../shared/orphans.js';
import type { FailureRun } from './backoff.js';
import { finishedCondition } from './conditions.js';
import { createFinalizers } from './finalizers.js';
import { hasTrackingFinalizer, trackingFinalizer } from './job-pods.js';
import { createOrphanCare } from './orphan-pods.js';
import { syncJob } from './sync.js';

export const jobController: ControllerDefinition = { name: 'job-controller', account: 'job-controller', create: createJobController };

/** Jobs managed by others are left alone. https://kubernetes.io/docs/concepts/workloads/controllers/job/#delegation-of-managing-a-job-object-to-external-controller */
const ownName = 'kubernetes.io/job-controller';
const uidLabel = 'batch.kubernetes.io/controller-uid';
const width = 64;

const isOthers = ({ spec }: Job): boolean => spec.managedBy !== undefined && spec.managedBy !== ownName;

/** An index function: the namespace of jobs with a selector of their own. */
function byManualSelector({ metadata, spec }: Job): readonly string[] {
  return spec.manualSelector === true ? [metadata.namespace ?? ''] : [];
}

export function createJobController(context: ControllerContext): RunningController {
  const { client, clock, logger, informers } = context;
  const jobs = informers.informer(JOBS, { indexers: { uid: ({ metadata }) => [metadata.uid], manual: byManualSelector } });
  const pods = informers.informer(PODS, { indexers: { controller: byController, orphans: orphansByNamespace } });
  const recorder = context.recorder('job-controller');
  const expectations = createExpectations(clock);
  const finalizers = createFinalizers(client, pods.store);
  const latest = createLatest(client, JOBS);
  const runs = new Map<string, FailureRun>();

  const jobOf = (pod: Pod): Job | undefined => {
    const owner = controllerOf(pod);
    return owner?.kind === 'Job' ? jobs.store.byIndex('uid', owner.uid)[0] : undefined;
  };
  const orphanCare = createOrphanCare({ client, clock, logger, informers: [jobs, pods], pods: pods.store, finalizers, jobOf });
  const enqueue = (job: Job): void => controller.enqueueAfter(keyOf(job), coalescingDelay(job.status.active ?? 0));
  /** An orphan may be for a job whose selector fits: one made by hand, or the one that let it go. */
  const enqueueMatching = ({ metadata }: Pod): void => {
    const former = jobs.store.byIndex('uid', metadata.labels?.[uidLabel] ?? '');
    for (const job of [...former, ...jobs.store.byIndex('manual', metadata.namespace ?? '')]) {
      if (compileLabelSelector(job.spec.selector).matches(metadata.labels)) controller.enqueueObject(job);
    }
  };
  const forget = (job: Job): void => {
    expectations.delete(keyOf(job));
    latest.forget(keyOf(job));
    runs.delete(job.metadata.uid);
  };
  /** A job that has finished, or is going, tracks its pods no longer. */
  const releaseAll = async (own: readonly Pod[]): Promise<void> => {
    const failures = await forEachBounded(own, width, (pod) => finalizers.remove(pod));
    if (failures.length > 0) throw failures[0]!;
  };

  const controller = createController({
    name: 'job-controller',
    clock,
    logger,
    workers: 5,
    informers: [jobs, pods],
    rateLimiter: exponentialRateLimiter(1000, 60_000),
    async reconcile(key) {
      const seen = jobs.store.get(key);
      if (seen === undefined || isOthers(seen)) return undefined;
      const job = latest.of(seen);
      const own = pods.store.byIndex('controller', job.metadata.uid);
      if (finishedCondition(job) !== undefined || job.metadata.deletionTimestamp !== undefined) {
        runs.delete(job.metadata.uid);
        return releaseAll(own);
      }
      // What was created or deleted before is not all seen yet: the event that shows it comes back here.
      if (!expectations.satisfied(key)) return undefined;
      const selector = compileLabelSelector(job.spec.selector);
      const claimed = await claim({
        client,
        type: PODS,
        owner: job,
        ownerType: JOBS,
        matches: (pod) => selector.matches(pod.metadata.labels),
        candidates: [...own, ...pods.store.byIndex('orphans', job.metadata.namespace ?? '')],
        finalizer: trackingFinalizer,
      });
      const control = { client, recorder, expectations, logger, key, owner: job };
      return syncJob({ control, finalizers, latest, runs }, job, claimed, clock.now());
    },
  });

  jobs.addHandler({
    add: (job) => controller.enqueueObject(job),
    update: (previous, current) => {
      if (previous.metadata.uid !== current.metadata.uid) forget(previous);
      if (!latest.isOwn(previous, current)) controller.enqueueObject(current);
    },
    delete: (last) => {
      forget(last);
      for (const pod of pods.store.byIndex('controller', last.metadata.uid)) orphanCare.consider(pod);
    },
  });
  pods.addHandler({
    add: (pod) => {
      const job = jobOf(pod);
      if (job !== undefined) {
        if (pod.metadata.deletionTimestamp !== undefined) expectations.deletionObserved(keyOf(job), pod.metadata.uid);
        else expectations.creationObserved(keyOf(job));
        enqueue(job);
      } else if (controllerOf(pod) === undefined) enqueueMatching(pod);
      if (job === undefined) orphanCare.consider(pod);
    },
    update: (previous, current) => {
      finalizers.observe(current, false);
      const before = jobOf(previous);
      const after = jobOf(current);
      if (before !== undefined && before !== after) enqueue(before);
      if (after !== undefined) {
        if (current.metadata.deletionTimestamp !== undefined) expectations.deletionObserved(keyOf(after), current.metadata.uid);
        enqueue(after);
      } else if (hasTrackingFinalizer(current)) orphanCare.consider(current);
      if (controllerOf(current) === undefined && (previous.metadata.labels !== current.metadata.labels || before !== undefined))
        enqueueMatching(current);
    },
    delete: (last) => {
      finalizers.observe(last, true);
      const job = jobOf(last);
      if (job === undefined) return;
      expectations.deletionObserved(keyOf(job), last.metadata.uid);
      enqueue(job);
    },
  });
  return {
    start() {
      controller.start();
      orphanCare.start();
    },
    stop: async () => void (await Promise.all([controller.stop(), orphanCare.stop()])),
  };
}
