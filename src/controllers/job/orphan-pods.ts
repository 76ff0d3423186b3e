// Frees pods whose job is gone: their tracking finalizer would keep them for ever.
import type { Job } from '../../../openapi/types/batch.v1.js';
import type { Pod } from '../../../openapi/types/core.v1.js';
import { isReason } from '../../apimachinery/errors/api-error.js';
import type { Client } from '../../client/client.js';
import { createController, type ControllerOptions } from '../../client/controller/controller.js';
import { controllerOf } from '../../client/controller/owner-references.js';
import type { InformerStore } from '../../client/informer/types.js';
import { JOBS } from '../../client/resources.js';
import type { RunningController } from '../definition.js';
import type { Finalizers } from './finalizers.js';
import { hasTrackingFinalizer } from './job-pods.js';

export interface OrphanCareOptions extends Pick<ControllerOptions, 'clock' | 'logger' | 'informers'> {
  readonly client: Client;
  readonly pods: InformerStore<Pod>;
  readonly finalizers: Finalizers;
  readonly jobOf: (pod: Pod) => Job | undefined;
}

export interface OrphanCare extends RunningController {
  /** Queues a pod that has the finalizer; cheap for every other. */
  consider(pod: Pod): void;
}

export function createOrphanCare({ client, pods, finalizers, jobOf, ...options }: OrphanCareOptions): OrphanCare {
  /** Asks the server: the informer of jobs may be behind that of pods. */
  const hasJob = async (pod: Pod): Promise<boolean> => {
    const owner = controllerOf(pod);
    if (owner?.kind !== 'Job') return false;
    try {
      const job = await client.get(JOBS, { namespace: pod.metadata.namespace, name: owner.name });
      return job.metadata.uid === owner.uid;
    } catch (error) {
      if (isReason(error, 'NotFound')) return false;
      throw error;
    }
  };
  const controller = createController({
    ...options,
    name: 'job-controller: orphan pods',
    async reconcile(key) {
      const pod = pods.get(key);
      if (pod === undefined || !hasTrackingFinalizer(pod) || jobOf(pod) !== undefined || (await hasJob(pod))) return;
      await finalizers.remove(pod);
    },
  });
  return {
    consider(pod) {
      if (hasTrackingFinalizer(pod)) controller.enqueueObject(pod);
    },
    start: () => controller.start(),
    stop: () => controller.stop(),
  };
}
