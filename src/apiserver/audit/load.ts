// Puts the audit together: loaded only where something is audited.
import { loadKubeconfig } from '../../client/kubeconfig/kubeconfig.js';
import { Auditor } from './auditor.js';
import type { AuditBackend, AuditEvent } from './event.js';
import { auditInProcess } from './in-process.js';
import { checkLimits, rateOf, truncationOf } from './limits.js';
import { createLogBackend } from './log-backend.js';
import { LogFile } from './log-file.js';
import { AuditMetrics } from './metrics.js';
import { refused, type Audit, type AuditContextOptions, type AuditOptions } from './options.js';
import { auditRules } from './policy-rules.js';
import type { AuditPolicy } from './policy.js';
import { subjectOf } from './subject.js';
import { truncated } from './truncate.js';
import { createWebhookBackend } from './webhook-backend.js';

const megabyte = 1024 * 1024;

/** Rejects with AuditOptionError. */
export async function createAudit(options: AuditOptions, policy: AuditPolicy, context: AuditContextOptions): Promise<Audit> {
  const metrics = new AuditMetrics(context.metrics);
  const backends: AuditBackend[] = [];
  if (options.audit !== undefined) backends.push(listener(options.audit));
  checkLimits(options);
  const webhook = limited(await webhookOf(options, context, metrics), truncationOf(options, 'webhook'), context, metrics);
  const log = limited(await logOf(options, context, metrics), truncationOf(options, 'log'), context, metrics);
  if (log !== undefined) backends.push(log);
  if (webhook !== undefined) backends.push(webhook);
  const auditor = new Auditor({ ...context, rules: auditRules(policy), backends, metrics });
  return {
    auditor,
    inProcess: (authorizer, responder) => auditInProcess(auditor, authorizer, responder),
    begin: (exchange, info, parameters) => auditor.begin(subjectOf(exchange, String(exchange.common['Audit-Id']), info, parameters)),
  };
}

async function logOf(options: AuditOptions, context: AuditContextOptions, metrics: AuditMetrics): Promise<AuditBackend | undefined> {
  const { auditLogPath: path, auditLogFormat = 'json', auditLogMode = 'blocking' } = options;
  if (path === undefined) return undefined;
  const out = await refused(`--audit-log-path ${path}`, () => {
    if (path === '-') return standardOutput();
    const file = new LogFile({
      path,
      clock: context.systemClock,
      maxAge: options.auditLogMaxage ?? 366,
      maxBackup: options.auditLogMaxbackup ?? 100,
      maxSize: (options.auditLogMaxsize ?? 100) * megabyte,
      compress: options.auditLogCompress,
    });
    return { write: (text: string) => file.write(text), close: () => file.close() };
  });
  return createLogBackend({
    ...out,
    format: auditLogFormat,
    mode: auditLogMode,
    batch: {
      bufferSize: options.auditLogBatchBufferSize ?? 10_000,
      maxSize: options.auditLogBatchMaxSize ?? 1,
      maxWait: (options.auditLogBatchMaxWait ?? 0) * 1000,
      rate: rateOf(options, 'log'),
    },
    clock: context.systemClock,
    metrics,
    logger: context.logger,
  });
}

async function webhookOf(options: AuditOptions, context: AuditContextOptions, metrics: AuditMetrics): Promise<AuditBackend | undefined> {
  const path = options.auditWebhookConfigFile;
  if (path === undefined) return undefined;
  const config = await refused(`--audit-webhook-config-file ${path}`, () => loadKubeconfig(path));
  return createWebhookBackend({
    config,
    mode: options.auditWebhookMode ?? 'batch',
    batch: {
      bufferSize: options.auditWebhookBatchBufferSize ?? 10_000,
      maxSize: options.auditWebhookBatchMaxSize ?? 400,
      maxWait: (options.auditWebhookBatchMaxWait ?? 30) * 1000,
      rate: rateOf(options, 'webhook'),
    },
    initialBackoff: (options.auditWebhookInitialBackoff ?? 10) * 1000,
    clock: context.systemClock,
    metrics,
    logger: context.logger,
  });
}

/** The backend, with a limit for the size of its events if there is one. */
function limited(
  backend: AuditBackend | undefined,
  maxEventSize: number | undefined,
  { logger }: AuditContextOptions,
  metrics: AuditMetrics,
): AuditBackend | undefined {
  return backend === undefined || maxEventSize === undefined ? backend : truncated(backend, { maxEventSize, metrics, logger });
}

/** A test's own function. */
function listener(audit: (event: AuditEvent) => void): AuditBackend {
  return {
    name: 'listener',
    process: (record) => {
      audit(record.event());
      return undefined;
    },
    stop: async () => {},
  };
}

/** Whoever reads it may go away: then events are lost, and the server goes on. */
function standardOutput(): { write(text: string): void; close(): void } {
  let broken: Error | undefined;
  const note = (error: Error): void => void (broken = error);
  process.stdout.on('error', note);
  return {
    write: (text) => {
      if (broken !== undefined) throw broken;
      process.stdout.write(text);
    },
    close: () => void process.stdout.off('error', note),
  };
}
