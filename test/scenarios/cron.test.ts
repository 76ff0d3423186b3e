// A cron job over some hours, with a summer time that begins meanwhile; and what its policies do with jobs that take too long.
import { manualClock, resources, startCluster, type Cluster, type Draft } from '../../src/index.js';
import { advanceUntil, stopByHand } from '../support/manual-time.js';

const { CRON_JOBS, EVENTS, JOBS, SERVICE_ACCOUNTS } = resources;
const namespace = 'default';
type CronJob = NonNullable<(typeof CRON_JOBS)['object']>;
let cluster: Cluster;
/** An hour and a half before summer time begins in Berlin. */
const clock = manualClock(Date.parse('2026-03-28T23:30:00Z'));

beforeAll(async () => {
  let started = false;
  const starting = startCluster({ nodes: 1, freeze: true, clock }).finally(() => (started = true));
  starting.catch(() => undefined);
  while (!started) await clock.advance(10);
  cluster = await starting;
  await advanceUntil(clock, 10_000, async () => (await cluster.client.list(SERVICE_ACCOUNTS, { namespace })).items[0]);
});

afterAll(() => stopByHand(cluster, clock));

async function create(name: string, script: string, spec: object): Promise<void> {
  const container = { name: 'main', image: 'busybox', command: ['sh', '-c', script] };
  const jobTemplate = {
    spec: { template: { spec: { restartPolicy: 'Never', terminationGracePeriodSeconds: 0, containers: [container] } } },
  };
  await cluster.client.create(CRON_JOBS, { metadata: { name, namespace }, spec: { jobTemplate, ...spec } } as Draft<CronJob>);
}
const jobsOf = async (name: string) => {
  const { items } = await cluster.client.list(JOBS, { namespace });
  return items.filter(({ metadata }) => metadata.ownerReferences?.[0]?.name === name);
};
const reasons = async (name: string): Promise<(string | undefined)[]> => {
  const { items } = await cluster.client.list(EVENTS, { namespace, fieldSelector: `involvedObject.name=${name}` });
  return items.map(({ reason }) => reason);
};
/** In steps, as the nodes' leases have to be kept. */
async function advance(minutes: number): Promise<void> {
  for (let i = 0; i < minutes; i++) for (let s = 0; s < 12; s++) await clock.advance(5000);
}

it('keeps to the clocks on the wall, and keeps few of its jobs', async () => {
  await create('half-past', 'echo tick', { schedule: '30 * * * *', timeZone: 'Europe/Berlin', successfulJobsHistoryLimit: 2 });
  await create('slow', 'sleep 100000', { schedule: '*/20 * * * *', concurrencyPolicy: 'Forbid' });
  await create('newest', 'sleep 100000', { schedule: '*/20 * * * *', concurrencyPolicy: 'Replace' });
  await create('skipped', 'true', { schedule: '30 2 * * *', timeZone: 'Europe/Berlin' });
  await advance(125);

  const stamps = (await jobsOf('half-past')).map(
    ({ metadata }) => metadata.annotations?.['batch.kubernetes.io/cronjob-scheduled-timestamp'],
  );
  // 00:30 was the first and has been cleared away; half past two does not come.
  expect(stamps.sort()).toEqual(['2026-03-29T01:30:00+01:00', '2026-03-29T03:30:00+02:00']);
  const { status } = await cluster.client.get(CRON_JOBS, { namespace, name: 'half-past' });
  expect(status).toMatchObject({
    lastScheduleTime: '2026-03-29T01:30:00Z',
    lastSuccessfulTime: expect.stringContaining('2026-03-29T01:30'),
  });
  expect(status.active).toBeUndefined();
  expect(await jobsOf('skipped')).toEqual([]);

  expect((await jobsOf('slow')).map(({ metadata }) => metadata.name)).toEqual([`slow-${Date.parse('2026-03-28T23:40:00Z') / 60_000}`]);
  expect(await reasons('slow')).toContain('JobAlreadyActive');
  expect((await jobsOf('newest')).map(({ metadata }) => metadata.name)).toEqual([`newest-${Date.parse('2026-03-29T01:20:00Z') / 60_000}`]);
  expect(await reasons('newest')).toContain('SuccessfulDelete');
});

it('a job made from it by hand runs beside its own', async () => {
  const cronJob = await cluster.client.get(CRON_JOBS, { namespace, name: 'half-past' });
  const { name, uid } = cronJob.metadata;
  const ownerReferences = [{ apiVersion: 'batch/v1', kind: 'CronJob', name, uid, controller: true }];
  const annotations = { 'cronjob.kubernetes.io/instantiate': 'manual' };
  await cluster.client.create(JOBS, {
    metadata: { name: 'by-hand', namespace, annotations, ownerReferences },
    spec: cronJob.spec.jobTemplate.spec,
  });
  await advanceUntil(clock, 30_000, async () => {
    const { status } = await cluster.client.get(JOBS, { namespace, name: 'by-hand' });
    return status.conditions?.some(({ type }) => type === 'Complete') === true ? true : undefined;
  });
  expect(await reasons('half-past')).toContain('UnexpectedJob');
});
