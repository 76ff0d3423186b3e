// What the flags of the audit log say of its limits: how large events may be, and how many batches are written in a second.
import type { BatchOptions } from './batch-queue.js';
import type { AuditFlags } from './flags.js';
import { AuditOptionError } from './options.js';

export type AuditBackendName = 'log' | 'webhook';

/** Throws {@link AuditOptionError}, in the real server's words. */
export function checkLimits(flags: AuditFlags): void {
  for (const backend of ['log', 'webhook'] as const) {
    truncationOf(flags, backend);
    rateOf(flags, backend);
  }
}

/** As many bytes as an event may have; undefined when that is not limited. */
export function truncationOf(flags: AuditFlags, backend: AuditBackendName): number | undefined {
  const [enabled, maxEventSize = 102_400, maxBatchSize = 10_485_760] =
    backend === 'log'
      ? [flags.auditLogTruncateEnabled, flags.auditLogTruncateMaxEventSize, flags.auditLogTruncateMaxBatchSize]
      : [flags.auditWebhookTruncateEnabled, flags.auditWebhookTruncateMaxEventSize, flags.auditWebhookTruncateMaxBatchSize];
  if (enabled !== true) return undefined;
  const what = `invalid audit truncate ${backend} max`;
  if (!(maxEventSize > 0)) throw new AuditOptionError(`${what} event size ${maxEventSize}, must be a positive number`);
  if (!(maxBatchSize >= maxEventSize))
    throw new AuditOptionError(`${what} batch size ${maxBatchSize}, must be greater than max event size (${maxEventSize})`);
  return maxEventSize;
}

/** How many batches in a second; undefined when that is not limited. */
export function rateOf(flags: AuditFlags, backend: AuditBackendName): BatchOptions['rate'] {
  const ofLog = backend === 'log';
  const [mode = ofLog ? 'blocking' : 'batch', enabled = !ofLog, perSecond = ofLog ? 0 : 10, burst = ofLog ? 0 : 15] = ofLog
    ? [flags.auditLogMode, flags.auditLogBatchThrottleEnable, flags.auditLogBatchThrottleQps, flags.auditLogBatchThrottleBurst]
    : [
        flags.auditWebhookMode,
        flags.auditWebhookBatchThrottleEnable,
        flags.auditWebhookBatchThrottleQps,
        flags.auditWebhookBatchThrottleBurst,
      ];
  if (!enabled || mode !== 'batch') return undefined;
  const what = `invalid audit batch ${backend} throttle`;
  if (!(perSecond > 0)) throw new AuditOptionError(`${what} QPS ${perSecond}, must be a positive number`);
  if (!(burst > 0)) throw new AuditOptionError(`${what} burst ${burst}, must be a positive number`);
  return { perSecond, burst };
}
