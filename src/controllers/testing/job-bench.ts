// A job on the memory client, with its controller running, for tests.
import type { Job, JobStatus } from '../../../openapi/types/batch.v1.js';
import type { Pod } from '../../../openapi/types/core.v1.js';
import { JOBS, PODS } from '../../client/resources.js';
import type { MemoryReactor } from '../../client/testing/memory-client.js';
import { createKit, type Kit } from './kit.js';
import { createJobController } from '../job/index.js';
import { completionIndex } from '../job/job-pods.js';

type Fields = Readonly<Record<string, unknown>>;

export const jobKey = { namespace: 'default', name: 'work' };
export const jobLabels = { 'batch.kubernetes.io/controller-uid': 'uid-work', 'batch.kubernetes.io/job-name': 'work' };

/** A job as the server stores it. @param spec fields to add or replace */
export function job(spec: Fields = {}): unknown {
  return {
    metadata: { ...jobKey, uid: 'uid-work', creationTimestamp: '2026-01-01T00:00:00Z', labels: jobLabels },
    spec: {
      parallelism: 1,
      ...('parallelism' in spec ? {} : { completions: 1 }),
      backoffLimit: 6,
      completionMode: 'NonIndexed',
      podReplacementPolicy: 'TerminatingOrFailed',
      selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': 'uid-work' } },
      template: { metadata: { labels: jobLabels }, spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'busybox' }] } },
      ...spec,
    },
    status: {},
  };
}

/** The fields of an indexed job. */
export const indexed = (spec: Fields): Fields => ({ completionMode: 'Indexed', parallelism: 3, completions: 3, ...spec });

export interface JobBench {
  readonly kit: Kit;
  pods(): Promise<readonly Pod[]>;
  /** Those that are pending and not being deleted. */
  pending(): Promise<readonly Pod[]>;
  /** The pending pod of this index. */
  byIndex(index: number): Promise<Pod>;
  status(): Promise<JobStatus>;
  /** `[type, status, reason]` of the conditions. */
  conditions(): Promise<unknown>;
  /** Merges into the job's spec. */
  change(spec: object): Promise<Job>;
  /** Ends a pod with an exit code. @param more fields of its status */
  end(pod: Pod, exitCode: number, more?: object): Promise<void>;
}

/** Without a job yet. @param reactor sees every request first */
export async function createJobBench(reactor?: MemoryReactor): Promise<JobBench> {
  const kit = createKit(reactor);
  await kit.start(createJobController);
  const pods = async (): Promise<readonly Pod[]> => (await kit.client.list(PODS)).items;
  const pending = async (): Promise<readonly Pod[]> =>
    (await pods()).filter(({ metadata, status }) => status.phase === 'Pending' && metadata.deletionTimestamp === undefined);
  const status = async (): Promise<JobStatus> => (await kit.client.get(JOBS, jobKey)).status;
  return {
    kit,
    pods,
    pending,
    status,
    byIndex: async (index) => (await pending()).find(({ metadata }) => metadata.annotations?.[completionIndex] === String(index))!,
    conditions: async () => (await status()).conditions?.map(({ type, status: is, reason }) => [type, is, reason]),
    change: (spec) => kit.client.patch(JOBS, jobKey, 'merge', { spec }),
    async end(pod, exitCode, more = {}) {
      const finishedAt = new Date(kit.clock.now()).toISOString();
      const ended = {
        phase: exitCode === 0 ? 'Succeeded' : 'Failed',
        containerStatuses: [{ name: 'c', state: { terminated: { exitCode, finishedAt } } }],
        ...more,
      };
      await kit.client.patch(PODS, pod.metadata, 'merge', { status: ended }, { subresource: 'status' });
      await kit.run();
    },
  };
}
