import type { CronJobStatus, Job } from '../../../openapi/types/batch.v1.js';
import { ApiError } from '../../apimachinery/errors/api-error.js';
import { formatTime } from '../../clock/clock.js';
import { CRON_JOBS, JOBS } from '../../client/resources.js';
import type { MemoryReactor } from '../../client/testing/memory-client.js';
import { createKit, type Kit } from '../testing/kit.js';
import { createCronJobController } from './index.js';

let kit: Kit;
afterEach(async () => {
  await kit?.stop();
  expect(kit.clock.pending()).toBe(0);
});

const key = { namespace: 'default', name: 'tick' };
const minute = 60_000;
/** 2026-01-01T00:00:00Z, where the clock starts. */
const start = 29_453_760;

const cronJob = (spec: object = {}, more: object = {}): unknown => ({
  metadata: { ...key, uid: 'uid-tick', creationTimestamp: '2026-01-01T00:00:00Z' },
  spec: {
    schedule: '* * * * *',
    concurrencyPolicy: 'Allow',
    suspend: false,
    successfulJobsHistoryLimit: 3,
    failedJobsHistoryLimit: 1,
    jobTemplate: { metadata: { labels: { a: 'b' }, annotations: { c: 'd' } }, spec: { template: { spec: { containers: [] } } } },
    ...spec,
  },
  status: {},
  ...more,
});
async function begin(spec: object = {}, more: object = {}, reactor?: MemoryReactor): Promise<void> {
  kit = createKit(reactor);
  kit.client.seed(CRON_JOBS, cronJob(spec, more));
  await kit.start(createCronJobController);
}
const jobs = async (): Promise<readonly Job[]> => (await kit.client.list(JOBS)).items;
const names = async (): Promise<string[]> => (await jobs()).map(({ metadata }) => metadata.name);
const status = async (): Promise<CronJobStatus> => (await kit.client.get(CRON_JOBS, key)).status;
const named = (minutes: number): string => `tick-${start + minutes}`;

async function finish(name: string, type: 'Complete' | 'Failed' = 'Complete'): Promise<void> {
  const time = formatTime(kit.clock.now());
  const ended = { startTime: time, completionTime: time, conditions: [{ type, status: 'True', lastTransitionTime: time }] };
  await kit.client.patch(JOBS, { ...key, name }, 'merge', { status: ended }, { subresource: 'status' });
  await kit.run();
}

test('a job every minute, named after it', async () => {
  await begin({ timeZone: 'Europe/Berlin' });
  expect(await names()).toEqual([]);
  await kit.run(minute);
  const [job] = await jobs();
  expect(job!.metadata).toMatchObject({
    name: named(1),
    labels: { a: 'b' },
    annotations: { c: 'd', 'batch.kubernetes.io/cronjob-scheduled-timestamp': '2026-01-01T01:01:00+01:00' },
    ownerReferences: [
      { apiVersion: 'batch/v1', kind: 'CronJob', name: 'tick', uid: 'uid-tick', controller: true, blockOwnerDeletion: true },
    ],
  });
  const { uid, resourceVersion } = job!.metadata;
  expect(await status()).toEqual({
    active: [{ kind: 'Job', apiVersion: 'batch/v1', namespace: 'default', name: named(1), uid, resourceVersion }],
    lastScheduleTime: '2026-01-01T00:01:00Z',
  });
  await kit.run(minute);
  expect(await names()).toEqual([named(1), named(2)]);
  await finish(named(1));
  expect(await status()).toMatchObject({ active: [{ name: named(2) }], lastSuccessfulTime: '2026-01-01T00:02:00Z' });
  expect(await kit.events()).toEqual([
    `SuccessfulCreate: Created job ${named(1)}`,
    `SuccessfulCreate: Created job ${named(2)}`,
    `SawCompletedJob: Saw completed job: ${named(1)}, condition: Complete`,
  ]);
});

test('Forbid waits for the job before, and then makes up for the last time', async () => {
  await begin({ concurrencyPolicy: 'Forbid' });
  await kit.run(3 * minute);
  expect(await names()).toEqual([named(1)]);
  expect(await kit.events()).toContain(
    'JobAlreadyActive: Not starting job because prior execution is running and concurrency policy is Forbid',
  );
  await finish(named(1));
  expect(await names()).toEqual([named(1), named(3)]);
});

test('Replace takes the job before away', async () => {
  await begin({ concurrencyPolicy: 'Replace' });
  await kit.run(2 * minute);
  expect(await names()).toEqual([named(2)]);
  expect(await status()).toMatchObject({ active: [{ name: named(2) }] });
  expect(await kit.events()).toContain(`SuccessfulDelete: Deleted job ${named(1)}`);
});

test('keeps as many finished jobs as asked for', async () => {
  await begin({ successfulJobsHistoryLimit: 1, failedJobsHistoryLimit: 0 });
  await kit.run(minute);
  await finish(named(1));
  await kit.run(minute);
  await finish(named(2), 'Failed');
  await kit.run(minute);
  await finish(named(3));
  expect(await names()).toEqual([named(3)]);
});

test('starts nothing while suspended, and not what was missed by more than the deadline', async () => {
  await begin({ suspend: true, startingDeadlineSeconds: 20 });
  await kit.run(5 * minute + 30_000);
  await kit.client.patch(CRON_JOBS, key, 'merge', { spec: { suspend: false } });
  await kit.run();
  expect(await names()).toEqual([]);
  await kit.run(minute);
  expect(await names()).toEqual([named(6)]);
});

test('of many missed times the last is made up for, with a warning', async () => {
  await begin({}, { status: { lastScheduleTime: '2025-12-31T20:00:30Z' } });
  expect(await names()).toEqual([named(0)]);
  expect(await kit.events()).toEqual([
    'TooManyMissedTimes: too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew',
    `SuccessfulCreate: Created job ${named(0)}`,
  ]);
});

test('a schedule that never comes round is told of, and nothing spins', async () => {
  await begin({ schedule: '0 0 30 2 *' });
  const before = kit.client.requests.length;
  await kit.run(60 * minute);
  expect(kit.client.requests.slice(before)).toEqual([]);
  expect(await kit.events()).toEqual([
    'InvalidSchedule: invalid schedule: 0 0 30 2 * : time difference between two schedules is less than 1 second',
  ]);
});

test('a job made by hand is told of, and its success counts', async () => {
  await begin({ schedule: '0 0 1 1 *' });
  const ownerReferences = [{ apiVersion: 'batch/v1', kind: 'CronJob', name: 'tick', uid: 'uid-tick', controller: true }];
  kit.client.seed(JOBS, { metadata: { ...key, name: 'by-hand', ownerReferences }, spec: {}, status: {} });
  await kit.run();
  expect(await kit.events()).toEqual(['UnexpectedJob: Saw a job that the controller did not create or forgot: by-hand']);
  await finish('by-hand');
  expect(await status()).toEqual({ lastSuccessfulTime: '2026-01-01T00:00:00Z' });
});

test('a job that went missing is let go', async () => {
  await begin();
  await kit.run(minute);
  await kit.client.delete(JOBS, { ...key, name: named(1) });
  await kit.run();
  expect(await status()).toEqual({ lastScheduleTime: '2026-01-01T00:01:00Z' });
  expect(await kit.events()).toContain(`MissingJob: Active job went missing: ${named(1)}`);
});

test('a job whose creation was not written down is taken up, not made again', async () => {
  let broken = true;
  await begin({}, {}, ({ verb, resource }) => {
    if (broken && verb === 'update' && resource === 'cronjobs') throw new ApiError(500, 'InternalError', 'broken');
  });
  await kit.run(minute);
  expect(await status()).toEqual({});
  broken = false;
  await kit.run(30_000);
  expect(await names()).toEqual([named(1)]);
  expect(await status()).toMatchObject({ active: [{ name: named(1) }], lastScheduleTime: '2026-01-01T00:01:00Z' });
});

test("another's job of the name is waited for", async () => {
  await begin();
  kit.client.seed(JOBS, { metadata: { ...key, name: named(1) }, spec: {}, status: {} });
  await kit.run(minute);
  expect(await status()).toEqual({});
  await kit.client.delete(JOBS, { ...key, name: named(1) });
  await kit.run(30_000);
  expect(await status()).toMatchObject({ active: [{ name: named(1) }] });
});

test('what is refused is told of', async () => {
  await begin({}, {}, ({ verb, resource }) => {
    if (verb === 'create' && resource === 'jobs') throw new ApiError(403, 'Forbidden', 'no more jobs');
  });
  await kit.run(minute);
  expect(await kit.events()).toEqual(['FailedCreate: Error creating job: no more jobs']);
});
