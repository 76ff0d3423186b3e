// Extenders behind a real HTTP server. Requests, answers and sentences are as a real kube-scheduler v1.36.3 sends and writes them.
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { setUpScheduler, type SchedulerSetUp } from '../testing/world.js';

type Answer = (body: Readonly<Record<string, unknown>>, name: string) => unknown;

const server = { requests: [] as { path: string; body: Record<string, unknown> }[], verbs: {} as Record<string, Answer> };
let http: Server;
let url: string;

beforeAll(async () => {
  http = createServer((request: IncomingMessage, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
      server.requests.push({ path: request.url!, body });
      const answer = server.verbs[request.url!.split('/').pop()!]?.(body, nameOf(body));
      response.statusCode = answer === undefined ? 500 : 200;
      if (answer !== 'never') response.end(JSON.stringify(answer ?? 'no'));
    });
  });
  await new Promise<void>((done) => http.listen(0, '127.0.0.1', done));
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/a`;
});
afterAll(() => {
  http.closeAllConnections();
  http.close();
});
beforeEach(() => {
  server.requests.length = 0;
  server.verbs = { filter: ({ NodeNames, Nodes }) => ({ NodeNames, Nodes }) };
});

const nameOf = (body: Readonly<Record<string, unknown>>): string =>
  (body['Pod'] as { metadata: { name: string } } | undefined)?.metadata.name ?? (body['PodName'] as string);
const wants = { limits: { 'example.com/foo': '1' }, requests: { 'example.com/foo': '1' } };
const wanting = (more: object = {}) => ({ spec: { containers: [{ name: 'c', image: 'x', resources: wants, ...more }] } });

async function cluster(extender: object, more: SchedulerSetUp = {}) {
  const managedResources = [{ name: 'example.com/foo', ignoredByScheduler: true }];
  const set = setUpScheduler({
    ...more,
    configuration: { extenders: [{ urlPrefix: `${url}/`, filterVerb: 'filter', nodeCacheCapable: true, managedResources, ...extender }] },
  });
  for (const name of ['n0', 'n1', 'n2']) set.node(name);
  await set.start();
  /** Lets requests come and go until this holds. */
  const until = async (holds: () => Promise<boolean>): Promise<void> => {
    while (!(await holds())) {
      await set.settle();
      await setImmediate();
    }
  };
  return {
    ...set,
    until,
    message: async (name: string): Promise<string> => {
      await until(async () => (await set.condition(name))?.message !== undefined);
      return (await set.condition(name))!.message!;
    },
  };
}

test('filters by name, scores, and is asked only about pods that want its resource', async () => {
  server.verbs = {
    filter: () => ({ NodeNames: ['n1', 'n2'], FailedNodes: { n0: 'too hot' } }),
    prioritize: () => [
      { Host: 'n1', Score: 0 },
      { Host: 'n2', Score: 10 },
    ],
  };
  const { pod, until, nodeOf, stop } = await cluster({ prioritizeVerb: 'prioritize', weight: 5 });
  pod('plain');
  pod('foo', wanting());
  await until(async () => (await nodeOf('foo')) !== undefined && (await nodeOf('plain')) !== undefined);
  expect(await nodeOf('foo')).toBe('n2');
  expect(server.requests.map(({ path, body }) => [path, nameOf(body), body['NodeNames'], body['Nodes']])).toEqual([
    ['/a/filter', 'foo', expect.arrayContaining(['n0', 'n1', 'n2']), null],
    ['/a/prioritize', 'foo', ['n1', 'n2'], null],
  ]);
  await stop();
});

test('one that does not know the nodes gets them whole', async () => {
  server.verbs = { filter: ({ Nodes }) => ({ Nodes: { items: (Nodes as { items: unknown[] }).items.slice(1, 2) } }) };
  const { pod, until, nodeOf, stop } = await cluster({ nodeCacheCapable: false });
  pod('foo', wanting());
  await until(async () => (await nodeOf('foo')) !== undefined);
  const { Nodes, NodeNames } = server.requests[0]!.body;
  expect([NodeNames, (Nodes as { items: { metadata: { name: string } }[] }).items.length]).toEqual([null, 3]);
  expect(await nodeOf('foo')).toBe((Nodes as { items: { metadata: { name: string } }[] }).items[1]!.metadata.name);
  await stop();
});

test('the sentences of those that find no node, and of extenders that fail', async () => {
  const all = ['n0', 'n1', 'n2'];
  server.verbs = {
    filter: (_body, name) => {
      if (name === 'none')
        return { NodeNames: [], FailedNodes: Object.fromEntries(all.map((one) => [one, one === 'n0' ? 'too hot' : 'too cold'])) };
      if (name === 'unres')
        return { NodeNames: [], FailedNodes: { n0: 'too hot' }, FailedAndUnresolvableNodes: { n1: 'never', n2: 'never' } };
      if (name === 'err') return { Error: 'extender is tired' };
      if (name === 'odd') return { NodeNames: ['elsewhere'] };
      return undefined;
    },
  };
  const { pod, message, stop } = await cluster({});
  for (const name of ['none', 'unres', 'err', 'http', 'odd']) pod(name, wanting());
  const head = '0/3 nodes are available:';
  const tail = 'no new claims to deallocate, preemption: 0/3 nodes are available:';
  expect(await message('none')).toBe(`${head} 1 too hot, 2 too cold. ${tail} 3 No preemption victims found for incoming pod.`);
  expect(await message('unres')).toBe(
    `${head} 1 too hot, 2 never. ${tail} 1 No preemption victims found for incoming pod, 2 Preemption is not helpful for scheduling.`,
  );
  expect(await message('err')).toBe('extender is tired');
  expect(await message('http')).toBe(`failed filter with extender at URL ${url}/filter, code 500`);
  expect(await message('odd')).toContain('"elsewhere" which is not found in the input node list');
  await stop();
});

test('one that may be ignored is left out when it fails or does not answer in time', async () => {
  server.verbs = { filter: (_body, name) => (name === 'slow' ? 'never' : undefined) };
  const { pod, until, nodeOf, stop, clock } = await cluster({ ignorable: true, httpTimeout: '2s' });
  pod('foo', wanting());
  await until(async () => (await nodeOf('foo')) !== undefined);
  pod('slow', wanting());
  await until(async () => server.requests.length === 2);
  await clock.advance(2000);
  await until(async () => (await nodeOf('slow')) !== undefined);
  await stop();
});

test('binds in the place of the scheduler, and says why when it does not', async () => {
  server.verbs['bind'] = (_body, name) => ({ Error: name === 'no' ? 'no bind today' : '' });
  const { pod, until, message, events, stop, client } = await cluster({ bindVerb: 'bind' });
  pod('yes', wanting());
  await until(async () => (await events('yes')).length > 0);
  expect(await events('yes')).toMatchObject([{ reason: 'Scheduled' }]);
  const { body } = server.requests.find(({ path }) => path === '/a/bind')!;
  expect(body).toEqual({ PodName: 'yes', PodNamespace: 't', PodUID: 'uid-t-yes', Node: expect.stringMatching(/^n\d$/) });
  expect(client.requests.filter(({ subresource }) => subresource === 'binding')).toEqual([]);
  pod('no', wanting());
  expect(await message('no')).toBe('no bind today');
  await stop();
});

test('takes part in preemption: of the candidates it leaves, one gives way', async () => {
  server.verbs['preempt'] = ({ NodeNameToMetaVictims: all }) => ({
    NodeNameToMetaVictims: { n1: (all as Record<string, unknown>)['n1'] },
  });
  const { pod, until, get, stop } = await cluster({ preemptVerb: 'preempt' });
  const ports = [{ containerPort: 80, hostPort: 7777 }];
  for (const node of ['n0', 'n1', 'n2']) pod(`low-${node}`, { spec: { nodeName: node, containers: [{ name: 'c', image: 'x', ports }] } });
  const high = wanting({ ports });
  pod('high', { spec: { ...high.spec, priority: 1000 } });
  await until(async () => (await get('high')).status?.nominatedNodeName !== undefined);
  expect((await get('high')).status.nominatedNodeName).toBe('n1');
  const asked = server.requests.find(({ path }) => path === '/a/preempt')!.body;
  expect(asked).toMatchObject({
    NodeNameToVictims: null,
    NodeNameToMetaVictims: { n0: { Pods: [{ UID: 'uid-t-low-n0' }], NumPDBViolations: 0 }, n1: {}, n2: {} },
  });
  await until(async () => (await get('low-n1')).metadata.deletionTimestamp !== undefined);
  expect((await get('low-n0')).metadata.deletionTimestamp).toBeUndefined();
  await stop();
});

test('an event that comes while it thinks is not lost', async () => {
  let asked = 0;
  // No answer is late by the clock, which is moved on while they are on their way.
  const { pod, node, until, nodeOf, message, clock, stop } = await cluster({ httpTimeout: '1h' });
  server.verbs['filter'] = ({ NodeNames: names }) => {
    if (asked++ === 0) node('n9');
    if ((names as string[]).includes('n9')) return { NodeNames: ['n9'] };
    return { NodeNames: [], FailedNodes: { n0: 'full', n1: 'full', n2: 'full' } };
  };
  pod('foo', wanting());
  expect(await message('foo')).toContain('3 full');
  // By its back-off, not because it had waited for its longest time.
  await clock.advance(10_000);
  await until(async () => (await nodeOf('foo')) === 'n9');
  await stop();
});
