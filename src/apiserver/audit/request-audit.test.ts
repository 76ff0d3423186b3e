// What becomes of requests that do not end as they should. The facts are those of kube-apiserver v1.36.3.
import type { UserInfo } from '../../registry/kind.js';
import { manualClock } from '../../clock/manual-clock.js';
import { seededRandom } from '../../clock/random.js';
import { silentLogger } from '../../client/logger.js';
import { MetricsRegistry } from '../metrics/registry.js';
import { Auditor } from './auditor.js';
import type { AuditEvent } from './event.js';
import { AuditMetrics } from './metrics.js';
import { auditRules } from './policy-rules.js';
import type { AuditLevel } from './context.js';
import type { RequestAudit } from './request-audit.js';

const user: UserInfo = { name: 'ann', groups: ['system:authenticated'] };

function begun(more: { level?: AuditLevel; longRunning?: boolean; takes?: boolean } = {}) {
  const events: AuditEvent[] = [];
  const registry = new MetricsRegistry();
  const auditor = new Auditor({
    rules: auditRules({ rules: [{ level: more.level ?? 'RequestResponse' }] }),
    backends: [
      {
        name: 'test',
        process: (record) => {
          events.push(record.event());
          return more.takes === false ? false : undefined;
        },
        stop: async () => {},
      },
    ],
    metrics: new AuditMetrics(registry),
    clock: manualClock(),
    random: seededRandom(1),
    logger: silentLogger,
  });
  const audit: RequestAudit = auditor.begin({
    auditId: 'a',
    uri: '/api/v1/namespaces/n/pods',
    path: '/api/v1/namespaces/n/pods',
    verb: 'create',
    resource: { group: '', resource: 'pods', subresource: '', namespace: 'n', name: '' },
    apiVersion: 'v1',
    userAgent: '',
    sourceIPs: () => [],
    longRunning: more.longRunning ?? false,
  });
  return { audit, events, registry };
}

test('a client that has gone', async () => {
  const { audit, events } = begun();
  await audit.authenticated(user);
  audit.broken('client disconnected');
  await audit.responded(200, 'application/json', []);
  const status = { metadata: {}, status: 'Failure', message: 'client disconnected', code: 500 };
  expect(events.map(({ stage }) => stage)).toEqual(['RequestReceived', 'ResponseComplete']);
  expect(events[1]).toMatchObject({ responseStatus: status, responseObject: { kind: 'Status', apiVersion: 'v1', ...status } });
});

test('an error of the server itself is the last event', async () => {
  const { audit, events } = begun();
  await audit.authenticated(user);
  audit.panicked('x is undefined');
  await audit.responded(500, 'application/json', []);
  expect(events.map(({ stage }) => stage)).toEqual(['RequestReceived', 'Panic']);
  expect(events[1]?.responseStatus).toMatchObject({ code: 500, reason: 'InternalError', message: "APIServer panic'd: x is undefined" });
});

test('a request that goes on is told of twice, however often it ends', async () => {
  const { audit, events } = begun({ longRunning: true });
  await audit.authenticated(user);
  audit.started(200);
  await audit.completed(200);
  await audit.completed(200);
  expect(events.map(({ stage }) => stage)).toEqual(['RequestReceived', 'ResponseStarted', 'ResponseComplete']);
});

test('the first word under a key stays, and the keys are sorted', async () => {
  const { audit, events } = begun({ level: 'Metadata' });
  await audit.authenticated(user);
  audit.annotate('b', '1');
  audit.annotate('a', '2');
  audit.annotate('b', '3');
  audit.requestObject({ metadata: { name: 'p', uid: 'u' }, spec: { big: true } });
  audit.answers(() => Buffer.from('{"kind":"Pod"}'), false);
  await audit.responded(201, 'application/json', [Buffer.from('{"kind":"Pod"}')]);
  expect(Object.entries(events[1]?.annotations ?? {})).toEqual([['a', '2'], ['b', '1']]); // prettier-ignore
  expect(events[1]?.objectRef).toEqual({ resource: 'pods', namespace: 'n', name: 'p', uid: 'u', apiVersion: 'v1' });
  expect([events[1]?.requestObject, events[1]?.responseObject]).toEqual([undefined, undefined]);
});

test('what is in an object when it is sent is told, whatever becomes of it', async () => {
  const { audit, events } = begun({ level: 'Request' });
  await audit.authenticated(user);
  const object = { metadata: { name: 'p' }, spec: { a: 1 } };
  audit.requestObject(object);
  object.spec.a = 2;
  await audit.responded(201, 'application/json', []);
  expect(events[1]?.requestObject).toEqual({ metadata: { name: 'p' }, spec: { a: 1 } });
});

test('a patch that is no JSON loses its event, as at the real server, and is counted', async () => {
  const { audit, events, registry } = begun();
  await audit.authenticated(user);
  audit.requestPatch(Buffer.from('a: [b]'));
  await audit.responded(200, 'application/json', []);
  expect(events).toHaveLength(1);
  expect(registry.text()).toContain('apiserver_audit_error_total{plugin="test"} 1');
});

test('a request whose first event is not taken may not go on', async () => {
  const { audit, registry } = begun({ takes: false });
  expect(await audit.authenticated(user)).toBe(false);
  expect(registry.text()).toContain('apiserver_audit_requests_rejected_total 1');
});

test('who cannot be told has one event', async () => {
  const { audit, events } = begun();
  audit.answers(
    () => Buffer.from('{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","reason":"Unauthorized","code":401}'),
    true,
  );
  await audit.responded(401, 'application/json', []);
  expect(events).toMatchObject([{ stage: 'ResponseStarted', user: {}, responseStatus: { reason: 'Unauthorized', code: 401 } }]);
});
