import { JOBS } from '../../client/resources.js';
import { completionIndex } from './job-pods.js';
import { createJobBench, indexed, job, jobLabels, type JobBench } from '../testing/job-bench.js';

let bench: JobBench;
afterEach(async () => {
  await bench?.kit.stop();
  expect(bench.kit.clock.pending()).toBe(0);
});

async function start(spec: Readonly<Record<string, unknown>> = {}): Promise<void> {
  bench = await createJobBench();
  bench.kit.client.seed(JOBS, job(spec));
  await bench.kit.run();
}

test('pods of an indexed job know their index', async () => {
  await start(indexed({ completions: 5 }));
  const pod = await bench.byIndex(1);
  expect(pod.metadata).toMatchObject({ generateName: 'work-1-', labels: { ...jobLabels, [completionIndex]: '1' } });
  expect(pod.spec).toMatchObject({
    hostname: 'work-1',
    containers: [
      { env: [{ name: 'JOB_COMPLETION_INDEX', valueFrom: { fieldRef: { fieldPath: `metadata.labels['${completionIndex}']` } } }] },
    ],
  });
  await bench.end(await bench.byIndex(2), 0);
  await bench.end(await bench.byIndex(0), 0);
  expect(await bench.status()).toMatchObject({ active: 3, succeeded: 2, completedIndexes: '0,2' });
  expect((await bench.pending()).map(({ metadata }) => metadata.annotations![completionIndex]).sort()).toEqual(['1', '3', '4']);
});

test('an index fails after its own limit, and the job when the others are done', async () => {
  await start(indexed({ backoffLimitPerIndex: 1, backoffLimit: 2 ** 31 - 1 }));
  await bench.end(await bench.byIndex(0), 1);
  expect(await bench.status()).toMatchObject({ active: 2, failedIndexes: '' });
  await bench.kit.run(10_100);
  expect((await bench.byIndex(0)).metadata.annotations).toMatchObject({ 'batch.kubernetes.io/job-index-failure-count': '1' });
  await bench.end(await bench.byIndex(0), 1);
  expect(await bench.status()).toMatchObject({ active: 2, failed: 2, failedIndexes: '0' });
  await bench.end(await bench.byIndex(1), 0);
  await bench.end(await bench.byIndex(2), 0);
  expect(await bench.status()).toMatchObject({ failed: 2, succeeded: 2, completedIndexes: '1,2', failedIndexes: '0' });
  expect(await bench.conditions()).toEqual([
    ['FailureTarget', 'True', 'FailedIndexes'],
    ['Failed', 'True', 'FailedIndexes'],
  ]);
});

test('too many failed indexes end the job', async () => {
  await start(indexed({ backoffLimitPerIndex: 0, maxFailedIndexes: 1, backoffLimit: 2 ** 31 - 1 }));
  await bench.end(await bench.byIndex(0), 1);
  await bench.end(await bench.byIndex(2), 1);
  await bench.kit.run(1000);
  expect(await bench.status()).toMatchObject({ failed: 3, failedIndexes: '0,2', terminating: 0 });
  expect((await bench.conditions()) as unknown[]).toContainEqual(['Failed', 'True', 'MaxFailedIndexesExceeded']);
});

test('an elastic job loses the indexes above its completions, and gets them back', async () => {
  await start(indexed({}));
  await bench.end(await bench.byIndex(2), 0);
  await bench.change({ completions: 2, parallelism: 2 });
  await bench.kit.run();
  expect(await bench.status()).toEqual(expect.not.objectContaining({ completedIndexes: expect.anything() }));
  expect(await bench.status()).toMatchObject({ active: 2 });
  await bench.change({ completions: 4, parallelism: 4 });
  await bench.kit.run();
  expect(await bench.status()).toMatchObject({ active: 4 });
});

describe('a pod failure policy', () => {
  const rules = [
    { action: 'FailJob', onExitCodes: { containerName: 'c', operator: 'In', values: [42] } },
    { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
    { action: 'Count', onExitCodes: { operator: 'NotIn', values: [1] } },
  ];
  const policy = { podFailurePolicy: { rules }, podReplacementPolicy: 'Failed' };

  test('ends the job', async () => {
    await start({ ...policy, parallelism: 2, completions: 2 });
    const [first, second] = await bench.pods();
    await bench.end(first!, 42);
    await bench.kit.run(1000);
    const message = `Container c for pod default/${first!.metadata.name} failed with exit code 42 matching FailJob rule at index 0`;
    expect((await bench.status()).conditions).toMatchObject([
      { reason: 'PodFailurePolicy', message },
      { type: 'Failed', message },
    ]);
    expect(await bench.status()).toMatchObject({ failed: 2 });
    expect(await bench.kit.events()).toEqual(
      expect.arrayContaining([`SuccessfulDelete: Deleted pod: ${second!.metadata.name}`, `PodFailurePolicy: ${message}`]),
    );
  });

  test('leaves failures out of the count', async () => {
    await start({ ...policy, backoffLimit: 0 });
    await bench.end((await bench.pending())[0]!, 143, { conditions: [{ type: 'DisruptionTarget', status: 'True' }] });
    await bench.kit.run(10_500);
    expect(await bench.status()).toEqual(expect.not.objectContaining({ failed: expect.anything() }));
    expect(await bench.pending()).toHaveLength(1);
  });

  test('gives up one index', async () => {
    const failIndex = { rules: [{ action: 'FailIndex', onExitCodes: { operator: 'In', values: [7] } }] };
    await start(indexed({ podFailurePolicy: failIndex, backoffLimitPerIndex: 5, backoffLimit: 2 ** 31 - 1 }));
    await bench.end(await bench.byIndex(1), 7);
    expect(await bench.status()).toMatchObject({ failed: 1, failedIndexes: '1', active: 2 });
  });

  test('an ignored failure of an index makes it wait, without counting', async () => {
    const ignore = { rules: [{ action: 'Ignore', onExitCodes: { operator: 'In', values: [9] } }] };
    await start(indexed({ podFailurePolicy: ignore, backoffLimitPerIndex: 0, backoffLimit: 2 ** 31 - 1 }));
    await bench.end(await bench.byIndex(1), 9);
    await bench.kit.run(10_100);
    expect((await bench.byIndex(1)).metadata.annotations).toMatchObject({
      'batch.kubernetes.io/job-index-failure-count': '0',
      'batch.kubernetes.io/job-index-ignored-failure-count': '1',
    });
    expect(await bench.status()).toMatchObject({ failedIndexes: '', active: 3 });
  });
});

test('a success policy ends the job, and the rest counts neither way', async () => {
  await start(indexed({ successPolicy: { rules: [{ succeededIndexes: '0-1', succeededCount: 1 }, { succeededIndexes: '2' }] } }));
  await bench.end(await bench.byIndex(2), 0);
  await bench.kit.run(1000);
  expect(await bench.status()).toMatchObject({ succeeded: 1, completedIndexes: '2', terminating: 0 });
  expect(await bench.status()).toEqual(expect.not.objectContaining({ failed: expect.anything() }));
  expect((await bench.status()).conditions).toMatchObject([
    { type: 'SuccessCriteriaMet', reason: 'SuccessPolicy', message: 'Matched rules at index 1' },
    { type: 'Complete', reason: 'SuccessPolicy' },
  ]);
  expect(await bench.pods()).toHaveLength(1);
});
