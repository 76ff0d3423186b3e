// A container that keeps failing: it is started again after 10, 20, 40 seconds and so on, up to five minutes. Time is moved by hand.
import { resources, type Cluster, type manualClock } from '../../src/index.js';
import { advanceUntil, startByHand, stopByHand } from '../support/manual-time.js';
import { pod } from '../support/workloads.js';

const { EVENTS, PODS, SERVICE_ACCOUNTS } = resources;
const key = { namespace: 'default', name: 'crashes' };
let cluster: Cluster;
let clock: ReturnType<typeof manualClock>;

beforeAll(async () => {
  ({ cluster, clock } = await startByHand({ nodes: 1, freeze: true }));
  await advanceUntil(clock, 10_000, async () => (await cluster.client.list(SERVICE_ACCOUNTS, { namespace: 'default' })).items[0]);
});

afterAll(() => stopByHand(cluster, clock));

it('waits longer each time', async () => {
  await cluster.client.create(PODS, pod('default', 'crashes', { image: 'busybox', command: ['sh', '-c', 'exit 1'] }));
  const restarted = async (count: number): Promise<number> => {
    const { took } = await advanceUntil(
      clock,
      400_000,
      async () => (((await cluster.client.get(PODS, key)).status?.containerStatuses?.[0]?.restartCount ?? 0) >= count ? true : undefined),
      500,
    );
    return took / 1000;
  };
  // The first time at once.
  await restarted(1);
  for (const expected of [10, 20, 40, 80, 160, 300, 300]) {
    const { restartCount, state } = (await cluster.client.get(PODS, key)).status.containerStatuses![0]!;
    const took = await restarted(restartCount + 1);
    expect({ took, state }).toEqual({
      took: expect.any(Number),
      state: { waiting: expect.objectContaining({ reason: 'CrashLoopBackOff' }) },
    });
    expect(took).toBeGreaterThanOrEqual(expected - 2);
    expect(took).toBeLessThanOrEqual(expected + 12);
  }
  const { status } = await cluster.client.get(PODS, key);
  expect(status).toMatchObject({
    phase: 'Running',
    containerStatuses: [{ ready: false, restartCount: 8, lastState: { terminated: { exitCode: 1, reason: 'Error' } } }],
  });
  const backOff = (await cluster.client.list(EVENTS, { namespace: 'default', fieldSelector: 'reason=BackOff' })).items;
  expect(backOff[0]).toMatchObject({
    type: 'Warning',
    message: expect.stringContaining('Back-off restarting failed container main in pod crashes_default'),
  });
});
