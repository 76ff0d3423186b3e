// Match conditions of webhooks and policies that kept them from a request, or could not be told.
// https://kubernetes.io/docs/reference/instrumentation/metrics/
import type { MetricsRegistry } from './registry.js';
import { Counters, Histograms } from './series.js';

/** What the conditions are of, and how they came out. */
export interface ConditionOutcome {
  readonly kind: 'webhook' | 'policy';
  /** Of the webhook or policy. */
  readonly name: string;
  readonly operation: string;
  /** Those of a policy are all said to validate, as in the real server. */
  readonly type: 'mutating' | 'validating';
  /** An error: they could not be told. */
  readonly met: boolean | 'error';
  /** The request goes on without the webhook: a condition does not hold, or could not be told and that does not matter. */
  readonly excluded: boolean;
  readonly seconds: number;
}

const bounds = [0.001, 0.005, 0.01, 0.025, 0.1, 0.2, 0.25];
const labels = ['kind', 'name', 'operation', 'type'];
const family = 'apiserver_admission_match_condition';

export class ConditionMetrics {
  readonly #seconds: Histograms;
  readonly #errors: Counters;
  readonly #exclusions: Counters;

  constructor(registry: MetricsRegistry) {
    this.#seconds = registry.add(
      new Histograms(`${family}_evaluation_seconds`, '[ALPHA] How long match conditions took that did not hold.', labels, bounds),
    );
    this.#errors = registry.add(
      new Counters(`${family}_evaluation_errors_total`, '[ALPHA] Match conditions that could not be told.', labels),
    );
    this.#exclusions = registry.add(
      new Counters(
        `${family}_exclusions_total`,
        '[ALPHA] Requests that webhooks were not asked about because of match conditions.',
        labels,
      ),
    );
  }

  /** Conditions that all hold are not counted, nor are requests that policies leave alone: the real server does neither. */
  add({ kind, name, operation, type, met, excluded, seconds }: ConditionOutcome): void {
    if (met === true) return;
    const shown = kind === 'policy' ? 'validate' : type === 'mutating' ? 'admit' : 'validating';
    this.#seconds.with(kind, name, operation, shown).observe(seconds);
    if (met === 'error') this.#errors.with(kind, name, operation, shown).add();
    if (excluded && kind === 'webhook') this.#exclusions.with(kind, name, operation, type === 'mutating' ? 'admit' : 'validate').add();
  }
}
