// What webhooks and policies did, as the real server counts it.
// https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#metrics
import { ConditionMetrics } from './condition-metrics.js';
import type { MetricsRegistry } from './registry.js';
import { Counters, Histograms } from './series.js';

/** How an expression of a policy came out. */
export type PolicyErrorType = 'no_error' | 'invalid_error';

/** How a webhook was asked. */
export interface WebhookCall {
  readonly name: string;
  readonly operation: string;
  readonly type: 'mutating' | 'validating';
  /** Of the answer that a refused client gets; 200 when it is not refused, 0 when the server could not use what the webhook answered. */
  readonly code: number;
  /** Undefined when the request goes on. */
  readonly rejection: 'no_error' | 'calling_webhook_error' | 'apiserver_internal_error' | undefined;
  readonly seconds: number;
}

const policyBounds = [0.000_000_5, 0.001, 0.01, 0.1, 1];
const webhookBounds = [0.005, 0.025, 0.1, 0.5, 1, 2.5, 10, 25];
/** Codes beyond are shown as this. */
const highestCode = 600;

export class AdmissionMetrics {
  readonly conditions: ConditionMetrics;
  readonly #validations: Counters;
  readonly #validationSeconds: Histograms;
  readonly #mutations: Counters;
  readonly #mutationSeconds: Histograms;
  readonly #webhookSeconds: Histograms;
  readonly #webhooks: Counters;
  readonly #rejections: Counters;
  readonly #failOpen: Counters;

  /** @param now milliseconds of a monotonic clock in real time */
  constructor(
    registry: MetricsRegistry,
    private readonly now: () => number,
  ) {
    this.conditions = new ConditionMetrics(registry);
    const validation = ['enforcement_action', 'error_type', 'policy', 'policy_binding'];
    const mutation = ['error_type', 'policy', 'policy_binding'];
    const webhook = ['name', 'operation', 'rejected', 'type'];
    const policies = 'admission_policy_check';
    const hooks = 'apiserver_admission_webhook';
    this.#validations = registry.add(
      new Counters(`apiserver_validating_${policies}_total`, '[BETA] Validations of policies that did not hold.', validation),
    );
    this.#validationSeconds = registry.add(
      new Histograms(
        `apiserver_validating_${policies}_duration_seconds`,
        '[BETA] How long validations took that did not hold.',
        validation,
        policyBounds,
      ),
    );
    this.#mutations = registry.add(
      new Counters(`apiserver_mutating_${policies}_total`, '[ALPHA] Mutations of policies that were carried out or failed.', mutation),
    );
    this.#mutationSeconds = registry.add(
      new Histograms(`apiserver_mutating_${policies}_duration_seconds`, '[ALPHA] How long mutations took.', mutation, policyBounds),
    );
    this.#webhookSeconds = registry.add(
      new Histograms(`${hooks}_admission_duration_seconds`, '[STABLE] How long admission webhooks took.', webhook, webhookBounds),
    );
    this.#webhooks = registry.add(new Counters(`${hooks}_request_total`, '[ALPHA] Requests to admission webhooks.', ['code', ...webhook]));
    this.#rejections = registry.add(
      new Counters(`${hooks}_rejection_count`, '[ALPHA] Requests that were refused because of a webhook.', [
        'error_type',
        'name',
        'operation',
        'rejection_code',
        'type',
      ]),
    );
    this.#failOpen = registry.add(
      new Counters(`${hooks}_fail_open_count`, '[ALPHA] Failures of webhooks that were let pass.', ['name', 'type']),
    );
  }

  /** Begins to measure; the function says how many seconds have gone. */
  begin(): () => number {
    const began = this.now();
    return () => (this.now() - began) / 1000;
  }

  /** A validation that did not hold, or failed. */
  validation(action: string, policy: string, binding: string, seconds: number): void {
    this.#validations.with(action, 'invalid_error', policy, binding).add();
    this.#validationSeconds.with(action, 'invalid_error', policy, binding).observe(seconds);
  }

  mutation(error: PolicyErrorType, policy: string, binding: string, seconds: number): void {
    this.#mutations.with(error, policy, binding).add();
    this.#mutationSeconds.with(error, policy, binding).observe(seconds);
  }

  webhook({ name, operation, type, code, rejection, seconds }: WebhookCall): void {
    const shownType = shownTypes[type];
    const rejected = String(rejection !== undefined);
    const shownCode = String(Math.min(code, highestCode));
    this.#webhookSeconds.with(name, operation, rejected, shownType).observe(seconds);
    this.#webhooks.with(shownCode, name, operation, rejected, shownType).add();
    if (rejection !== undefined) this.#rejections.with(rejection, name, operation, shownCode, shownType).add();
  }

  failedOpen(name: string, type: WebhookCall['type']): void {
    this.#failOpen.with(name, shownTypes[type]).add();
  }
}

const shownTypes = { mutating: 'admit', validating: 'validating' } as const;
