// MutatingAdmissionWebhook and ValidatingAdmissionWebhook: programs of the user's own have a say in every write.
// https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/
import { ApiError, forbidden, internalError } from '../../../apimachinery/errors/api-error.js';
import type { Clock } from '../../../clock/clock.js';
import type { Random } from '../../../clock/random.js';
import type { Kind } from '../../../registry/kind.js';
import type { AdmissionPlugin, AdmissionRequest } from '../chain.js';
import { activationOf, type ActivationContext } from '../policies/activation.js';
import { answered } from '../policies/authorizer-variables.js';
import { denial, verdictOf, WebhookFailure, type Verdict } from './answer.js';
import { tellFailedOpen, tellMutation, tellOwn, tellPatch, type Turn } from './audit.js';
import { call } from './call.js';
import { webhooksOf, type Webhook, type WebhookType } from './hooks.js';
import { isExempt, kindFor, selects } from './match.js';
import { namespaceLabels } from './namespace-labels.js';
import { applyWebhookPatch } from './patched.js';
import { reviewOf, reviewVersion } from './review.js';

export interface WebhookOptions extends ActivationContext {
  readonly random: Random;
  /** Real time, in which webhooks must answer. */
  readonly systemClock: Clock;
}

/** In the order of their configurations' names; what one has changed, the next one sees. */
export function mutatingWebhooks(options: WebhookOptions): AdmissionPlugin {
  const hooks = webhooksOf('mutating', options.registry, options.storages);
  const asking = new Asking('mutating', options);
  const name = 'MutatingAdmissionWebhook';
  return {
    name,
    subresources: 'all',
    handles: ({ kind }) => hooks.any() && !isExempt(kind),
    async admit(request, rounds) {
      const invocations = rounds.of(name);
      // Of a deletion there is no object that anybody could change.
      if (request.object !== undefined) invocations.begin(request.object);
      const round = rounds.again ? 1 : 0;
      for (const [index, webhook] of (await hooks.all()).entries()) {
        if (!invocations.isDue(webhook)) continue;
        const kind = await asking.kindFor(webhook, request);
        if (kind !== undefined) invocations.done(webhook, await asking.mutate(webhook, kind, request, { round, index }), webhook.reinvoked);
      }
      if (request.object !== undefined) invocations.end(request.object);
    },
  };
}

/** All at once; of several refusals the client hears that of the first. */
export function validatingWebhooks(options: WebhookOptions): AdmissionPlugin {
  const hooks = webhooksOf('validating', options.registry, options.storages);
  const asking = new Asking('validating', options);
  return {
    name: 'ValidatingAdmissionWebhook',
    subresources: 'all',
    handles: ({ kind }) => hooks.any() && !isExempt(kind),
    async validate(request) {
      const asked: { readonly webhook: Webhook; readonly kind: Kind }[] = [];
      for (const webhook of await hooks.all()) {
        const kind = await asking.kindFor(webhook, request);
        if (kind !== undefined) asked.push({ webhook, kind });
      }
      const verdicts = await Promise.allSettled(
        asked.map(({ webhook, kind }, index) => asking.ask(webhook, kind, request, { round: 0, index })),
      );
      for (const verdict of verdicts) if (verdict.status === 'rejected') throw verdict.reason;
    },
  };
}

/** The webhook said no: no failure of it. */
class Refused extends Error {
  constructor(override readonly cause: ApiError) {
    super(cause.message);
  }
}

/** What the webhook answered cannot be carried out. */
class Unusable extends Error {}

function unchangeable({ name }: Webhook): ApiError {
  return internalError(
    `admission webhook ${JSON.stringify(name)} attempted to modify the object, which is not supported for this operation`,
  );
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
    const { conditions } = webhook;
    if (conditions === undefined) return kind;
    const { metrics } = this.options;
    const took = metrics.begin();
    const met = await answered(async () => conditions(await activationOf(request, kind, this.options)));
    if (met === true) return kind;
    const excluded = met === false || !webhook.failClosed;
    const { name } = webhook;
    const { operation } = request;
    const told = met === false ? false : 'error';
    metrics.conditions.add({ kind: 'webhook', name, operation, type: this.type, met: told, excluded, seconds: took() });
    if (met === false || excluded) return undefined;
    throw forbidden(request.kind, request.name, met.error);
  }

  /** As {@link consult}, and counts how it went. */
  async ask(webhook: Webhook, kind: Kind, request: AdmissionRequest, turn: Turn): Promise<Verdict | undefined> {
    return this.counted(webhook, request, () => this.consult(webhook, kind, request, turn));
  }

  private async counted<T>({ name }: Webhook, { operation }: AdmissionRequest, work: () => Promise<T>): Promise<T> {
    const { metrics } = this.options;
    const took = metrics.begin();
    const call = { name, operation, type: this.type };
    try {
      const result = await work();
      metrics.webhook({ ...call, code: 200, rejection: undefined, seconds: took() });
      return result;
    } catch (error) {
      const cause = error instanceof Refused || error instanceof Unusable ? error.cause : error;
      const status = cause instanceof ApiError ? (cause.status.code ?? 500) : 500;
      const [code, rejection] =
        error instanceof Refused
          ? ([status, 'no_error'] as const)
          : error instanceof Unusable
            ? ([0, 'apiserver_internal_error'] as const)
            : ([status, 'calling_webhook_error'] as const);
      metrics.webhook({ ...call, code, rejection, seconds: took() });
      throw cause;
    }
  }

  /** Asks, and throws for a refusal. Undefined when the webhook failed and that does not matter. */
  private async consult(webhook: Webhook, kind: Kind, request: AdmissionRequest, turn: Turn): Promise<Verdict | undefined> {
    let verdict: Verdict;
    try {
      verdict = await this.verdict(webhook, kind, request);
    } catch (error) {
      if (!(error instanceof WebhookFailure)) throw error;
      if (!webhook.failClosed) {
        this.options.metrics.failedOpen(webhook.name, this.type);
        tellFailedOpen(request.audit, this.type, webhook, turn);
        return undefined;
      }
      throw internalError(`failed calling webhook ${JSON.stringify(webhook.name)}: ${error.message}`);
    }
    request.warnings.push(...verdict.warnings);
    tellOwn(request.audit, webhook, verdict.auditAnnotations);
    if (!verdict.allowed) throw new Refused(denial(webhook.name, verdict.status));
    return verdict;
  }

  private async verdict(webhook: Webhook, kind: Kind, request: AdmissionRequest): Promise<Verdict> {
    const uid = this.options.random.uid();
    const review = { kind: 'AdmissionReview', apiVersion: reviewVersion, request: { uid, ...(await reviewOf(request, kind)) } };
    const answer = await call(webhook, review, this.options);
    if (!webhook.reviewVersions.includes('v1'))
      throw new WebhookFailure('failed to call webhook: converting (v1.AdmissionReview) to (v1beta1.AdmissionReview): unknown conversion');
    return verdictOf(answer, uid, this.type);
  }

  /** Asks, and applies the patch. Returns whether the object has changed. */
  async mutate(webhook: Webhook, kind: Kind, request: AdmissionRequest, turn: Turn): Promise<boolean> {
    let mutated = false;
    try {
      return await this.counted(webhook, request, async () => {
        const verdict = await this.consult(webhook, kind, request, turn);
        if (verdict?.patch === undefined || verdict.patch.length === 0) return false;
        if (request.object === undefined) throw new Unusable('there is no object', { cause: unchangeable(webhook) });
        mutated = await applyWebhookPatch(request, kind, verdict.patch, this.options.registry).catch((cause: unknown) => {
          throw new Unusable('the patch cannot be applied', { cause });
        });
        tellPatch(request.audit, webhook, turn, verdict.patch);
        return mutated;
      });
    } finally {
      tellMutation(request.audit, webhook, turn, mutated);
    }
  }
}
