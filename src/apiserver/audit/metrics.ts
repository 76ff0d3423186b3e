// What is counted of audit events, under the names of the real server.
import { Counters, type Value } from '../metrics/series.js';
import type { MetricsRegistry } from '../metrics/registry.js';
import type { AuditLevel } from './context.js';

export class AuditMetrics {
  readonly events: Value;
  readonly #rejected: Value;
  readonly #errors: Counters;
  readonly #levels: Counters;

  constructor(registry: MetricsRegistry) {
    this.events = registry.add(new Counters('apiserver_audit_event_total', '[ALPHA] Audit events made and given to the backends.', [])).with();
    this.#rejected = registry
      .add(new Counters('apiserver_audit_requests_rejected_total', '[ALPHA] Requests refused because their audit event could not be written.', []))
      .with();
    this.#errors = registry.add(
      new Counters('apiserver_audit_error_total', '[ALPHA] Audit events that a backend lost: not written, or its queue was full.', ['plugin']),
    );
    this.#levels = registry.add(new Counters('apiserver_audit_level_total', '[ALPHA] Audited requests by the level of their policy.', ['level']));
  } // prettier-ignore

  failed(backend: string, events: number): void {
    this.#errors.with(backend).add(events);
  }

  level(level: AuditLevel): void {
    this.#levels.with(level).add();
  }

  rejected(): void {
    this.#rejected.add();
  }
}
