// Jobs that run programs: some end well, some after failures, some never; and what is left of them.
import { resources, type Cluster, type Draft, type KubeObject, type manualClock } from '../../src/index.js';
import { advanceUntil, startByHand, stopByHand } from '../support/manual-time.js';

const { EVENTS, JOBS, PODS, SERVICE_ACCOUNTS } = resources;
const namespace = 'default';
type Job = Awaited<ReturnType<Cluster['client']['get']>> & NonNullable<(typeof JOBS)['object']>;
let cluster: Cluster;
let clock: ReturnType<typeof manualClock>;

beforeAll(async () => {
  ({ cluster, clock } = await startByHand({ nodes: 2, freeze: true }));
  await advanceUntil(clock, 10_000, async () => (await cluster.client.list(SERVICE_ACCOUNTS, { namespace })).items[0]);
});

afterAll(() => stopByHand(cluster, clock));

/** @param script what `sh -c` runs in each pod */
async function create(name: string, script: string, spec: object = {}): Promise<void> {
  const container = { name: 'main', image: 'busybox', command: ['sh', '-c', script] };
  const draft = {
    metadata: { name, namespace },
    spec: { template: { spec: { restartPolicy: 'Never', containers: [container] } }, ...spec },
  };
  await cluster.client.create(JOBS, draft as Draft<Job>);
}
const isTrue = ({ status }: Job, type: string): boolean =>
  status.conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false;
const until = async (name: string, wanted: (job: Job) => boolean, most = 120_000): Promise<Job> =>
  (
    await advanceUntil(clock, most, async () => {
      const job = await cluster.client.get(JOBS, { namespace, name });
      return wanted(job) ? job : undefined;
    })
  ).value;
const podsOf = async (name: string) => (await cluster.client.list(PODS, { namespace, labelSelector: `job-name=${name}` })).items;
const reasons = async (name: string): Promise<(string | undefined)[]> => {
  const { items } = await cluster.client.list(EVENTS, { namespace, fieldSelector: `involvedObject.name=${name}` });
  return items.map(({ reason }) => reason);
};

it('runs to completion, and leaves its pods for whoever reads their logs', async () => {
  await create('hello', 'echo hello', { completions: 5, parallelism: 2 });
  const job = await until('hello', (one) => isTrue(one, 'Complete'));
  expect(job.status).toMatchObject({ succeeded: 5, ready: 0, terminating: 0, uncountedTerminatedPods: {} });
  const pods = await podsOf('hello');
  expect(pods.map(({ status }) => status.phase)).toEqual(Array.from({ length: 5 }, () => 'Succeeded'));
  expect(pods.flatMap(({ metadata }) => metadata.finalizers ?? [])).toEqual([]);
  expect((await reasons('hello')).sort()).toEqual(['Completed', ...Array.from({ length: 5 }, () => 'SuccessfulCreate')]);
});

it('does not count a pod that was evicted, where its failure policy says so', async () => {
  const rules = [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }];
  await create('evicted', 'sleep 60', { backoffLimit: 0, podFailurePolicy: { rules } });
  const running = async () => (await podsOf('evicted')).find(({ status }) => status.phase === 'Running');
  const { metadata } = (await advanceUntil(clock, 30_000, running)).value;
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: metadata.name, namespace } };
  await cluster.client.create(PODS, eviction, { subresource: 'eviction' });
  const job = await until('evicted', (one) => isTrue(one, 'Complete') || isTrue(one, 'Failed'), 300_000);
  expect(job.status).toMatchObject({ succeeded: 1, uncountedTerminatedPods: {} });
  expect(job.status.failed ?? 0).toBe(0);
  expect((await reasons('evicted')).filter((reason) => reason === 'SuccessfulCreate')).toHaveLength(2);
});

it('tries again, more and more slowly, until it gives up', async () => {
  await create('fails', 'exit 3', { backoffLimit: 2 });
  const job = await until('fails', (one) => isTrue(one, 'Failed'));
  expect(job.status).toMatchObject({ failed: 3, uncountedTerminatedPods: {} });
  const times = (await podsOf('fails')).map(({ metadata }) => Date.parse(metadata.creationTimestamp) / 1000).sort();
  expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(10);
  expect(times[2]! - times[1]!).toBeGreaterThanOrEqual(20);
  expect(await reasons('fails')).toContain('BackoffLimitExceeded');
});

it('gives each index a pod of its own, and fails only those that fail', async () => {
  // Only the first ends with 0.
  await create('shards', 'exit $JOB_COMPLETION_INDEX', {
    completionMode: 'Indexed',
    completions: 3,
    parallelism: 3,
    backoffLimitPerIndex: 1,
  });
  const job = await until('shards', (one) => isTrue(one, 'Failed'));
  expect(job.status).toMatchObject({ succeeded: 1, failed: 4, completedIndexes: '0', failedIndexes: '1,2' });
  expect(job.status.conditions?.at(-1)).toMatchObject({ reason: 'FailedIndexes', message: 'Job has failed indexes' });
  const hostnames = (await podsOf('shards')).map(({ spec }) => spec.hostname);
  expect(hostnames.sort()).toEqual(['shards-0', 'shards-1', 'shards-1', 'shards-2', 'shards-2']);
});

it('an exit code that nothing can mend ends it at once', async () => {
  const podFailurePolicy = { rules: [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [42] } }] };
  await create('broken', 'exit 42', { podFailurePolicy });
  const job = await until('broken', (one) => isTrue(one, 'Failed'), 20_000);
  expect(job.status.failed).toBe(1);
  expect(job.status.conditions?.at(-1)?.message).toMatch(
    /^Container main for pod default\/broken-.{5} failed with exit code 42 matching FailJob rule at index 0$/,
  );
});

it('stops when suspended, goes on when resumed, and is stopped at its deadline', async () => {
  await create('long', 'sleep 10000', { activeDeadlineSeconds: 60, completions: 2, parallelism: 2 });
  await until('long', ({ status }) => status.ready === 2);
  await cluster.client.patch(JOBS, { namespace, name: 'long' }, 'merge', { spec: { suspend: true } });
  await until('long', (job) => isTrue(job, 'Suspended') && job.status.terminating === 0);
  expect(await podsOf('long')).toEqual([]);
  await clock.advance(120_000);
  await cluster.client.patch(JOBS, { namespace, name: 'long' }, 'merge', { spec: { suspend: false } });
  await until('long', ({ status }) => status.ready === 2);
  const job = await until('long', (one) => isTrue(one, 'Failed'));
  expect(job.status.conditions?.at(-1)).toMatchObject({ reason: 'DeadlineExceeded' });
  expect(job.status).toMatchObject({ failed: 2, terminating: 0 });
});

it('goes some time after it has finished, with its pods', async () => {
  await create('brief', 'true', { ttlSecondsAfterFinished: 30 });
  await until('brief', (one) => isTrue(one, 'Complete'));
  await clock.advance(20_000);
  expect(await podsOf('brief')).toHaveLength(1);
  const left = async (): Promise<readonly KubeObject[]> => [
    ...(await podsOf('brief')),
    ...(await cluster.client.list(JOBS, { namespace, fieldSelector: 'metadata.name=brief' })).items,
  ];
  await advanceUntil(clock, 30_000, async () => ((await left()).length === 0 ? true : undefined));
});
