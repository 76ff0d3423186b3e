// `--audit-…-truncate-enabled`: events that are too large lose what was asked and answered, or are lost themselves.
// https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/#parameter-tuning
import type { Logger } from '../../client/logger.js';
import { AuditRecord, type AuditBackend } from './event.js';
import type { AuditMetrics } from './metrics.js';

export interface TruncateOptions {
  /** Bytes. */
  readonly maxEventSize: number;
  readonly metrics: AuditMetrics;
  readonly logger: Logger;
}

const name = 'truncate';

/** Gives the backend no event that is larger. */
export function truncated(backend: AuditBackend, { maxEventSize, metrics, logger }: TruncateOptions): AuditBackend {
  const fits = (record: AuditRecord): boolean => {
    const text = record.text();
    // No character has more than three bytes for each unit of its text.
    return text.length * 3 <= maxEventSize || (text.length <= maxEventSize && Buffer.byteLength(text) <= maxEventSize);
  };
  return {
    name: backend.name,
    process(record) {
      if (fits(record)) return backend.process(record);
      const shorter = withoutBodies(record);
      if (fits(shorter)) return backend.process(shorter);
      metrics.failed(name, 1);
      logger.warn('an audit event could not be written', { backend: name, error: 'event is too large even after truncating' });
      return undefined;
    },
    stop: () => backend.stop(),
  };
}

function withoutBodies(record: AuditRecord): AuditRecord {
  const { requestObject: _request, responseObject: _response, annotations, ...rest } = record.event();
  const event = { ...rest, annotations: { 'audit.k8s.io/truncated': 'true', ...annotations } };
  return new AuditRecord(record.stage, () => JSON.stringify(event));
}
