// Asks a webhook who may do what. https://kubernetes.io/docs/reference/access-authn-authz/webhook/
import { LRUCache } from 'lru-cache';
import type { ClientConfig } from '../../../client/kubeconfig/kubeconfig.js';
import type { Clock } from '../../../clock/clock.js';
import { askWebhook, RedirectedError } from '../../authentication/outbound.js';
import { ReviewProblem } from '../../authentication/webhook-answer.js';
import { unknownRules, type Attributes, type Authorizer, type Decision } from '../authorizer.js';
import type { WebhookSettings } from '../configuration/authorization-configuration.js';
import type { Met } from '../configuration/match-conditions.js';
import { readReview } from './review-answer.js';
import { reviewOf } from './review-question.js';

export interface WebhookAuthorizerOptions {
  readonly settings: Omit<WebhookSettings, 'kubeConfigFile'>;
  /** Where it is and how it is reached: the cluster and user of a kubeconfig. */
  readonly config: ClientConfig;
  /** Real time: webhooks are outside the cluster. */
  readonly clock: Clock;
  /** So many questions at once, 2000 by default: more than flow control lets through by far. */
  readonly mostAsking?: number;
}

const mostRemembered = 8192;
/** Questions with longer texts are asked each time. */
const longestRemembered = 10_000;
const usualMostAsking = 2000;

const noOpinion: Decision = { allowed: false, reason: '' };

/** What it answers is remembered for a while, failures are not. */
export function createWebhookAuthorizer({ settings, config, clock, mostAsking = usualMostAsking }: WebhookAuthorizerOptions): Authorizer {
  const remembered = new LRUCache<string, { readonly decision: Decision; readonly until: number }>({ max: mostRemembered });
  let asking = 0;

  const failed = (error: string): Decision => ({
    allowed: false,
    reason: '',
    error,
    ...(settings.failurePolicy === 'Deny' ? { denied: true } : {}),
  });

  async function question(review: { readonly spec: unknown }, key: string): Promise<Decision> {
    // Whoever asks for much must not open connections without end.
    if (asking >= mostAsking) return failed('too many questions to the webhook at once');
    asking++;
    let decision: Decision;
    try {
      decision = readReview(await askWebhook(config, review, clock, settings.timeout), settings.subjectAccessReviewVersion);
    } catch (error) {
      if (error instanceof ReviewProblem) return failed(error.message);
      return failed(
        `Post "${error instanceof RedirectedError ? error.location : `${config.server}?timeout=${settings.timeout / 1000}s`}": ${error instanceof Error ? error.message : String(error)}`,
      );
    } finally {
      asking--;
    }
    if (decision.error === undefined) remember(key, decision);
    return decision;
  }

  function remember(key: string, decision: Decision): void {
    const [cached, time] = decision.allowed
      ? [settings.cacheAuthorizedRequests, settings.authorizedTTL]
      : [settings.cacheUnauthorizedRequests, settings.unauthorizedTTL];
    if (cached && time > 0 && key.length < longestRemembered) remembered.set(key, { decision, until: clock.monotonic() + time });
  }

  function decide(attributes: Attributes, met: Met): Decision | Promise<Decision> {
    if (met === false) return noOpinion;
    if (met !== true) return failed(met.error);
    const review = reviewOf(attributes, settings.subjectAccessReviewVersion);
    const key = JSON.stringify(review.spec);
    const known = remembered.get(key);
    return known !== undefined && known.until > clock.monotonic() ? known.decision : question(review, key);
  }

  return {
    authorize(attributes: Attributes) {
      const met = settings.matchConditions?.(attributes) ?? true;
      return met instanceof Promise ? met.then((late) => decide(attributes, late)) : decide(attributes, met);
    },
    rulesFor: () => unknownRules('webhook authorizer does not support user rule resolution'),
  };
}
