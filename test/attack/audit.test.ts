// The audit log under attack: what clients write into it, files that cannot be written, receivers that do not receive. What an event must say was asked
// from a real kube-apiserver v1.36.3, which logs the same of each request below, bodies of secrets and tokens included.
//
// - Lines of their own in the log: by names, agents, addresses, paths and keys with line breaks and quotes in them, in both formats
// - Requests that are cut, time out, hang, go on, are redirected to other servers, or fail inside: each has its last event
// - Files that are full, gone, in the way, set aside by many; a line that was torn by a full disk spoils no other
// - Receivers that hang, answer with garbage, with much, with errors; more events, and larger ones, than there is room for; a stop meanwhile
// - Policies that are huge, contain themselves, are of another version: here and src/apiserver/audit/policy.test.ts
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createWebhookBackend } from '../../src/apiserver/audit/webhook-backend.js';
import { AuditMetrics } from '../../src/apiserver/audit/metrics.js';
import { AuditRecord, type AuditEvent } from '../../src/apiserver/audit/event.js';
import { BatchQueue } from '../../src/apiserver/audit/batch-queue.js';
import { legacyLine } from '../../src/apiserver/audit/legacy-line.js';
import { LogFile } from '../../src/apiserver/audit/log-file.js';
import { MetricsRegistry } from '../../src/apiserver/metrics/registry.js';
import { manualClock } from '../../src/clock/manual-clock.js';
import { realClock } from '../../src/clock/real-clock.js';
import { silentLogger } from '../../src/client/logger.js';
import { startCluster } from '../../src/index.js';
import { eventually, Victim } from './attacker.js';

const folder = mkdtempSync(join(tmpdir(), 'kubedouble-audit-'));
const log = join(folder, 'audit.log');
const victim = new Victim();
const maps = '/api/v1/namespaces/attack/configmaps';

beforeAll(async () => {
  writeFileSync(join(folder, 'policy.yaml'), 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: RequestResponse}]\n');
  await victim.start({ nodes: 0, components: ['apiserver'], auditPolicyFile: join(folder, 'policy.yaml'), auditLogPath: log });
}, 60_000);

afterAll(async () => {
  await victim.stop();
  rmSync(folder, { recursive: true });
});

afterEach(() => expect(victim.bugs).toEqual([]));

/** Every line is an event; those of requests with this id. */
function events(auditId: string): readonly AuditEvent[] {
  const lines = readFileSync(log, 'utf8').split('\n');
  expect(lines.pop()).toBe('');
  return lines.map((line) => JSON.parse(line) as AuditEvent).filter(({ auditID }) => auditID === auditId);
}

const last = async (auditId: string): Promise<AuditEvent> => {
  let event: AuditEvent | undefined;
  await eventually(`${auditId} is over`, () => {
    event = events(auditId).at(-1);
    return event?.stage === 'ResponseComplete' || event?.stage === 'Panic';
  });
  return event!;
};

test.each([
  ['user agents', { 'User-Agent': 'a\tb"\\\u0080 {"level":"None"}' }],
  ['addresses', { 'X-Forwarded-For': '1.2.3.4, evil"\\, ::1%eth0, 5.6.7.8:90', 'X-Real-Ip': '"' }],
  ['users', { 'Impersonate-User': 'a"\\b\t{"level":"None"}', 'Impersonate-Group': 'g, h', 'Impersonate-Extra-A%0aB': '%0a"' }],
])('no line of their own by %s', async (what, headers) => {
  const id = `id of ${what} "\\ {`;
  await victim.ask('GET', `${maps}/no%0a%22%5c%00ne?x=%0a"`, { headers: { ...headers, 'Audit-Id': id } });
  const event = await last(id);
  expect(event.level).toBe('RequestResponse');
  expect(event.objectRef?.name).toBe('no\n"\\\0ne');
  expect(event.sourceIPs).toEqual(what === 'addresses' ? ['1.2.3.4', '127.0.0.1'] : ['127.0.0.1']);
  if (what === 'users') expect(event.impersonatedUser).toMatchObject({ username: 'a"\\b\t{"level":"None"}', groups: ['g, h', 'system:authenticated'], extra: { 'a\nb': ['%0a"'] } }); // prettier-ignore
  const line = legacyLine({ ...event, user: { username: 'x\n2026 AUDIT: id="forged"', groups: ['a","b', 'c\n'] } });
  expect(line.split('\n')).toHaveLength(1);
});

test('keys and values of objects make no line, and change no event', async () => {
  const body = '{"metadata":{"name":"keys","annotations":{"a/b":"x\\n{}\\u2028"}},"data":{"__proto__":"p","constructor":"\\u0000"}}';
  expect((await victim.ask('POST', maps, { body, headers: { 'Audit-Id': 'keys' } })).status).toBe(201);
  const { requestObject, responseStatus } = await last('keys');
  expect(requestObject).toMatchObject({ metadata: { annotations: { 'a/b': 'x\n{}\u2028' } } });
  expect(Object.keys((requestObject as { data: object }).data)).toEqual(['__proto__', 'constructor']);
  expect(responseStatus).toEqual({ metadata: {}, code: 201 });
});

test('a request that is cut in the middle has its last event, and so has one that is refused for its size', async () => {
  const socket = await victim.connect();
  socket.write(`POST ${maps} HTTP/1.1\r\nHost: x\r\nAudit-Id: cut\r\nContent-Length: 1000\r\n\r\n{"metadata"`);
  await eventually('it has begun', () => events('cut').length > 0);
  socket.destroy();
  expect(await last('cut')).toMatchObject({ responseStatus: { code: 500, status: 'Failure' } });
  expect((await victim.ask('POST', maps, { body: `{"a":"${'x'.repeat(3_200_000)}"}`, headers: { 'Audit-Id': 'large' } })).status).toBe(413);
  expect((await last('large')).responseStatus).toMatchObject({ code: 413 });
});

test('a watch has an event when it begins and one when its client is gone', async () => {
  const socket = await victim.connect();
  socket.write(`GET ${maps}?watch=1 HTTP/1.1\r\nHost: x\r\nAudit-Id: watch\r\n\r\n`);
  await eventually('it has begun', () => events('watch').some(({ stage }) => stage === 'ResponseStarted'));
  expect(events('watch').map(({ stage }) => stage)).toEqual(['RequestReceived', 'ResponseStarted']);
  socket.destroy();
  expect((await last('watch')).responseStatus).toEqual({ metadata: {}, code: 200 });
});

test('whoever may not, or is nobody, is in the log as who they are; tokens that are wrong are not', async () => {
  await victim.ask('GET', maps, { certificate: false, headers: { 'Audit-Id': 'nobody' } });
  expect(await last('nobody')).toMatchObject({ user: { username: 'system:anonymous' }, responseStatus: { code: 403 } });
  await victim.ask('GET', `${maps}?access_token=x`, {
    certificate: false,
    headers: { 'Audit-Id': 'token', Authorization: 'Bearer hunter2' },
  });
  await eventually('the refusal is told', () => events('token').length > 0);
  expect(events('token')).toMatchObject([{ stage: 'ResponseStarted', user: {}, responseStatus: { code: 401 } }]);
  expect(readFileSync(log, 'utf8')).not.toContain('hunter2');
});

test('a full disk loses events and nothing else, and with strictness no request goes on without its event', async () => {
  const policy = { rules: [{ level: 'Metadata' as const }] };
  const options = { nodes: 0, components: ['apiserver' as const], auditPolicy: policy, auditLogPath: '/dev/full', logger: silentLogger };
  const cluster = await startCluster(options);
  const list = { group: '', version: 'v1', resource: 'configmaps', kind: 'ConfigMap', namespaced: true };
  expect((await cluster.client.list(list)).items.length).toBeGreaterThanOrEqual(0);
  await cluster.stop();

  const strict = new Victim();
  await strict.start({ ...options, auditLogMode: 'blocking-strict' });
  const { status, text } = await strict.ask('GET', maps);
  expect({ status, text }).toMatchObject({ status: 500, text: expect.stringContaining('failed to store audit event') });
  await strict.stop();
}, 60_000);

const limits = { maxAge: 0, maxBackup: 1, maxSize: 20 } as const;

test('a line that a full disk tore spoils no other; what is in the way of the rotation is left there', async () => {
  const clock = manualClock(Date.parse('2026-01-02T03:04:05.678Z'));
  const place = join(folder, 'rotation');
  mkdirSync(place);
  // Neither can be removed as a file.
  mkdirSync(join(place, 'audit-2020-01-01T00-00-00.000.log'));
  mkdirSync(join(place, 'audit-2020-01-01T00-00-00.001.log'));
  const file = new LogFile({ path: join(place, 'audit.log'), clock, ...limits });
  for (const line of ['first-1234567890\n', 'second-1234567890\n', 'third-1234567890\n']) {
    file.write(line);
    await clock.advance(1000);
  }
  file.close();
  expect(readFileSync(join(place, 'audit.log'), 'utf8')).toBe('third-1234567890\n');
  expect(() => new LogFile({ path: join(place, 'audit.log', 'below'), clock, ...limits })).toThrow();
});

describe('events that wait', () => {
  const queueOf = (sent: number[][], lost: number[], hang = false): BatchQueue<string> =>
    new BatchQueue<string>({
      bufferSize: 10_000,
      maxSize: 400,
      maxWait: 1000,
      clock: manualClock(),
      sizeOf: (item) => item.length,
      send: async (items) => {
        sent.push(items.map((item) => item.length));
        if (hang) await new Promise(() => undefined);
      },
      lost: (count) => void lost.push(count),
    });
  const megabyte = 'x'.repeat(1024 * 1024);

  test('have a bound in bytes, and are sent in lists of some megabytes', async () => {
    const [sent, lost]: [number[][], number[]] = [[], []];
    const queue = queueOf(sent, lost);
    for (let count = 0; count < 100; count++) queue.add(megabyte);
    expect(lost.length).toBe(36);
    await queue.stop();
    expect(sent.map((list) => list.length)).toEqual(Array.from({ length: 8 }, () => 8));
    const one = queueOf(sent, lost);
    expect(one.add(megabyte.repeat(80))).toBe(true);
    expect(one.add('x')).toBe(false);
    await one.stop();
    expect(sent.at(-1)).toHaveLength(1);
  });
});

describe('a receiver', () => {
  let server: Server;
  let url = '';
  let asked = 0;
  let answer: (response: ServerResponse) => void;
  beforeAll(async () => {
    server = createServer((request, response) => {
      request.resume();
      request.once('end', () => {
        asked++;
        answer(response);
      });
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });
  beforeEach(() => (asked = 0));

  const backend = (mode: 'batch' | 'blocking' | 'blocking-strict', metrics: AuditMetrics) =>
    createWebhookBackend({
      config: { server: url },
      mode,
      batch: { bufferSize: 100, maxSize: 2, maxWait: 1 },
      initialBackoff: 1,
      clock: realClock(),
      metrics,
      logger: silentLogger,
    });
  const record = new AuditRecord('RequestReceived', () => '{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"a"}');
  const lost = (registry: MetricsRegistry): string | undefined => /audit_error_total\{plugin="webhook"\} (\d+)/.exec(registry.text())?.[1];

  test.each([
    ['errors', (response) => response.writeHead(500).end('no'), 5, true],
    ['too much', (response) => response.writeHead(200).end('x'.repeat(12 * 1024 * 1024)), undefined, true],
    ['garbage', (response) => response.socket?.end('garbage\r\n\r\n'), 5, true],
    ['a refusal', (response) => response.writeHead(400).end('no'), 5, true],
    ['a redirect', (response) => response.writeHead(302, { location: `${url}/elsewhere` }).end(), 50, true],
    ['what is no answer to a list of events', (response) => response.writeHead(200).end('<html>'), 1, false],
  ] as readonly (readonly [string, (response: ServerResponse) => unknown, number | undefined, boolean])[])(
    'that answers with %s is asked so often and no more, and what it did not take is counted',
    async (_what, told, times, isLost) => {
      answer = (response) => void told(response);
      const registry = new MetricsRegistry();
      const metrics = new AuditMetrics(registry);
      expect(await backend('blocking', metrics).process(record)).toBe(true);
      expect(await backend('blocking-strict', metrics).process(record)).toBe(!isLost);
      if (times !== undefined) expect(asked).toBe(2 * times);
      expect(lost(registry)).toBe(isLost ? '2' : undefined);
    },
    60_000,
  );

  test('that hangs holds up nobody, and a stop for no longer than one answer may take', async () => {
    answer = () => undefined;
    const registry = new MetricsRegistry();
    const one = backend('batch', new AuditMetrics(registry));
    for (let count = 0; count < 30; count++) expect(one.process(record)).toBeUndefined();
    await eventually('it is asked', () => asked === 1);
    server.closeAllConnections();
    const start = realClock().monotonic();
    await one.stop();
    expect(realClock().monotonic() - start).toBeLessThan(25_000);
    expect(lost(registry)).toBe('30');
  }, 60_000);
});

test.each([
  ['contains itself', 'rules: &rules [{level: Metadata, resources: *rules}]'],
  ['is a bomb', `${Array.from({ length: 12 }, (_, index) => `l${index}: &l${index} [${index === 0 ? 'x' : Array(12).fill(`*l${index - 1}`).join(',')}]`).join('\n')}\nrules: [{level: Metadata}]`], // prettier-ignore
  ['is nested without end', `rules: ${'['.repeat(20_000)}`],
  ['is of another version', 'apiVersion: audit.k8s.io/v1beta1\nkind: Policy\nrules: [{level: Metadata}]'],
  ['is no policy', '[1, 2]'],
  ['has a level of its own', 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: __proto__}]'],
  ['hides in a prototype', '__proto__: {rules: [{level: None}]}\napiVersion: audit.k8s.io/v1\nkind: Policy\n'],
])('a policy that %s stops the server with one line', async (_what, text) => {
  const path = join(folder, 'bad.yaml');
  writeFileSync(path, text);
  const failure: unknown = await startCluster({ nodes: 0, components: ['apiserver'], auditPolicyFile: path, auditLogPath: log }).catch(
    (error: unknown) => error,
  );
  expect(failure).toMatchObject({ message: expect.stringMatching(/^--audit-policy-file .*: .+$/) });
  expect('rules' in {}).toBe(false);
});
