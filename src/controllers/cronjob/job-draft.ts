// The jobs that a cron job creates.
import type { CronJob, Job } from '../../../openapi/types/batch.v1.js';
import type { Draft } from '../../apimachinery/object.js';
import { controllerReference } from '../../client/controller/owner-references.js';
import { formatInZone, minute, type Zone } from './wall-time.js';

/** https://kubernetes.io/docs/reference/labels-annotations-taints/#batch-kubernetes-io-cronjob-scheduled-timestamp */
export const scheduledTimestamp = 'batch.kubernetes.io/cronjob-scheduled-timestamp';

/**
 * The job for one scheduled time. Its name has that time in minutes, so that there is one job for it, whoever makes it how often.
 * @param time milliseconds since the epoch
 */
export function jobDraft(cronJob: CronJob, time: number, zone: Zone): Draft<Job> {
  const { metadata: { labels, annotations } = {}, spec } = cronJob.spec.jobTemplate as Partial<CronJob['spec']['jobTemplate']>;
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: `${cronJob.metadata.name}-${Math.floor(time / minute)}`,
      namespace: cronJob.metadata.namespace,
      ...(labels === undefined ? {} : { labels }),
      annotations: { ...annotations, [scheduledTimestamp]: formatInZone(zone, time) },
      ownerReferences: [controllerReference(cronJob)],
    },
    ...(spec === undefined ? {} : { spec }),
  };
}
