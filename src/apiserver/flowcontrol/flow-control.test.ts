import type { FlowSchema, PriorityLevelConfiguration } from '../../../openapi/types/flowcontrol.v1.js';
import { manualClock, type ManualClock } from '../../clock/manual-clock.js';
import type { Attributes } from '../authorization/authorizer.js';
import { MetricsRegistry } from '../metrics/registry.js';
import { FlowControl, type Admission } from './flow-control.js';
import { narrow, type Refusal, type Width } from './ticket.js';

const metadata = (name: string) => ({ name, uid: `uid of ${name}`, resourceVersion: '1', creationTimestamp: '' });

function level(name: string, limited: object): PriorityLevelConfiguration {
  return {
    kind: 'PriorityLevelConfiguration',
    apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
    metadata: metadata(name),
    spec: { type: 'Limited', limited: { borrowingLimitPercent: 0, lendablePercent: 0, ...limited } },
    status: {},
  } as PriorityLevelConfiguration;
}

function schema(name: string, ofLevel: string, user: string): FlowSchema {
  return {
    kind: 'FlowSchema',
    apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
    metadata: metadata(name),
    spec: {
      matchingPrecedence: 100,
      priorityLevelConfiguration: { name: ofLevel },
      distinguisherMethod: { type: 'ByUser' },
      rules: [{ subjects: [{ kind: 'User', user: { name: user } }], nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }] }],
    },
    status: {},
  };
}

const asks = (name: string, ...groups: string[]): Attributes => ({ user: { name, groups }, verb: 'get', path: '/version' });
const queue = (queues: number, queueLengthLimit: number) => ({ type: 'Queue', queuing: { queues, handSize: 1, queueLengthLimit } });

function control(clock: ManualClock, seats: number): FlowControl {
  return new FlowControl({ clock, metrics: new MetricsRegistry(), seats });
}

class Requests {
  readonly done: { user: string; refusal: Refusal | undefined }[] = [];
  readonly #running: Admission[] = [];

  constructor(private readonly flowControl: FlowControl) {}

  ask(user: string, width: Width = narrow, longest = 15_000): { cancel?: () => void } {
    const request = asks(user);
    const classified = this.flowControl.classify(request);
    const waiting: { cancel?: () => void } = {};
    const admission = this.flowControl.admit(classified, request, width, longest, (cancel) => (waiting.cancel = cancel));
    const settle = (settled: Admission): void => {
      this.done.push({ user, refusal: settled.refusal });
      if (settled.refusal === undefined) this.#running.push(settled);
    };
    if (admission instanceof Promise) void admission.then(settle);
    else settle(admission);
    return waiting;
  }

  finish(count = 1): void {
    for (const { ticket } of this.#running.splice(0, count)) this.flowControl.finish(ticket, false);
  }

  take(): readonly { user: string; refusal: Refusal | undefined }[] {
    return this.done.splice(0);
  }
}

/** One level with all the seats but those that catch-all has (a sixth of them). */
function setUp(limitResponse: object, seats = 6): { clock: ManualClock; flowControl: FlowControl; requests: Requests } {
  const clock = manualClock();
  const flowControl = control(clock, seats);
  flowControl.configure(
    [level('tenants', { nominalConcurrencyShares: 25, limitResponse })],
    [schema('anns', 'tenants', 'ann'), schema('bobs', 'tenants', 'bob')],
  );
  return { clock, flowControl, requests: new Requests(flowControl) };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('lets in at once, without a promise, while there are seats', () => {
  const { requests, flowControl } = setUp({ type: 'Reject' });
  for (let i = 0; i < 5; i++) requests.ask('ann');
  expect(requests.take()).toHaveLength(5);
  expect(flowControl.levels.find(({ name }) => name === 'tenants')!.seatsInUse).toBe(5);
});

it('refuses what has no seat when there are no queues', async () => {
  const { requests } = setUp({ type: 'Reject' });
  for (let i = 0; i < 6; i++) requests.ask('ann');
  await settled();
  expect(requests.take().map(({ refusal }) => refusal)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
    'concurrency-limit',
  ]);
  requests.finish();
  requests.ask('ann');
  expect(requests.take()).toEqual([{ user: 'ann', refusal: undefined }]);
});

it('lets requests wait, in their order, up to the length of a queue', async () => {
  const { requests } = setUp(queue(1, 3));
  for (let i = 0; i < 9; i++) requests.ask('ann');
  await settled();
  expect(requests.take().map(({ refusal }) => refusal)).toEqual([...Array<undefined>(5).fill(undefined), 'queue-full']);
  requests.finish(2);
  await settled();
  expect(requests.take()).toEqual([
    { user: 'ann', refusal: undefined },
    { user: 'ann', refusal: undefined },
  ]);
});

it('refuses who has waited too long, and forgets who has gone', async () => {
  const { clock, requests, flowControl } = setUp(queue(4, 50));
  for (let i = 0; i < 5; i++) requests.ask('ann');
  requests.take();
  requests.ask('ann', narrow, 1_000);
  const gone = requests.ask('ann');
  gone.cancel?.();
  await clock.advance(1_000);
  expect(requests.take().map(({ refusal }) => refusal)).toEqual(['cancelled', 'time-out']);
  const tenants = flowControl.levels.find(({ name }) => name === 'tenants')!;
  expect(tenants.waiting).toBe(0);
  requests.finish(5);
  expect({ seats: tenants.seatsInUse, active: tenants.activeQueues }).toEqual({ seats: 0, active: 0 });
});

it('serves flows in turn: a flood of one user does not hold up another', async () => {
  const { requests, clock } = setUp(queue(64, 500));
  for (let i = 0; i < 105; i++) requests.ask('ann');
  requests.ask('bob');
  requests.ask('bob');
  requests.take();
  const order: string[] = [];
  for (let i = 0; i < 5; i++) {
    await clock.advance(10);
    requests.finish(1);
    await settled();
    order.push(...requests.take().map(({ user }) => user));
  }
  expect(order).toHaveLength(5);
  expect(order.filter((user) => user === 'bob')).toHaveLength(2);
});

it('counts wide requests by their seats, and lets one that is too wide run alone', async () => {
  const { requests } = setUp(queue(8, 50));
  const wide = { ...narrow, initialSeats: 4, seats: 4 };
  requests.ask('ann', wide);
  requests.ask('bob', wide);
  await settled();
  expect(requests.take()).toHaveLength(1);
  requests.finish();
  await settled();
  expect(requests.take()).toHaveLength(1);
  requests.finish();
  requests.ask('ann', { ...narrow, initialSeats: 10, seats: 10 });
  expect(requests.take()).toHaveLength(1);
  requests.ask('bob');
  await settled();
  expect(requests.take()).toHaveLength(0);
  requests.finish();
  await settled();
  expect(requests.take()).toEqual([{ user: 'bob', refusal: undefined }]);
});

it('holds the seats of a write while its watchers are told', async () => {
  const { requests, clock, flowControl } = setUp({ type: 'Reject' });
  requests.ask('ann', { initialSeats: 1, seats: 3, finalSeats: 3, finalMilliseconds: 15 });
  requests.finish();
  const tenants = flowControl.levels.find(({ name }) => name === 'tenants')!;
  expect(tenants.seatsInUse).toBe(3);
  await clock.advance(15);
  expect(tenants.seatsInUse).toBe(0);
});

it('never holds up those who are exempt, and has the mandatory levels when nobody stored them', () => {
  const { flowControl } = setUp({ type: 'Reject' });
  const masters = asks('root', 'system:masters');
  const classified = flowControl.classify(masters);
  expect(classified.level.name).toBe('exempt');
  for (let i = 0; i < 1_000; i++) expect(flowControl.admit(classified, masters, narrow, 1, () => {})).not.toBeInstanceOf(Promise);
  expect(flowControl.classify(asks('nobody', 'system:unauthenticated')).level.name).toBe('catch-all');
});

it('passes over a schema whose level is not there', () => {
  const { flowControl } = setUp({ type: 'Reject' });
  flowControl.configure([], [schema('anns', 'tenants', 'ann')]);
  expect(flowControl.classify(asks('ann', 'system:authenticated')).schema.metadata.name).toBe('catch-all');
});

it('keeps who waits when the queues change', async () => {
  const { flowControl, requests } = setUp(queue(64, 50));
  for (let i = 0; i < 8; i++) requests.ask('ann');
  requests.take();
  const schemas = [schema('anns', 'tenants', 'ann'), schema('bobs', 'tenants', 'bob')];
  flowControl.configure([level('tenants', { nominalConcurrencyShares: 25, limitResponse: queue(2, 50) })], schemas);
  const tenants = flowControl.levels.find(({ name }) => name === 'tenants')!;
  expect(tenants.waiting).toBe(3);
  requests.finish(5);
  await settled();
  expect(requests.take()).toHaveLength(3);
  requests.finish(3);
  expect({ seats: tenants.seatsInUse, active: tenants.activeQueues, waiting: tenants.waiting }).toEqual({
    seats: 0,
    active: 0,
    waiting: 0,
  });
});

it('moves seats to where they are wanted', async () => {
  const clock = manualClock();
  const flowControl = control(clock, 100);
  const lending = { nominalConcurrencyShares: 50, lendablePercent: 90, borrowingLimitPercent: 100, limitResponse: queue(16, 500) };
  flowControl.configure([level('busy', lending), level('idle', lending)], [schema('anns', 'busy', 'ann')]);
  const adjusting = flowControl.start();
  const limitOf = (name: string): number => flowControl.levels.find((one) => one.name === name)!.limit;
  const before = limitOf('busy');
  const requests = new Requests(flowControl);
  for (let i = 0; i < 200; i++) requests.ask('ann', narrow, 60_000);
  await clock.advance(10_000);
  expect(limitOf('busy')).toBeGreaterThan(before);
  expect(limitOf('idle')).toBeLessThan(before);
  expect(limitOf('busy') + limitOf('idle') + limitOf('catch-all')).toBeLessThanOrEqual(103);
  adjusting.stop();
});
