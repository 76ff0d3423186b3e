// Where events go: what waits, what is lost, what is tried again.
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { silentLogger } from '../../client/logger.js';
import { manualClock } from '../../clock/manual-clock.js';
import { realClock } from '../../clock/real-clock.js';
import { MetricsRegistry } from '../metrics/registry.js';
import type { BatchOptions } from './batch-queue.js';
import { AuditRecord, type AuditEvent } from './event.js';
import { createLogBackend } from './log-backend.js';
import { legacyLine } from './legacy-line.js';
import { AuditMetrics } from './metrics.js';
import { createWebhookBackend } from './webhook-backend.js';

const record = (id: string, stage: AuditEvent['stage'] = 'ResponseComplete'): AuditRecord =>
  new AuditRecord(stage, () => JSON.stringify({ auditID: id }));
const batch: BatchOptions = { bufferSize: 3, maxSize: 2, maxWait: 1000 };

function counted(): { readonly metrics: AuditMetrics; lost(plugin: string): string | undefined } {
  const registry = new MetricsRegistry();
  return {
    metrics: new AuditMetrics(registry),
    lost: (plugin) => registry.text().match(new RegExp(`apiserver_audit_error_total\\{plugin="${plugin}"\\} (\\d+)`))?.[1],
  };
}

describe('the log', () => {
  const written: string[] = [];
  beforeEach(() => (written.length = 0));
  const log = (mode: 'batch' | 'blocking' | 'blocking-strict', metrics: AuditMetrics, clock = manualClock(), fails = false) =>
    createLogBackend({
      format: 'json',
      mode,
      batch,
      clock,
      metrics,
      logger: silentLogger,
      write: (text) => {
        if (fails) throw new Error('the disk is full');
        written.push(text);
      },
      close: () => {},
    });

  test('blocking: what was received goes with the answer, in one write', () => {
    const backend = log('blocking', counted().metrics);
    expect(backend.process(record('a', 'RequestReceived'))).toBeUndefined();
    expect(written).toEqual([]);
    void backend.process(record('a'));
    expect(written).toEqual(['{"auditID":"a"}\n{"auditID":"a"}\n']);
  });

  test('blocking: what is received and not answered soon is written all the same', async () => {
    void log('blocking', counted().metrics).process(record('a', 'RequestReceived'));
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    expect(written).toEqual(['{"auditID":"a"}\n']);
  });

  test('a write that fails is counted; only blocking-strict refuses the request', () => {
    const { metrics, lost } = counted();
    expect(log('blocking', metrics, manualClock(), true).process(record('a'))).toBeUndefined();
    expect(log('blocking-strict', metrics, manualClock(), true).process(record('a', 'RequestReceived'))).toBe(false);
    expect(lost('log')).toBe('2');
  });

  test('batch: so many at once or after a while; what has no room is lost and counted', async () => {
    const clock = manualClock();
    const { metrics, lost } = counted();
    const backend = log('batch', metrics, clock);
    for (const id of ['a', 'b', 'c', 'd']) void backend.process(record(id));
    await clock.advance(0);
    expect(written).toEqual(['{"auditID":"a"}\n{"auditID":"b"}\n']);
    expect(lost('log')).toBe('1');
    await clock.advance(1000);
    expect(written.slice(1)).toEqual(['{"auditID":"c"}\n']);
    void backend.process(record('e'));
    await backend.stop();
    expect(written.slice(2)).toEqual(['{"auditID":"e"}\n']);
  });
});

test('legacy lines are those of the real server', () => {
  const event: AuditEvent = {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: 'Metadata',
    auditID: 'e179c35b',
    stage: 'ResponseComplete',
    requestURI: '/api/v1/namespaces/aud/configmaps/x?fieldManager=f',
    verb: 'patch',
    user: { username: 'admin', groups: ['system:masters', 'system:authenticated'] },
    sourceIPs: ['127.0.0.1'],
    userAgent: 'probe',
    objectRef: { resource: 'configmaps', namespace: 'aud', name: 'x', apiVersion: 'v1' },
    responseStatus: { metadata: {}, code: 201 },
    requestReceivedTimestamp: '2026-11-21T20:50:22.035000Z',
    stageTimestamp: '2026-11-21T20:50:22.037542Z',
  };
  expect(legacyLine(event)).toBe(
    '2026-11-21T20:50:22.037542000Z AUDIT: id="e179c35b" stage="ResponseComplete" ip="127.0.0.1" method="patch" user="admin" groups="\\"system:masters\\",\\"system:authenticated\\"" as="<self>" asgroups="<lookup>" user-agent="probe" namespace="aud" uri="/api/v1/namespaces/aud/configmaps/x?fieldManager=f" response="201"',
  );
});

describe('the webhook', () => {
  let server: Server;
  let url: string;
  let answers: number[] = [];
  const got: string[][] = [];
  beforeAll(async () => {
    server = createServer((request: IncomingMessage, response) => {
      let text = '';
      request.on('data', (chunk: Buffer) => (text += chunk.toString()));
      request.on('end', () => {
        const { kind, apiVersion, items } = JSON.parse(text) as { kind: string; apiVersion: string; items: AuditEvent[] };
        got.push([`${apiVersion} ${kind} ${request.url}`, ...items.map(({ auditID }) => auditID)]);
        response.writeHead(answers.shift() ?? 200).end();
      });
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/audit`;
  });
  afterAll(() => new Promise((done) => server.close(done)));
  beforeEach(() => (got.length = 0));
  const webhook = (mode: 'batch' | 'blocking' | 'blocking-strict', metrics: AuditMetrics) =>
    createWebhookBackend({ config: { server: url }, mode, batch, initialBackoff: 1, clock: realClock(), metrics, logger: silentLogger });
  const list = 'audit.k8s.io/v1 EventList /audit?timeout=30s';

  test('is sent lists, and sent them again when it is in trouble', async () => {
    answers = [500, 429];
    const { metrics, lost } = counted();
    const backend = webhook('blocking', metrics);
    await expect(backend.process(record('a'))).resolves.toBe(true);
    expect(got).toEqual([[list, 'a'], [list, 'a'], [list, 'a']]); // prettier-ignore
    expect(lost('webhook')).toBeUndefined();
  });

  test('a refusal is tried again as any error: then the events are lost, and blocking-strict says so', async () => {
    answers = Array.from({ length: 10 }, () => 403);
    const { metrics, lost } = counted();
    await expect(webhook('blocking', metrics).process(record('a'))).resolves.toBe(true);
    await expect(webhook('blocking-strict', metrics).process(record('b'))).resolves.toBe(false);
    expect(lost('webhook')).toBe('2');
  });

  test('what waits is sent when the server stops', async () => {
    const backend = webhook('batch', counted().metrics);
    for (const id of ['a', 'b', 'c']) expect(backend.process(record(id))).toBeUndefined();
    await backend.stop();
    expect(got).toEqual([[list, 'a', 'b'], [list, 'c']]); // prettier-ignore
  });
});
