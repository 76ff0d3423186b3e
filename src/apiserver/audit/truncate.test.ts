// As a real kube-apiserver v1.36.3 shortens events, and what it says of flags that make no sense.
import { silentLogger } from '../../client/logger.js';
import { MetricsRegistry } from '../metrics/registry.js';
import { AuditRecord, type AuditBackend, type AuditEvent } from './event.js';
import type { AuditFlags } from './flags.js';
import { checkLimits, rateOf, truncationOf } from './limits.js';
import { AuditMetrics } from './metrics.js';
import { truncated } from './truncate.js';

const record = (event: object): AuditRecord => new AuditRecord('ResponseComplete', () => JSON.stringify(event));

test('what was asked and answered goes first, then the event; the size is in bytes', async () => {
  const registry = new MetricsRegistry();
  const taken: AuditEvent[] = [];
  let stopped = false;
  const backend: AuditBackend = {
    name: 'log',
    process: (one) => {
      taken.push(one.event());
      return undefined;
    },
    stop: async () => void (stopped = true),
  };
  const limited = truncated(backend, { maxEventSize: 120, metrics: new AuditMetrics(registry), logger: silentLogger });
  const small = { auditID: 'small', responseObject: { a: 'b' } };
  void limited.process(record(small));
  void limited.process(record({ auditID: 'long', requestObject: 'x'.repeat(120), responseObject: 'y', annotations: { b: 'c' } }));
  // 50 characters are 150 bytes.
  void limited.process(record({ auditID: 'wide', requestObject: '語'.repeat(50) }));
  void limited.process(record({ auditID: 'endless', requestURI: 'x'.repeat(120) }));
  expect(taken).toEqual([
    small,
    { auditID: 'long', annotations: { 'audit.k8s.io/truncated': 'true', b: 'c' } },
    { auditID: 'wide', annotations: { 'audit.k8s.io/truncated': 'true' } },
  ]);
  expect(registry.text()).toContain('apiserver_audit_error_total{plugin="truncate"} 1\n');
  await limited.stop();
  expect(stopped).toBe(true);
});

test('limits count only where they are switched on', () => {
  const sizes = { auditLogTruncateMaxEventSize: 1500, auditLogTruncateMaxBatchSize: 1600 };
  expect(truncationOf(sizes, 'log')).toBeUndefined();
  expect(truncationOf({ ...sizes, auditLogTruncateEnabled: true }, 'log')).toBe(1500);
  expect(truncationOf({ auditWebhookTruncateEnabled: true }, 'webhook')).toBe(102_400);
  expect(rateOf({}, 'webhook')).toEqual({ perSecond: 10, burst: 15 });
  expect(rateOf({ auditWebhookBatchThrottleEnable: false }, 'webhook')).toBeUndefined();
  expect(rateOf({ auditWebhookMode: 'blocking' }, 'webhook')).toBeUndefined();
  expect(rateOf({ auditLogMode: 'batch' }, 'log')).toBeUndefined();
  const rate = { auditLogBatchThrottleEnable: true, auditLogBatchThrottleQps: 2.5, auditLogBatchThrottleBurst: 3 };
  expect(rateOf({ ...rate, auditLogMode: 'batch' }, 'log')).toEqual({ perSecond: 2.5, burst: 3 });
});

const batch = { auditLogMode: 'batch', auditLogBatchThrottleEnable: true } as const;

test.each<[AuditFlags, string]>([
  [
    { auditLogTruncateEnabled: true, auditLogTruncateMaxEventSize: 0 },
    'invalid audit truncate log max event size 0, must be a positive number',
  ],
  [
    { auditWebhookTruncateEnabled: true, auditWebhookTruncateMaxEventSize: 10, auditWebhookTruncateMaxBatchSize: 5 },
    'invalid audit truncate webhook max batch size 5, must be greater than max event size (10)',
  ],
  [batch, 'invalid audit batch log throttle QPS 0, must be a positive number'],
  [{ ...batch, auditLogBatchThrottleQps: 1 }, 'invalid audit batch log throttle burst 0, must be a positive number'],
])('%j', (flags, message) => {
  expect(() => checkLimits(flags)).toThrow(message);
});
