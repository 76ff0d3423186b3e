import { ApiError } from '../../apimachinery/errors/api-error.js';
import { manualClock } from '../../clock/manual-clock.js';
import { seededRandom } from '../../clock/random.js';
import { createFaultyClient } from '../faults/faults.js';
import { LEASES } from '../resources.js';
import { createMemoryClient } from '../testing/memory-client.js';
import { createLeaderElection } from './leader-election.js';

function setUp() {
  const clock = manualClock();
  const memory = createMemoryClient({ clock });
  const log: string[] = [];
  const candidate = (identity: string, seed: number) => {
    const random = seededRandom(seed);
    const client = createFaultyClient({ client: memory, clock, random });
    const election = createLeaderElection({
      client,
      clock,
      random,
      namespace: 'kube-system',
      name: 'test',
      identity,
      onStartedLeading: () => void log.push(`${identity} starts`),
      onStoppedLeading: () => void log.push(`${identity} stops`),
      onNewLeader: (leader) => void log.push(`${identity} sees ${leader}`),
    });
    return { election, client };
  };
  const lease = async () => (await memory.get(LEASES, { namespace: 'kube-system', name: 'test' })).spec;
  return { clock, log, candidate, lease };
}

test('one leads and renews every two seconds, the other waits', async () => {
  const { clock, log, candidate, lease } = setUp();
  const a = candidate('a', 1);
  const b = candidate('b', 2);
  a.election.start();
  await clock.advance(0);
  b.election.start();
  await clock.advance(60_000);
  expect(log).toEqual(['a sees a', 'a starts', 'b sees a']);
  expect([a.election.isLeader(), b.election.isLeader()]).toEqual([true, false]);
  expect(await lease()).toMatchObject({
    holderIdentity: 'a',
    leaseDurationSeconds: 15,
    leaseTransitions: 0,
    acquireTime: '2026-01-01T00:00:00.000000Z',
    renewTime: '2026-01-01T00:01:00.000000Z',
  });
  await b.election.stop();
  await a.election.stop();
  expect(await lease()).toMatchObject({ holderIdentity: '' });
  expect(clock.pending()).toBe(0);
});

test('a leader that gives up is followed at the next try', async () => {
  const { clock, log, candidate, lease } = setUp();
  const a = candidate('a', 1);
  const b = candidate('b', 2);
  a.election.start();
  await clock.advance(0);
  b.election.start();
  await clock.advance(5000);
  await a.election.stop();
  await clock.advance(2400);
  expect(log.slice(-3)).toEqual(['a stops', 'b sees b', 'b starts']);
  expect(await lease()).toMatchObject({ holderIdentity: 'b', leaseTransitions: 1 });
  await b.election.stop();
});

test('a leader that cannot renew stops after ten seconds, and is followed after fifteen', async () => {
  const { clock, log, candidate } = setUp();
  const a = candidate('a', 1);
  const b = candidate('b', 2);
  a.election.start();
  await clock.advance(0);
  b.election.start();
  await clock.advance(10_000);
  a.client.addRule({ error: new ApiError(503, 'ServiceUnavailable', 'cut off') });
  await clock.advance(9_000);
  expect(a.election.isLeader()).toBe(true);
  await clock.advance(3_000);
  expect(a.election.isLeader()).toBe(false);
  expect(b.election.isLeader()).toBe(false);
  await clock.advance(8_000);
  expect(b.election.isLeader()).toBe(true);
  expect(log.indexOf('a stops')).toBeLessThan(log.indexOf('b starts'));
  await a.election.stop();
  await b.election.stop();
  expect(clock.pending()).toBe(0);
});
