import type { Job } from '../../../openapi/types/batch.v1.js';
import { ApiError } from '../../apimachinery/errors/api-error.js';
import { JOBS, PODS } from '../../client/resources.js';
import type { MemoryReactor } from '../../client/testing/memory-client.js';
import { seededRandom } from '../../clock/random.js';
import { createJobController } from './index.js';
import { trackingFinalizer } from './job-pods.js';
import { createJobBench, job, jobKey, jobLabels, type JobBench } from '../testing/job-bench.js';

let bench: JobBench;
afterEach(async () => {
  await bench?.kit.stop();
  expect(bench.kit.clock.pending()).toBe(0);
});

async function start(spec: Readonly<Record<string, unknown>> = {}, reactor?: MemoryReactor): Promise<void> {
  bench = await createJobBench(reactor);
  bench.kit.client.seed(JOBS, job(spec));
  await bench.kit.run();
}

test('runs a pod, counts it once and completes', async () => {
  await start();
  const [pod] = await bench.pods();
  expect(pod!.metadata).toMatchObject({
    generateName: 'work-',
    labels: jobLabels,
    finalizers: [trackingFinalizer],
    ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job', name: 'work', uid: 'uid-work', controller: true, blockOwnerDeletion: true }],
  });
  const startTime = '2026-01-01T00:00:00Z';
  expect(await bench.status()).toEqual({ startTime, active: 1, ready: 0, terminating: 0, uncountedTerminatedPods: {} });

  await bench.end(pod!, 0);
  expect(await bench.status()).toMatchObject({ startTime, completionTime: startTime, succeeded: 1, ready: 0, uncountedTerminatedPods: {} });
  expect(await bench.conditions()).toEqual([
    ['SuccessCriteriaMet', 'True', 'CompletionsReached'],
    ['Complete', 'True', 'CompletionsReached'],
  ]);
  expect((await bench.pods())[0]!.metadata.finalizers).toEqual([]);
  expect(await bench.kit.events()).toEqual([`SuccessfulCreate: Created pod: ${pod!.metadata.name}`, 'Completed: Job completed']);
  const before = bench.kit.client.requests.length;
  await bench.kit.run(60_000);
  expect(bench.kit.client.requests.slice(before)).toEqual([]);
});

test('the pod is listed before its finalizer goes, and counted after', async () => {
  await start();
  const [pod] = await bench.pods();
  await bench.end(pod!, 0);
  const writes = bench.kit.client.requests
    .filter(({ verb }) => verb === 'update' || verb === 'patch')
    .map(({ resource, body }) => [
      resource,
      (body as Partial<Job>).status?.uncountedTerminatedPods?.succeeded,
      (body as Partial<Job>).status?.succeeded,
    ]);
  expect(writes.slice(-3)).toEqual([
    ['jobs', [pod!.metadata.uid], undefined],
    ['pods', undefined, undefined],
    ['jobs', undefined, 1],
  ]);
});

test('nothing is counted twice when writes fail in between', async () => {
  let failing = '';
  await start({ completions: 2, parallelism: 2 }, ({ verb, resource, subresource }) => {
    if (`${verb} ${resource}/${subresource ?? ''}` !== failing) return;
    failing = '';
    throw new ApiError(500, 'InternalError', 'broken');
  });
  const [first, second] = await bench.pods();
  failing = 'patch pods/';
  await bench.end(first!, 1);
  failing = 'update jobs/status';
  await bench.end(second!, 0);
  await bench.kit.run(30_000);
  expect(await bench.status()).toMatchObject({ failed: 1, succeeded: 1, active: 1, uncountedTerminatedPods: {} });
  await bench.end((await bench.pending())[0]!, 0);
  expect(await bench.status()).toMatchObject({ failed: 1, succeeded: 2 });
  expect(await bench.pods()).toHaveLength(3);
});

test('waits 10, 20, 40 seconds after failures, and gives up after the limit', async () => {
  await start({ backoffLimit: 3 });
  for (const seconds of [10, 20, 40]) {
    await bench.end((await bench.pending())[0]!, 1);
    await bench.kit.run(seconds * 1000 - 200);
    expect(await bench.pending()).toEqual([]);
    await bench.kit.run(400);
    expect(await bench.pending()).toHaveLength(1);
  }
  await bench.end((await bench.pending())[0]!, 1);
  expect(await bench.conditions()).toEqual([
    ['FailureTarget', 'True', 'BackoffLimitExceeded'],
    ['Failed', 'True', 'BackoffLimitExceeded'],
  ]);
  expect(await bench.status()).toMatchObject({ failed: 4 });
  expect((await bench.kit.events()).at(-1)).toBe('BackoffLimitExceeded: Job has reached the specified backoff limit');
});

test('a controller that has just started knows the back-off from the pods', async () => {
  await start();
  await bench.end((await bench.pending())[0]!, 1);
  await bench.kit.run(10_100);
  await bench.end((await bench.pending())[0]!, 1);
  await bench.kit.start(createJobController);
  await bench.kit.run(15_000);
  expect(await bench.pending()).toEqual([]);
  await bench.kit.run(6000);
  expect(await bench.pending()).toHaveLength(1);
});

test('a work queue is done when one has succeeded and none is at work', async () => {
  await start({ parallelism: 3 });
  const [first, second, third] = await bench.pods();
  await bench.end(first!, 0);
  await bench.end(second!, 1);
  await bench.kit.run(60_000);
  expect(await bench.pods()).toHaveLength(3);
  expect(await bench.conditions()).toBeUndefined();
  await bench.end(third!, 0);
  expect(await bench.status()).toMatchObject({ succeeded: 2, failed: 1, conditions: [{}, { type: 'Complete' }] });
});

test('suspends and resumes, and starts anew', async () => {
  await start({ suspend: true, activeDeadlineSeconds: 10 });
  expect(await bench.status()).toMatchObject({ conditions: [{ type: 'Suspended', status: 'True', reason: 'JobSuspended' }] });
  await bench.kit.run(20_000);
  expect(await bench.pods()).toEqual([]);
  await bench.change({ suspend: false });
  await bench.kit.run();
  expect(await bench.status()).toMatchObject({
    active: 1,
    startTime: '2026-01-01T00:00:20Z',
    conditions: [{ type: 'Suspended', status: 'False', reason: 'JobResumed', message: 'Job resumed' }],
  });
  await bench.change({ suspend: true });
  await bench.kit.run();
  expect(await bench.pods()).toEqual([]);
  expect(await bench.status()).toEqual(expect.not.objectContaining({ startTime: expect.anything(), failed: expect.anything() }));
});

test('fails at its deadline, without any event', async () => {
  await start({ activeDeadlineSeconds: 30 });
  await bench.kit.run(29_000);
  expect(await bench.conditions()).toBeUndefined();
  await bench.kit.run(1500);
  expect(await bench.conditions()).toEqual([
    ['FailureTarget', 'True', 'DeadlineExceeded'],
    ['Failed', 'True', 'DeadlineExceeded'],
  ]);
  expect(await bench.status()).toMatchObject({ failed: 1, terminating: 0 });
});

test.each([
  ['TerminatingOrFailed', { failed: 1, terminating: 1 }],
  ['Failed', { terminating: 1 }],
])('with %s a pod on its way out counts as %p', async (podReplacementPolicy, expected) => {
  await start({ podReplacementPolicy });
  const [pod] = await bench.pods();
  // Something else keeps it from going at once.
  const metadata = { finalizers: [trackingFinalizer, 'example.com/keep'] };
  await bench.kit.client.patch(PODS, pod!.metadata, 'merge', { metadata });
  await bench.kit.client.delete(PODS, pod!.metadata);
  await bench.kit.run(1000);
  const { failed, terminating } = await bench.status();
  expect({ ...(failed === undefined ? {} : { failed }), terminating }).toEqual(expected);
  await bench.kit.run(15_000);
  expect(await bench.pending()).toHaveLength(podReplacementPolicy === 'Failed' ? 0 : 1);
});

test('restarts of containers count where pods are restarted in place', async () => {
  const template = { metadata: { labels: jobLabels }, spec: { restartPolicy: 'OnFailure', containers: [{ name: 'c', image: 'busybox' }] } };
  await start({ template, backoffLimit: 2 });
  const [pod] = await bench.pods();
  await bench.kit.client.patch(
    PODS,
    pod!.metadata,
    'merge',
    { status: { containerStatuses: [{ name: 'c', restartCount: 2 }] } },
    { subresource: 'status' },
  );
  await bench.kit.run(1000);
  expect((await bench.conditions()) as unknown[]).toContainEqual(['Failed', 'True', 'BackoffLimitExceeded']);
});

test('fewer in parallel: pods go uncounted', async () => {
  await start({ parallelism: 3, completions: 3 });
  await bench.change({ parallelism: 1 });
  await bench.kit.run();
  expect(await bench.pods()).toHaveLength(1);
  expect(await bench.status()).toMatchObject({ active: 1 });
  expect(await bench.status()).toEqual(expect.not.objectContaining({ failed: expect.anything() }));
});

test('adopts with its finalizer, and lets go without', async () => {
  bench = await createJobBench();
  bench.kit.client.seed(PODS, {
    metadata: { namespace: 'default', name: 'orphan', labels: jobLabels },
    spec: {},
    status: { phase: 'Pending' },
  });
  bench.kit.client.seed(JOBS, job());
  await bench.kit.run();
  const [orphan, ...others] = await bench.pods();
  expect(others).toEqual([]);
  expect(orphan!.metadata).toMatchObject({ finalizers: [trackingFinalizer], ownerReferences: [{ uid: 'uid-work', controller: true }] });
  await bench.kit.client.patch(PODS, orphan!.metadata, 'merge', {
    metadata: { labels: { 'batch.kubernetes.io/controller-uid': 'other' } },
  });
  await bench.kit.run();
  expect((await bench.kit.client.get(PODS, orphan!.metadata)).metadata).toMatchObject({ finalizers: [], ownerReferences: [] });
  expect(await bench.pods()).toHaveLength(2);
});

test.each(['deleted', 'being deleted'])('pods of a job that is %s are freed', async (how) => {
  await start();
  if (how === 'deleted') await bench.kit.client.delete(JOBS, jobKey);
  else {
    await bench.kit.client.patch(JOBS, jobKey, 'merge', { metadata: { finalizers: ['foregroundDeletion'] } });
    await bench.kit.client.delete(JOBS, jobKey);
  }
  await bench.kit.run();
  expect((await bench.pods()).map(({ metadata }) => metadata.finalizers)).toEqual([[]]);
});

test("leaves another's job alone", async () => {
  await start({ managedBy: 'example.com/other' });
  expect(await bench.pods()).toEqual([]);
  expect(await bench.status()).toEqual({});
});

test('tells of refused pods, and tries again after 1, 2, 4 seconds', async () => {
  await start({ parallelism: 3, completions: 3 }, ({ verb, resource }) => {
    if (verb === 'create' && resource === 'pods') throw new ApiError(403, 'Forbidden', 'exceeded quota');
  });
  const tries = (): number => bench.kit.client.requests.filter(({ verb, resource }) => verb === 'create' && resource === 'pods').length;
  expect(tries()).toBe(1);
  await bench.kit.run(7500);
  expect(tries()).toBe(4);
  expect(await bench.kit.events()).toEqual(['FailedCreate: Error creating: exceeded quota']);
});

test.each([1, 2, 3, 4, 5])('whatever fails meanwhile, nothing is lost or counted twice (seed %d)', async (seed) => {
  const random = seededRandom(seed);
  let faults = false;
  bench = await createJobBench(({ verb, resource }) => {
    if (!faults || resource === 'events' || random.next() > 0.3) return;
    throw random.next() < 0.5 ? new ApiError(500, 'InternalError', `broken ${verb}`) : new ApiError(429, 'TooManyRequests', 'slow down');
  });
  const untroubled = async <T>(work: () => Promise<T>): Promise<T> => {
    faults = false;
    const result = await work();
    faults = true;
    return result;
  };
  faults = true;
  bench.kit.client.seed(JOBS, job({ parallelism: 4, completions: 10, backoffLimit: 50 }));
  const ends = { succeeded: 0, failed: 0 };
  const done = (): Promise<boolean> => untroubled(async () => (await bench.status()).completionTime !== undefined);
  for (let step = 0; step < 200 && !(await done()); step++) {
    await bench.kit.run(30_000);
    if (random.next() < 0.1) bench.kit.client.cutWatches();
    const [pod] = await untroubled(bench.pending);
    if (pod === undefined) continue;
    const good = random.next() < 0.7;
    ends[good ? 'succeeded' : 'failed']++;
    faults = false;
    const ending = bench.end(pod, good ? 0 : 1);
    faults = true;
    await ending;
  }
  faults = false;
  await bench.kit.run(600_000);
  expect(await bench.status()).toMatchObject({ ...ends, succeeded: 10, uncountedTerminatedPods: {} });
  expect(await bench.pods()).toHaveLength(ends.succeeded + ends.failed);
});
