// MutatingAdmissionWebhook and ValidatingAdmissionWebhook: programs of the user's own have a say in every write.
// https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/
import { forbidden, internalError } from '../../../apimachinery/errors/api-error.js';
import type { Clock } from '../../../clock/clock.js';
import type { Random } from '../../../clock/random.js';
import type { Kind } from '../../../registry/kind.js';
import type { AdmissionPlugin, AdmissionRequest } from '../chain.js';
import { activationOf, type ActivationContext } from '../policies/activation.js';
import { denial, verdictOf, WebhookFailure, type Verdict } from './answer.js';
import { call } from './call.js';
import { webhooksOf, type Webhook, type WebhookType } from './hooks.js';
import { isExempt, kindFor, selects } from './match.js';
import { namespaceLabels } from './namespace-labels.js';
import { applyWebhookPatch } from './patched.js';
import { requestOf, reviewVersion } from './review.js';

export interface WebhookOptions extends ActivationContext {
  readonly random: Random;
  /** Real time, in which webhooks must answer. */
  readonly systemClock: Clock;
}

/** In the order of their configurations' names; what one has changed, the next one sees. */
export function mutatingWebhooks(options: WebhookOptions): AdmissionPlugin {
  const hooks = webhooksOf('mutating', options.registry, options.storages);
  const asking = new Asking('mutating', options);
  return {
    name: 'MutatingAdmissionWebhook',
    handles: ({ kind, object }) => object !== undefined && hooks.any() && !isExempt(kind),
    async admit(request) {
      const all = await hooks.all();
      /** The webhooks that have seen the object, and how often it had been changed by then. */
      const asked = new Map<Webhook, number>();
      let changes = 0;
      for (const webhook of all) {
        const kind = await asking.kindFor(webhook, request);
        if (kind === undefined) continue;
        if (await asking.mutate(webhook, kind, request)) changes++;
        asked.set(webhook, changes);
      }
      for (const [webhook, seen] of asked) {
        if (!webhook.reinvoked || changes === seen) continue;
        const kind = await asking.kindFor(webhook, request);
        if (kind !== undefined && (await asking.mutate(webhook, kind, request))) changes++;
      }
    },
  };
}

/** All at once; of several refusals the client hears that of the first. */
export function validatingWebhooks(options: WebhookOptions): AdmissionPlugin {
  const hooks = webhooksOf('validating', options.registry, options.storages);
  const asking = new Asking('validating', options);
  return {
    name: 'ValidatingAdmissionWebhook',
    handles: ({ kind }) => hooks.any() && !isExempt(kind),
    async validate(request) {
      const all = await hooks.all();
      const verdicts = await Promise.allSettled(
        all.map(async (webhook) => {
          const kind = await asking.kindFor(webhook, request);
          if (kind !== undefined) await asking.ask(webhook, kind, request);
        }),
      );
      for (const verdict of verdicts) if (verdict.status === 'rejected') throw verdict.reason;
    },
  };
}

class Asking {
  constructor(
    private readonly type: WebhookType,
    private readonly options: WebhookOptions,
  ) {}

  /** The version in which the webhook wants to be asked; undefined when it does not. Throws 403 when that cannot be told. */
  async kindFor(webhook: Webhook, request: AdmissionRequest): Promise<Kind | undefined> {
    const kind = kindFor(webhook, request, this.options.registry);
    if (kind === undefined || !selects(webhook.objects, request)) return undefined;
    if (!webhook.namespaces.matches(await namespaceLabels(request, this.options))) return undefined;
    if (webhook.conditions === undefined) return kind;
    const met = webhook.conditions(await activationOf(request, kind, this.options));
    if (typeof met === 'boolean') return met ? kind : undefined;
    if (!webhook.failClosed) return undefined;
    throw forbidden(request.kind, request.name, met.error);
  }

  /** Asks, and throws for a refusal. Undefined when the webhook failed and that does not matter. */
  async ask(webhook: Webhook, kind: Kind, request: AdmissionRequest): Promise<Verdict | undefined> {
    let verdict: Verdict;
    try {
      verdict = await this.verdict(webhook, kind, request);
    } catch (error) {
      if (!(error instanceof WebhookFailure)) throw error;
      if (!webhook.failClosed) return undefined;
      throw internalError(`failed calling webhook ${JSON.stringify(webhook.name)}: ${error.message}`);
    }
    request.warnings.push(...verdict.warnings);
    if (!verdict.allowed) throw denial(webhook.name, verdict.status);
    return verdict;
  }

  private async verdict(webhook: Webhook, kind: Kind, request: AdmissionRequest): Promise<Verdict> {
    const uid = this.options.random.uid();
    const review = { kind: 'AdmissionReview', apiVersion: reviewVersion, request: { uid, ...requestOf(request, kind) } };
    const answer = await call(webhook, review, this.options);
    if (!webhook.reviewVersions.includes('v1'))
      throw new WebhookFailure('failed to call webhook: converting (v1.AdmissionReview) to (v1beta1.AdmissionReview): unknown conversion');
    return verdictOf(answer, uid, this.type);
  }

  /** Asks, and applies the patch. Returns whether the object has changed. */
  async mutate(webhook: Webhook, kind: Kind, request: AdmissionRequest): Promise<boolean> {
    const verdict = await this.ask(webhook, kind, request);
    if (verdict?.patch === undefined || verdict.patch.length === 0 || request.object === undefined) return false;
    return applyWebhookPatch(request, kind, verdict.patch);
  }
}
