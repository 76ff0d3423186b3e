// Audits requests: the policy, the places where events go, and what is counted of them.
import type { Clock } from '../../clock/clock.js';
import type { Random } from '../../clock/random.js';
import { errorText, type Logger } from '../../client/logger.js';
import type { AuditBackend, AuditRecord } from './event.js';
import type { AuditMetrics } from './metrics.js';
import type { AuditRules } from './policy-rules.js';
import { RequestAudit, type AuditSubject } from './request-audit.js';

export interface AuditorOptions {
  readonly rules: AuditRules;
  readonly backends: readonly AuditBackend[];
  readonly metrics: AuditMetrics;
  /** The cluster's time, in which its objects have their times too. */
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

export class Auditor {
  readonly rules: AuditRules;
  readonly metrics: AuditMetrics;

  constructor(private readonly options: AuditorOptions) {
    this.rules = options.rules;
    this.metrics = options.metrics;
  }

  /** The audit of a request that has just come. Nothing is written before it is known who asks. */
  begin(subject: AuditSubject): RequestAudit {
    return new RequestAudit(this, subject, this.options.clock.now());
  }

  now(): number {
    return this.options.clock.now();
  }

  uid(): string {
    return this.options.random.uid();
  }

  /** Gives an event to every place. A promise when one of them is waited for; false when the event of a request is refused that must have it. */
  send(record: AuditRecord): boolean | Promise<boolean> {
    const { backends, metrics, logger } = this.options;
    metrics.events.add();
    let waiting: Promise<boolean>[] | undefined;
    let taken = true;
    for (const backend of backends) {
      try {
        const result = backend.process(record);
        if (result === false) taken = false;
        else if (result instanceof Promise) (waiting ??= []).push(result);
      } catch (error) {
        metrics.failed(backend.name, 1);
        logger.warn('an audit event could not be written', { backend: backend.name, error: errorText(error) });
      }
    }
    if (waiting === undefined) return taken;
    return Promise.all(waiting).then((results) => taken && results.every((one) => one));
  }

  async stop(): Promise<void> {
    await Promise.all(this.options.backends.map((backend) => backend.stop()));
  }
}
