// Tokens that somebody else knows: a webhook is sent a TokenReview for each.
// https://kubernetes.io/docs/reference/access-authn-authz/authentication/#webhook-token-authentication
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { isRecord } from '../../apimachinery/object.js';
import type { Clock } from '../../clock/clock.js';
import type { ClientConfig } from '../../client/kubeconfig/kubeconfig.js';
import type { UserInfo } from '../../registry/kind.js';
import type { TokenAnswer, TokenAuthenticator } from './token-authenticator.js';
import { askWebhook } from './outbound.js';

export interface WebhookTokenOptions {
  /** Where it is and how it is reached: the cluster and user of a kubeconfig. */
  readonly config: ClientConfig;
  readonly clock: Clock;
  /** The API server's own audiences. */
  readonly audiences: readonly string[];
  /** Of the TokenReviews that are sent; v1beta1 when absent, as with the real server. */
  readonly version?: 'v1' | 'v1beta1' | undefined;
  /** Seconds for which an answer is remembered, good or bad; 120 when absent, 0: not at all. */
  readonly cacheSeconds?: number | undefined;
  /** So many questions at once; 500 when absent. */
  readonly mostAsking?: number;
}

const patience = 30_000;
const mostRemembered = 4096;
const usualMostAsking = 500;

/** Asks the webhook; what it answers is remembered for a while, errors are not. */
export function createWebhookTokens(options: WebhookTokenOptions): TokenAuthenticator {
  const { config, clock, audiences, version = 'v1beta1', cacheSeconds = 120, mostAsking = usualMostAsking } = options;
  const remembered = new LRUCache<string, { readonly answer: TokenAnswer; readonly until: number }>({ max: mostRemembered });
  /** One question at a time about one token. */
  const asking = new Map<string, Promise<TokenAnswer>>();

  const question = async (token: string, asked: readonly string[]): Promise<TokenAnswer> => {
    const apiVersion = `authentication.k8s.io/${version}`;
    const review = { kind: 'TokenReview', apiVersion, metadata: {}, spec: { token, audiences: asked }, status: { user: {} } };
    let status: number;
    let text: string;
    try {
      ({ status, text } = await askWebhook(config, review, clock, patience, undefined, patience));
    } catch (error) {
      return { user: undefined, error: error instanceof Error ? error.message : String(error) };
    }
    if (status < 200 || status > 299) {
      return {
        user: undefined,
        error: `an error on the server (${JSON.stringify(text.slice(0, 2048))}) has prevented the request from succeeding`,
      };
    }
    const answer = readAnswer(text, asked, audiences);
    if (answer.user !== undefined || answer.final) remember(token, asked, answer);
    return answer;
  };
  const remember = (token: string, asked: readonly string[], answer: TokenAnswer): void => {
    if (cacheSeconds > 0) remembered.set(keyOf(token, asked), { answer, until: clock.monotonic() + cacheSeconds * 1000 });
  };
  return {
    async authenticateToken(token, asked = audiences) {
      const key = keyOf(token, asked);
      const known = remembered.get(key);
      if (known !== undefined && known.until > clock.monotonic()) return known.answer;
      let running = asking.get(key);
      if (running === undefined) {
        // Whoever sends tokens at random must not open connections without end.
        if (asking.size >= mostAsking) return { user: undefined, error: 'too many questions to the webhook at once' };
        running = question(token, asked).finally(() => asking.delete(key));
        asking.set(key, running);
      }
      return running;
    },
  };
}

/** Tokens themselves are not kept. */
function keyOf(token: string, asked: readonly string[]): string {
  return createHash('sha256')
    .update(JSON.stringify([token, asked]))
    .digest('base64');
}

type ReadAnswer = TokenAnswer & { readonly final?: boolean };

/** What the webhook says. An answer without audiences is good for the API server's own alone. */
function readAnswer(text: string, asked: readonly string[], audiences: readonly string[]): ReadAnswer {
  let review: unknown;
  try {
    review = JSON.parse(text);
  } catch (error) {
    return { user: undefined, error: `the webhook's answer is no JSON: ${(error as Error).message}` };
  }
  if (!isRecord(review) || review['kind'] !== 'TokenReview' || !isRecord(review['status']))
    return { user: undefined, error: "the webhook's answer is no TokenReview" };
  const { authenticated, user, error } = review['status'];
  if (authenticated !== true || !isRecord(user))
    return { user: undefined, final: true, ...(typeof error === 'string' && error !== '' ? { error } : {}) };
  const said = texts(review['status']['audiences']);
  const accepted = asked.filter((audience) => (said.length === 0 ? audiences : said).includes(audience));
  return accepted.length === 0 ? { user: undefined, final: true } : { user: userOf(user), audiences: accepted };
}

function userOf({ username, uid, groups, extra }: Readonly<Record<string, unknown>>): UserInfo {
  const more = isRecord(extra) ? Object.entries(extra).map(([key, values]) => [key, texts(values)] as const) : [];
  return {
    name: typeof username === 'string' ? username : '',
    groups: texts(groups),
    ...(typeof uid === 'string' && uid !== '' ? { uid } : {}),
    ...(more.length === 0 ? {} : { extra: Object.fromEntries(more) }),
  };
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
}
